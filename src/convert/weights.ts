/** The order of a weight in each framework, and from one to another. */
import { checkTensor } from '../arithmetic/tensor.js';
import { OptionError, ShapeError } from '../errors.js';
import { describe, show, sizeOf } from '../geometry/index.js';
import type { FreshTensor, Layout, Tensor } from '../types.js';
import { weightChanges } from './convert.js';
import { CONVERT, TITLE } from './frameworks.js';
import { isDepthwise as isDepthwiseInKeras } from './keras.js';
import { resolve } from './resolve.js';
import { isDepthwise as isDepthwiseInTfjs } from './tfjs.js';
import type { Framework, Spec } from './types.js';

/**
 * A weight's axes by letters: O and I all channels of the output and the input, o and i those of one group, g the groups, m the outputs of one of them, * the taps. With
 * both O and I and several groups it is block-diagonal.
 */
type Letter = 'O' | 'I' | 'o' | 'i' | 'g' | 'm' | '*';

interface Order {
  readonly letters: readonly Letter[];
  /** Zeros between the taps are written out. */
  readonly dilated: boolean;
  /** There is a first spatial axis of one tap. */
  readonly unsqueezed: boolean;
}

/** Channels by groups: o and i of each. */
interface Channels {
  readonly groups: number;
  readonly o: number;
  readonly i: number;
}

/** [of a convolution, of a transposed one]. */
type Both = readonly [forward: string, transposed: string];
const FIRST: Both = ['Oi*', 'Io*'];
const LAST: Both = ['*iO', '*oI'];
const ORDERS: Readonly<Record<Framework, (layout: Layout) => Both>> = {
  pytorch: () => FIRST,
  onnx: () => FIRST,
  webnn: () => FIRST,
  simdconv: (layout) => (layout === 'channels-first' ? FIRST : LAST),
  keras: () => ['*iO', '*OI'],
  tfjs: () => ['*IO', '*OI'],
};
const DEPTHWISE = '*gm';
const FILTERS: Readonly<Record<string, Both>> = {
  oihw: FIRST,
  iohw: FIRST,
  hwio: LAST,
  hwoi: LAST,
  ohwi: ['O*i', 'o*I'],
  ihwo: ['i*O', 'i*O'],
};

/**
 * A weight of the framework that the convolution was read from, in another framework's order: axes permuted, depthwise filters by channel, and where the other has no
 * groups (transposed ones of Keras, all but depthwise ones of TensorFlow.js) block-diagonal. It is never rotated. Where `to…` gives a step whose weight is
 * dilated or unsqueezed, it is that.
 *
 * @param weight In the source's own order: PyTorch, ONNX [O, I/g, ...k], transposed [I, O/g, ...k]; Keras [...k, I/g, O], depthwise [...k, I, m], transposed [...k, O, I];
 * TensorFlow.js the same; WebNN by its filterLayout; simdconv by its layout.
 * @param inputShape What `to…` was given, if it was: whether Keras has a layer of its own for a depthwise convolution of one axis depends on the padding.
 * @throws ShapeError for a shape that is not this convolution's; OptionError for an unknown framework or one that has no such convolution.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'conv1d', kernelSize: 2 });
 * const w = { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] };
 * weightTo(spec, 'keras', w).data; // [1, 5, 3, 7, 2, 6, 4, 8]
 * ```
 */
export function weightTo(spec: Spec, framework: Framework, weight: Tensor, inputShape?: readonly number[]): FreshTensor {
  return moved('weightTo', { spec, framework, inputShape }, weight, true);
}

/**
 * The inverse of `weightTo`: a weight in the other framework's order, in the order of the one that the convolution was read from. Of a block-diagonal one only the
 * blocks are kept, of a dilated one only the taps.
 *
 * @throws As `weightTo`.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'conv1d', kernelSize: 2 });
 * const w = { data: Float32Array.of(1, 5, 3, 7, 2, 6, 4, 8), shape: [2, 2, 2] };
 * weightFrom(spec, 'keras', w).data; // [1, 2, 3, 4, 5, 6, 7, 8]
 * ```
 */
export function weightFrom(spec: Spec, framework: Framework, weight: Tensor, inputShape?: readonly number[]): FreshTensor {
  return moved('weightFrom', { spec, framework, inputShape }, weight, false);
}

interface Way {
  readonly spec: Spec;
  readonly framework: Framework;
  readonly inputShape: readonly number[] | undefined;
}

function moved(fn: string, way: Way, weight: Tensor, away: boolean): FreshTensor {
  const { spec, framework } = way;
  if (!Object.hasOwn(ORDERS, framework)) {
    throw new OptionError(fn, `framework is ${describe(framework)}; expected one of ${Object.keys(ORDERS).join(', ')}`);
  }
  const shape = checkTensor(fn, 'weight', weight);
  const source = sourceOrder(spec);
  const channels = away ? channelsOf(fn, spec, source, shape) : channelsOfTarget(fn, way, shape);
  const target = targetOrder(fn, way, channels);
  const [own, other] = [place(spec, source, channels), place(spec, target, channels)];
  const [from, to] = away ? [own, other] : [other, own];
  if (show(shape) !== show(from.shape)) throw new ShapeError(fn, `weight is ${show(shape)}; expected ${show(from.shape)}, ${from.text}`);
  const data = new Float32Array(sizeOf(to.shape));
  const taps = sizeOf(spec.axes.map((axis) => axis.kernel));
  for (let g = 0; g < channels.groups; g++) {
    for (let o = 0; o < channels.o; o++) {
      for (let i = 0; i < channels.i; i++) {
        for (let tap = 0; tap < taps; tap++) data[to.at(g, o, i, tap)] = weight.data[from.at(g, o, i, tap)] as number;
      }
    }
  }
  return { data, shape: to.shape };
}

const order = (letters: string, changes: readonly string[] = []): Order => ({
  letters: [...letters] as Letter[],
  dilated: changes.includes('dilated'),
  unsqueezed: changes.includes('unsqueezed'),
});

function sourceOrder(spec: Spec): Order {
  const both = spec.source === 'webnn' && spec.filterLayout !== undefined ? FILTERS[spec.filterLayout] : ORDERS[spec.source](spec.layout);
  return order(spec.groups === 'depthwise' ? DEPTHWISE : ((both ?? FIRST)[spec.transposed ? 1 : 0] as string));
}

function targetOrder(fn: string, { spec, framework, inputShape }: Way, channels: Channels): Order {
  const { groups, o, i } = channels;
  const resolved = resolve(fn, { ...spec, groups, inChannels: groups * i, outChannels: groups * o }, inputShape);
  const changes = weightChanges(resolved, CONVERT[framework]);
  if (changes === undefined) {
    throw new OptionError(fn, `${TITLE[framework]} has no convolution of ${spec.axes.length} axes`);
  }
  const depthwise = (framework === 'keras' && isDepthwiseInKeras(resolved)) || (framework === 'tfjs' && isDepthwiseInTfjs(resolved));
  return order(depthwise ? DEPTHWISE : (ORDERS[framework](spec.layout)[spec.transposed ? 1 : 0] as string), changes);
}

/** The channels of a weight of this shape, whose kernel's sizes are checked later. */
function channelsOf(fn: string, spec: Spec, { letters }: Order, shape: readonly number[]): Channels {
  const spatial = shape.length - letters.length + 1;
  if (spatial < 1) throw new ShapeError(fn, `weight is ${show(shape)}; expected two axes of channels and ${spec.axes.length} of taps`);
  const start = letters.indexOf('*');
  const sizes = [...shape];
  sizes.splice(start, spatial, 1);
  const size = (letter: Letter): number | undefined => sizes[letters.indexOf(letter)];
  const ins = size('I') ?? spec.inChannels ?? Math.floor((size('O') ?? 1) / (spec.depthMultiplier ?? 1));
  const groups = size('g') ?? (spec.groups === 'depthwise' ? ins : spec.groups);
  const each = (one: Letter, all: Letter): number => size(one) ?? Math.floor((size(all) ?? groups) / groups);
  return { groups, o: size('m') ?? each('o', 'O'), i: each('i', 'I') };
}

/** Which order it is depends on the channels, and the channels are read by the order: that under which it all holds together. */
function channelsOfTarget(fn: string, way: Way, shape: readonly number[]): Channels {
  const { spec, framework } = way;
  const plain = order(ORDERS[framework](spec.layout)[spec.transposed ? 1 : 0] as string);
  const found = [plain, order(DEPTHWISE)]
    .map((letters) => channelsOf(fn, spec, letters, shape))
    .filter((channels) => {
      const { groups, o, i } = channels;
      if (o < 1 || i < 1 || (spec.groups === 'depthwise' ? i !== 1 : groups !== spec.groups)) return false;
      if (spec.inChannels !== undefined && groups * i !== spec.inChannels) return false;
      return show(place(spec, targetOrder(fn, way, channels), channels).shape) === show(shape);
    });
  const [first, second] = found;
  if (first && second && first.i !== second.i) {
    throw new OptionError(
      fn,
      `weight is ${show(shape)}, which may be depthwise or of ${spec.groups} groups; say inChannels of the convolution`,
    );
  }
  return first ?? channelsOf(fn, spec, plain, shape);
}

interface Place {
  readonly shape: readonly number[];
  /** The order in words. */
  readonly text: string;
  /** Of an output and an input of a group, and a tap. */
  at(g: number, o: number, i: number, tap: number): number;
}

const TEXT: Readonly<Record<Letter, string>> = { O: 'O', I: 'I', o: 'O/groups', i: 'I/groups', g: 'I', m: 'multiplier', '*': '...k' };

function place(spec: Spec, { letters, dilated, unsqueezed }: Order, { groups, o, i }: Channels): Place {
  const kernel = spec.axes.map((axis) => axis.kernel);
  const wide = spec.axes.map((axis) => (dilated ? axis.dilation * (axis.kernel - 1) + 1 : axis.kernel));
  const sizes: Readonly<Record<Letter, number>> = { O: groups * o, I: groups * i, o, i, g: groups, m: o, '*': sizeOf(wide) };
  const steps = new Map(letters.map((letter, at) => [letter, sizeOf(letters.slice(at + 1).map((each) => sizes[each]))]));
  const step = (letter: Letter): number => steps.get(letter) ?? 0;
  // Where a tap of the kernel stands among those of the wide one.
  const positions = Array.from({ length: sizeOf(kernel) }, (_, tap) => {
    let [rest, at, run] = [tap, 0, 1];
    for (let axis = kernel.length - 1; axis >= 0; axis--) {
      const k = kernel[axis] as number;
      at += (rest % k) * (dilated ? (spec.axes[axis]?.dilation ?? 1) : 1) * run;
      rest = Math.floor(rest / k);
      run *= wide[axis] as number;
    }
    return at;
  });
  const taps = unsqueezed ? [1, ...wide] : wide;
  return {
    shape: letters.flatMap((letter) => (letter === '*' ? taps : [sizes[letter]])),
    text: `[${letters.map((letter) => TEXT[letter]).join(', ')}]`,
    at: (g, a, b, tap) =>
      (positions[tap] as number) * step('*') +
      (g * o + a) * step('O') +
      (g * i + b) * step('I') +
      a * (step('o') + step('m')) +
      b * step('i') +
      g * step('g'),
  };
}
