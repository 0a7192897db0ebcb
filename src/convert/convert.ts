/** From a specification to a framework's call, or to steps around one. */
import type { Pair } from '../geometry/index.js';
import { type Axis, extent, padsFor, type Resolved, resolve } from './resolve.js';
import type { Conversion, Converted, Spec, Step } from './types.js';

/** A framework's call for a convolution, or why there is none. */
export type Convert = (resolved: Resolved) => Converted | string;

export function conversion(fn: string, spec: Spec, inputShape: readonly number[] | undefined, convert: Convert): Conversion {
  const resolved = resolve(fn, spec, inputShape);
  const made = convert(resolved);
  return typeof made === 'string' ? { impossible: made, instead: sequence(resolved, convert) } : made;
}

type Change = 'unsqueezed' | 'padded' | 'dilated';
/** Fewest changes first; a kernel with its zeros written out multiplies most for nothing, so that it comes last. */
const CHANGES: readonly (readonly Change[])[] = [
  ['padded'],
  ['unsqueezed'],
  ['dilated'],
  ['unsqueezed', 'padded'],
  ['padded', 'dilated'],
  ['unsqueezed', 'dilated'],
  ['unsqueezed', 'padded', 'dilated'],
];

/** The shortest way with steps before and after a call. */
function sequence(resolved: Resolved, convert: Convert): Step[] {
  for (const changes of CHANGES) {
    if (changes.includes('unsqueezed') && resolved.axes.length !== 1) continue;
    const changed = changes.reduce<Resolved>((each, change) => CHANGE[change](each), resolved);
    const made = convert(changed);
    if (typeof made === 'string') continue;
    const weight = changes.filter((change) => change !== 'padded');
    const call: Step = weight.length > 0 ? { ...made, weight } : made;
    return around(changes, resolved, call);
  }
  return [];
}

const CHANGE: Readonly<Record<Change, (resolved: Resolved) => Resolved>> = {
  unsqueezed: (resolved) => ({
    ...resolved,
    axes: [{ kernel: 1, stride: 1, dilation: 1, input: 1, padding: [0, 0] }, ...resolved.axes],
  }),
  padded: (resolved) => ({
    ...resolved,
    padMode: 'zeros',
    bias: resolved.bias && !padsResult(resolved),
    axes: resolved.axes.map((axis): Axis => {
      const [before, after] = padsFor(resolved, axis);
      const input = resolved.transposed || axis.input === undefined ? axis.input : axis.input + before + after;
      return { ...axis, input, padding: [0, 0], rule: undefined, border: undefined };
    }),
  }),
  dilated: (resolved) => ({
    ...resolved,
    axes: resolved.axes.map((axis): Axis => ({ ...axis, kernel: axis.dilation * (axis.kernel - 1) + 1, dilation: 1 })),
  }),
};

/** Whether zeros are added to the output, which the bias has to be added to as well. */
const padsResult = (resolved: Resolved): boolean =>
  resolved.transposed && resolved.axes.some((axis) => padsFor(resolved, axis).some((side) => side < 0));

function around(changes: readonly Change[], resolved: Resolved, call: Step): Step[] {
  const unsqueezed = changes.includes('unsqueezed');
  const within: Step[] = unsqueezed ? [{ unsqueeze: true }, call, { squeeze: true }] : [call];
  if (!changes.includes('padded')) return within;
  const { transposed, axes, padMode, bias } = resolved;
  const pads = axes.map((axis) => padsFor(resolved, axis));
  const parts = (sign: number): Pair[] => pads.map(([before, after]) => [Math.max(0, sign * before), Math.max(0, sign * after)]);
  const some = (part: readonly Pair[]): boolean => part.some(([before, after]) => before > 0 || after > 0);
  const [crop, pad] = transposed ? [parts(1), parts(-1)] : [parts(-1), parts(1)];
  const cropping: Step[] = some(crop) ? [{ crop }] : [];
  const padding: Step[] = some(pad) ? [{ pad, mode: padMode }] : [];
  if (!transposed) return [...cropping, ...padding, ...within];
  // Zeros go in first where else nothing would be left for a moment.
  const all = axes.some((axis, index) => {
    const [before, after] = crop[index] as Pair;
    return before + after >= extent(true, axis, axis.input ?? 1, [0, 0]);
  });
  const late: Step[] = bias && some(pad) ? [{ bias: true }] : [];
  return [...within, ...(all ? [...padding, ...cropping] : [...cropping, ...padding]), ...late];
}

/** The output's spatial sizes, where the input's are known. */
export function outputSpace(resolved: Resolved): number[] | undefined {
  const sizes = resolved.axes.map((axis) =>
    axis.input === undefined ? undefined : extent(resolved.transposed, axis, axis.input, padsFor(resolved, axis)),
  );
  return sizes.includes(undefined) ? undefined : (sizes as number[]);
}

/** What a framework's weight must have that the convolution's has not, whatever its padding. */
export function weightChanges(resolved: Resolved, convert: Convert): readonly ('dilated' | 'unsqueezed')[] | undefined {
  const axes = resolved.axes.map(
    (axis): Axis => ({ ...axis, input: axis.dilation * axis.kernel, padding: [0, 0], rule: undefined, border: undefined }),
  );
  const plain: Resolved = { ...resolved, axes, padMode: 'zeros' };
  const changes = [[], ...CHANGES].find((each) => {
    if (each.includes('padded') || (each.includes('unsqueezed') && axes.length !== 1)) return false;
    return typeof convert(each.reduce<Resolved>((changed, change) => CHANGE[change](changed), plain)) !== 'string';
  });
  return changes as readonly ('dilated' | 'unsqueezed')[] | undefined;
}
