/** What the steps of a conversion mean: the maps of its call, and what steps before and after do to them. */
import type { Conversion, Step } from '../../src/convert/index.js';
import { type AxisMap, meaning, type Name, OUTSIDE } from './meaning.js';

export const stepsOf = (made: Conversion): readonly Step[] => ('impossible' in made ? made.instead : [made]);

/** Arguments of a call as its framework has them, and the kernel, which WebNN, TensorFlow.js and simdconv read from the weight. */
export const withKernel = (args: object, kernel: readonly number[]): Record<string, unknown> => ({ ...args, kernelSize: kernel });

/** The maps of all steps together, by the taps of the convolution's own kernel. `unread` is a position that only the padding fills. */
export function meaningOfSteps(
  framework: Name,
  steps: readonly Step[],
  kernel: readonly number[],
  dilation: readonly number[],
  space: readonly number[],
): AxisMap[] {
  let sizes = [...space];
  // Which position of the first input each position of the present one shows.
  let shown = space.map((size) => Array.from({ length: size }, (_, at) => at));
  let maps: AxisMap[] | undefined;
  for (const step of steps) {
    if ('op' in step) {
      const changes = step.weight ?? [];
      const dilated = changes.includes('dilated');
      const taps = dilated ? kernel.map((k, axis) => (k - 1) * (dilation[axis] as number) + 1) : [...kernel];
      const own = changes.includes('unsqueezed') ? [1, ...taps] : taps;
      const call = { op: step.op, args: withKernel(step.args, own) };
      maps = meaning(framework, call, sizes).map((map, axis) =>
        map.map((row) => {
          const d =
            dilated && own.length === kernel.length ? (dilation[axis] as number) : dilated && axis > 0 ? (dilation[axis - 1] as number) : 1;
          return row.filter((_, tap) => tap % d === 0).map((at) => (at === OUTSIDE ? OUTSIDE : (shown[axis]?.[at] as number)));
        }),
      );
    } else if ('unsqueeze' in step) {
      sizes = [1, ...sizes];
      shown = [[0], ...shown];
    } else if ('squeeze' in step) {
      if (maps?.[0]?.length !== 1) throw new Error('squeezes an axis that is not 1');
      maps = maps.slice(1);
    } else if ('crop' in step || 'pad' in step) {
      const [pads, sign] = 'crop' in step ? [step.crop, -1] : [step.pad, 1];
      const resized = <T>(rows: readonly T[], axis: number, fill: T): T[] => {
        const [before, after] = pads[axis] as readonly [number, number];
        if (sign < 0 && before + after >= rows.length) throw new Error('nothing is left');
        if (sign < 0) return rows.slice(before, rows.length - after);
        return [...Array<T>(before).fill(fill), ...rows, ...Array<T>(after).fill(fill)];
      };
      if (maps) maps = maps.map((map, axis) => resized(map, axis, Array<number>(kernel[axis] as number).fill(OUTSIDE)));
      else {
        shown = shown.map((line, axis) => resized(line, axis, OUTSIDE));
        sizes = shown.map((line) => line.length);
      }
    }
  }
  if (!maps) throw new Error('no call');
  return maps;
}

export const sameMap = (a: AxisMap, b: AxisMap): boolean =>
  a.length === b.length && a.every((row, o) => row.length === b[o]?.length && row.every((at, tap) => at === b[o]?.[tap]));

export const sameMaps = (a: readonly AxisMap[], b: readonly AxisMap[]): boolean =>
  a.length === b.length && a.every((map, axis) => sameMap(map, b[axis] as AxisMap));
