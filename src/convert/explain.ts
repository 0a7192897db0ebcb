/** What a convolution does to an input of one size, in numbers and in words. */
import { relationship } from '../arithmetic/relationships.js';
import { OptionError } from '../errors.js';
import { dilatedKernel, imageShape } from '../geometry/index.js';
import { TITLE } from './frameworks.js';
import { type Axis, extent, padsFor, type Resolved, resolve } from './resolve.js';
import type { Spec } from './types.js';

/** The guide's relationship (arXiv 1603.07285) for an axis. */
export interface ExplainedRelationship {
  /** 1 to 15; null where the two sides differ in a way that the guide leaves out. */
  readonly number: number | null;
  /** Its premises in words. */
  readonly title: string;
  /** The output's size in the guide's letters. */
  readonly formula: string;
  /** The same with the numbers put in, and the result. */
  readonly filled: string;
}

/** One axis of an `Explanation`, in positions. */
export interface ExplainedAxis {
  /** The input's size. */
  readonly input: number;
  /** The output's size. */
  readonly output: number;
  /** Taps. */
  readonly kernel: number;
  /** What the taps span: dilation·(kernel - 1) + 1. */
  readonly reach: number;
  /** From one window to the next. */
  readonly stride: number;
  /** From one tap to the next. */
  readonly dilation: number;
  /** Added before the input, or cropped from the start of a transposed one's full output; negative the other way round. */
  readonly before: number;
  /** The same at the end. */
  readonly after: number;
  /** Of a transposed one what its windows reach, stride·(input - 1) + reach; null of a convolution. */
  readonly full: number | null;
  /** Of a convolution: positions of the padded input at its end that no window reaches. Of a transposed one: positions of the output that none reaches. */
  readonly unreached: number;
  /** How the output's size follows. */
  readonly relationship: ExplainedRelationship;
}

/** What `explain` gives. */
export interface Explanation {
  /** Whether it is transposed. */
  readonly transposed: boolean;
  /** One for each spatial axis. */
  readonly axes: readonly ExplainedAxis[];
  /** In the specification's layout, without the batch; null where the channels are not known. */
  readonly outputShape: readonly number[] | null;
  /** All of it in sentences, a line for each. */
  readonly text: string;
}

/**
 * What the convolution does to an input of this size: sizes, what is padded or cropped on each side, and which of the guide's relationships (arXiv 1603.07285) says so.
 *
 * @param inputShape [N, C, ...space] in the specification's layout, or without N, or the spatial sizes alone.
 * @throws ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'Conv2d', kernelSize: 3, stride: 2, padding: 1 });
 * const [axis] = explain(spec, [5, 5]).axes;
 * axis.output; // 3
 * axis.relationship.number; // 6
 * Array.from(axis.relationship.filled).slice(-1); // ['3']
 * ```
 */
export function explain(spec: Spec, inputShape: readonly number[]): Explanation {
  const fn = 'explain';
  if (inputShape === undefined) throw new OptionError(fn, 'inputShape is undefined; sizes follow from it');
  const resolved = resolve(fn, spec, inputShape);
  const axes = resolved.axes.map((axis) => explainAxis(resolved, axis));
  const { outChannels, transposed } = resolved;
  const space = axes.map((axis) => axis.output);
  const image = { batched: false, batch: 1, channels: outChannels ?? 0, space };
  return {
    transposed,
    axes,
    outputShape: outChannels === undefined ? null : imageShape(image, spec.layout),
    text: [summary(spec, resolved), ...axes.map((axis, index) => sentence(resolved, axis, index))].join('\n'),
  };
}

function explainAxis(resolved: Resolved, axis: Axis): ExplainedAxis {
  const { transposed } = resolved;
  const { kernel, stride, dilation } = axis;
  const input = axis.input as number; // explain has an inputShape
  const [before, after] = padsFor(resolved, axis);
  const reach = dilatedKernel(kernel, dilation);
  const output = extent(transposed, axis, input, [before, after]);
  const full = transposed ? stride * (input - 1) + reach : null;
  const spare = transposed ? Math.max(0, -before) + Math.max(0, -after) + gaps(axis, input, [before, after]) : 0;
  return {
    input,
    output,
    kernel,
    reach,
    stride,
    dilation,
    before,
    after,
    full,
    unreached: full === null ? input + before + after - reach - (output - 1) * stride : spare,
    relationship: related(transposed, { i: input, k: kernel, s: stride, d: dilation }, before, after, output),
  };
}

/** Positions of what is left of the full output that no tap of any window reaches: between taps, and between windows that do not touch. */
function gaps({ kernel, stride, dilation }: Axis, input: number, [before, after]: readonly [number, number]): number {
  const reached = new Set<number>();
  for (let i = 0; i < input; i++) for (let tap = 0; tap < kernel; tap++) reached.add(i * stride + tap * dilation);
  const full = stride * (input - 1) + dilatedKernel(kernel, dilation);
  let count = 0;
  for (let at = Math.max(0, before); at < full - Math.max(0, after); at++) if (!reached.has(at)) count++;
  return count;
}

function related(
  transposed: boolean,
  letters: { i: number; k: number; s: number; d: number },
  before: number,
  after: number,
  output: number,
): ExplainedRelationship {
  const { s, d } = letters;
  const a = before - after;
  const named = transposed ? a >= 0 && a < Math.max(s, d) : a === 0;
  if (!named) {
    const values = { ...letters, b: before, e: after };
    const formula = transposed
      ? "o' = s(i' - 1) + d(k - 1) + 1 - b - e, with b cropped at the beginning and e at the end"
      : 'o = ⌊(i + b + e - d(k - 1) - 1)/s⌋ + 1, with b added at the beginning and e at the end';
    return { number: null, title: 'unequal sides, which the guide leaves out', formula, filled: fill(formula, values, output) };
  }
  const { number, title, formula } = relationship({ ...letters, p: before, transposed, ...(transposed ? { a } : {}) });
  const k = transposed ? dilatedKernel(letters.k, d) : letters.k;
  return { number, title, formula, filled: fill(formula, { ...letters, k, p: before, a }, output) };
}

/** The formula with numbers for its letters. */
function fill(formula: string, values: Readonly<Record<string, number>>, output: number): string {
  const [equation = ''] = formula.split(', with');
  const [left, right = ''] = equation.split(' = ');
  const number = (letter: string): string => {
    const value = values[letter] ?? 0;
    return value < 0 ? `(${value})` : String(value);
  };
  const numbers = right
    .replaceAll("'", '')
    .replaceAll(')(', ')·(')
    .replaceAll(/([a-z])\(/g, '$1·(')
    .replaceAll(/(\d)([a-z])/g, '$1·$2')
    .replaceAll(/[a-z]/g, number);
  return numbers === String(output) ? `${left} = ${numbers}` : `${left} = ${numbers} = ${output}`;
}

function summary(spec: Spec, { axes, groups, inChannels, outChannels, padMode }: Resolved): string {
  const kernel = axes.map((axis) => axis.kernel).join('×');
  const what = `${spec.transposed ? 'Transposed convolution' : 'Convolution'} of ${axes.length} ${axes.length === 1 ? 'axis' : 'axes'}, kernel ${kernel}`;
  const channels = inChannels && outChannels ? `, ${inChannels} to ${outChannels} channels` : '';
  const apart = groups !== undefined && groups > 1 ? `, ${groups === inChannels ? 'depthwise' : `${groups} groups`}` : '';
  const border = padMode === 'zeros' ? '' : `, border '${padMode}'`;
  return `${what}${channels}${apart}${border}, as ${TITLE[spec.source]} has it.`;
}

function sentence({ transposed }: Resolved, axis: ExplainedAxis, index: number): string {
  const { input, output, kernel, reach, stride, dilation, before, after, full, unreached } = axis;
  const taps =
    dilation > 1 && kernel > 1 ? `${kernel} taps, ${dilation} apart, span ${reach}` : `${kernel} ${kernel === 1 ? 'tap' : 'taps'}`;
  const sides = (side: number, more: string, less: string): string => (side < 0 ? `${-side} ${less}` : `${side} ${more}`);
  const padding = transposed
    ? `its windows reach ${full}; ${sides(before, 'cropped', 'zeros added')} at the start, ${sides(after, 'cropped', 'zeros added')} at the end`
    : `${sides(before, 'added', 'cropped')} at the start, ${sides(after, 'added', 'cropped')} at the end`;
  const spare =
    unreached > 0
      ? `; ${unreached} ${transposed ? 'of the output' : 'at the end of it'} ${unreached === 1 ? 'is' : 'are'} reached by no window`
      : '';
  const { number, filled } = axis.relationship;
  const guide =
    number === null ? `No relationship of the guide, which has equal sides: ${filled}` : `Relationship ${number} of the guide: ${filled}`;
  return `Axis ${index}: input ${input}, ${taps}, stride ${stride}; ${padding}${spare}; output ${output}. ${guide}.`;
}
