/** Calls and steps on numbers, by their meaning: images are planes of channels, weights are read in each framework's own order. */
import type { Conversion, Step, Tensor } from '../../src/convert/index.js';
import { type Call, meaning, type Name, OUTSIDE } from './meaning.js';
import { stepsOf, withKernel } from './steps.js';

/** One image, channel by channel. */
export interface Planes {
  readonly channels: number;
  readonly space: readonly number[];
  readonly data: readonly number[];
}

export interface Operands {
  readonly x: Planes;
  readonly w: Tensor;
  /** One for each output channel; undefined for none. */
  readonly bias: readonly number[] | undefined;
  readonly groups: number;
  readonly out: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The element of a weight for an output and an input channel and a tap, all counted from zero; undefined where the two are in different groups. */
type Read = (o: number, i: number, tap: readonly number[]) => number;

function reader(framework: Name, { op, args }: Call, { w, x, groups, out }: Operands): Read {
  const [o1, i1] = [out / groups, x.channels / groups];
  const element = (...at: number[]): number => {
    if (at.length !== w.shape.length || at.some((position, axis) => position < 0 || position >= (w.shape[axis] as number)))
      throw new Error(`weight ${w.shape} at ${at}`);
    return w.data[at.reduce((index, position, axis) => index * (w.shape[axis] as number) + position, 0)] as number;
  };
  const transposed = /transpose/i.test(op);
  if (/depthwise/i.test(op)) return (o, i, tap) => element(...tap, i, o - i * o1);
  const orders: Record<string, Read> = {
    oihw: (o, i, tap) => element(o, i % i1, ...tap),
    hwio: (o, i, tap) => element(...tap, i % i1, o),
    ohwi: (o, i, tap) => (transposed ? element(o % o1, ...tap, i) : element(o, ...tap, i % i1)),
    ihwo: (o, i, tap) => element(i % i1, ...tap, o),
    iohw: (o, i, tap) => element(i, o % o1, ...tap),
    hwoi: (o, i, tap) => element(...tap, o % o1, i),
  };
  const of = (order: string): Read => orders[order] as Read;
  if (framework === 'keras' && transposed) return (o, i, tap) => element(...tap, o, i);
  if (framework === 'tfjs') return transposed ? (o, i, tap) => element(...tap, o, i) : (o, i, tap) => element(...tap, i, o);
  if (framework === 'keras') return of('hwio');
  if (framework === 'webnn' && args.filterLayout) return of(args.filterLayout as string);
  if (framework === 'simdconv' && args.layout === 'channels-last') return of(transposed ? 'hwoi' : 'hwio');
  return of(transposed ? 'iohw' : 'oihw');
}

/** Whether channels meet in a call: those without groups of their own take every input for every output. */
function meet(framework: Name, { op }: Call, { groups, x, out }: Operands): (o: number, i: number) => boolean {
  const dense = !/depthwise/i.test(op) && (framework === 'tfjs' || (framework === 'keras' && op.endsWith('Transpose')));
  return (o, i) => dense || Math.floor(o / (out / groups)) === Math.floor(i / (x.channels / groups));
}

const places = (space: readonly number[]): number[][] =>
  space.reduce<number[][]>((list, size) => list.flatMap((head) => Array.from({ length: size }, (_, at) => [...head, at])), [[]]);

export function compute(framework: Name, call: Call, operands: Operands): Planes {
  const mode = (call.args.padding_mode ?? call.args.padMode ?? 'zeros') as string;
  if (mode !== 'zeros') return withBorder(framework, call, operands, mode);
  const { x, bias, out } = operands;
  const maps = meaning(framework, call, x.space);
  const space = maps.map((map) => map.length);
  const read = reader(framework, call, operands);
  const meets = meet(framework, call, operands);
  const taps = places(maps.map((map) => (map[0] as readonly number[]).length));
  const data: number[] = [];
  for (let o = 0; o < out; o++) {
    for (const place of places(space)) {
      let sum = bias?.[o] ?? 0;
      for (const tap of taps) {
        const at = place.map((position, axis) => maps[axis]?.[position]?.[tap[axis] as number] as number);
        if (at.includes(OUTSIDE)) continue;
        const index = at.reduce((index, position, axis) => index * (x.space[axis] as number) + position, 0);
        for (let i = 0; i < x.channels; i++) if (meets(o, i)) sum += read(o, i, tap) * (x.data[i * product(x.space) + index] as number);
      }
      data.push(sum);
    }
  }
  return { channels: out, space, data };
}

/** Each axis shows positions of another image; OUTSIDE shows zero. */
function shown(x: Planes, lines: readonly (readonly number[])[]): Planes {
  const space = lines.map((line) => line.length);
  const data: number[] = [];
  for (let c = 0; c < x.channels; c++) {
    for (const place of places(space)) {
      const at = place.map((position, axis) => lines[axis]?.[position] as number);
      const index = at.reduce((index, position, axis) => index * (x.space[axis] as number) + position, 0);
      data.push(at.includes(OUTSIDE) ? 0 : (x.data[c * product(x.space) + index] as number));
    }
  }
  return { ...x, space, data };
}

function continued(size: number, [before, after]: readonly [number, number], mode: string): number[] {
  const line = Array.from({ length: size }, (_, at) => at);
  const past = (distance: number): { start: number; end: number } => {
    if (mode === 'replicate') return { start: 0, end: size - 1 };
    if (mode === 'circular') return { start: size - distance, end: distance - 1 };
    return mode === 'reflect' ? { start: distance, end: size - 1 - distance } : { start: OUTSIDE, end: OUTSIDE };
  };
  const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > most) throw new Error(`refused: ${mode} of ${Math.max(before, after)} beside ${size}`);
  for (let distance = 1; distance <= before; distance++) line.unshift(past(distance).start);
  for (let distance = 1; distance <= after; distance++) line.push(past(distance).end);
  return line;
}

/** A border other than zeros: what is padded is made first. Of this library a negative pad crops before that. */
function withBorder(framework: Name, { op, args }: Call, operands: Operands, mode: string): Planes {
  const { x } = operands;
  const zeros = { op, args: { ...args, padding_mode: 'zeros', padMode: 'zeros' } };
  const maps = meaning(framework, zeros, x.space);
  const pads = x.space.map((size, axis): [number, number] => padsOf(framework, zeros, axis, size));
  const cropped = shown(
    x,
    x.space.map((size, axis) => {
      const [before, after] = pads[axis] as [number, number];
      return Array.from({ length: size }, (_, at) => at).slice(Math.max(0, -before), size - Math.max(0, -after));
    }),
  );
  const lines = cropped.space.map((size, axis) =>
    continued(size, (pads[axis] as [number, number]).map((side) => Math.max(0, side)) as [number, number], mode),
  );
  const y = compute(framework, { op, args: { ...zeros.args, padding: 0 } }, { ...operands, x: shown(cropped, lines) });
  if (String(y.space) !== String(maps.map((map) => map.length))) throw new Error('a border changed the size');
  return y;
}

function padsOf(framework: Name, { args }: Call, axis: number, size: number): [number, number] {
  const value = (each: unknown): number => (Array.isArray(each) ? each[axis] : (each ?? 1)) as number;
  const [k, s, d] = [value(args.kernel_size ?? args.kernelSize), value(args.stride), value(args.dilation)];
  const padding = args.padding ?? 0;
  const one: unknown = Array.isArray(padding) ? padding[axis] : padding;
  if (Array.isArray(one)) return one as [number, number];
  if (typeof one === 'number') return [one, one];
  if (one === 'valid') return [0, 0];
  const reach = d * (k - 1) + 1;
  if (one === 'causal') return [reach - 1, 0];
  const total = framework === 'pytorch' ? reach - 1 : Math.max(0, (Math.ceil(size / s) - 1) * s + reach - size);
  return one === 'same' ? [total >> 1, total - (total >> 1)] : [total - (total >> 1), total >> 1];
}

/** All steps of a conversion. `weight` is what weightTo gives for it. */
export function computeSteps(
  framework: Name,
  made: Conversion,
  kernel: readonly number[],
  dilation: readonly number[],
  operands: Operands,
): Planes {
  const steps = stepsOf(made);
  const late = steps.some((step) => 'bias' in step);
  return steps.reduce<Planes>(
    (x, step) => apply(framework, step, kernel, dilation, { ...operands, x, bias: late ? undefined : operands.bias }, operands.bias),
    operands.x,
  );
}

function apply(
  framework: Name,
  step: Step,
  kernel: readonly number[],
  dilation: readonly number[],
  operands: Operands,
  bias: Operands['bias'],
): Planes {
  const { x } = operands;
  if ('op' in step) {
    const said = step.args.bias ?? step.args.use_bias;
    if ((framework === 'pytorch' || framework === 'keras') && (said ?? true) !== (operands.bias !== undefined))
      throw new Error(`bias ${said}`);
    const wide = step.weight?.includes('dilated') ? kernel.map((k, axis) => (k - 1) * (dilation[axis] as number) + 1) : kernel;
    const own = step.weight?.includes('unsqueezed') ? [1, ...wide] : wide;
    return compute(framework, { op: step.op, args: withKernel(step.args, own) }, operands);
  }
  if ('bias' in step) {
    const each = product(x.space);
    return { ...x, data: x.data.map((value, index) => value + (bias?.[Math.floor(index / each)] ?? 0)) };
  }
  if ('unsqueeze' in step) return { ...x, space: [1, ...x.space] };
  if ('squeeze' in step) return { ...x, space: x.space.slice(1) };
  if ('pad' in step)
    return shown(
      x,
      x.space.map((size, axis) => continued(size, step.pad[axis] as [number, number], step.mode)),
    );
  return shown(
    x,
    x.space.map((size, axis) => {
      const [before, after] = step.crop[axis] as [number, number];
      return Array.from({ length: size }, (_, at) => at).slice(before, size - after);
    }),
  );
}
