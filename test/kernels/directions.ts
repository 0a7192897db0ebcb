/** Convolutions of any shape, forward and both gradients by kernels of their own, against the reference: whole numbers to the bit, floats within rounding. */
import { expect } from 'vitest';
import { type Epilogue, NO_EPILOGUE } from '../../src/engine.js';
import { type ConvGeometry, convGeometry, volume, wLength, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import type { Layout } from '../../src/types.js';
import { close, equal } from '../suite/check.js';
import { floats, integers } from './random.js';

export const LAYOUTS = ['channels-first', 'channels-last'] as const;
export const DIRECTIONS = ['forward', 'dgrad', 'wgrad'] as const;
export type Direction = (typeof DIRECTIONS)[number];
type Axis = readonly [size: number, kernel: number, stride?: number, dilation?: number, before?: number, after?: number];

export interface Case {
  readonly axes: readonly Axis[];
  readonly groups: number;
  /** Channels of a group. */
  readonly xGroup: number;
  readonly yGroup: number;
  readonly batch: number;
  readonly layout: Layout;
}

/** The kernel under test: a direction's two operands, and how long the result is. */
export type Run = (
  what: string,
  direction: Direction,
  g: ConvGeometry,
  operands: readonly [Float32Array, Float32Array],
  length: number,
  epilogue: Epilogue,
) => Float32Array;

const EPSILON = 2 ** -23;
const reference = referenceEngine();

export function geometryOf({ axes, groups, xGroup, yGroup, batch, layout }: Case): ConvGeometry {
  const size = axes.map(([each]) => each);
  const kernel = axes.map(([, each]) => each);
  const first = layout === 'channels-first';
  return convGeometry(
    'conv',
    axes.length,
    first ? [batch, groups * xGroup, ...size] : [batch, ...size, groups * xGroup],
    first ? [groups * yGroup, xGroup, ...kernel] : [...kernel, xGroup, groups * yGroup],
    {
      stride: axes.map(([, , stride = 1]) => stride),
      dilation: axes.map(([, , , dilation = 1]) => dilation),
      padding: axes.map(([, , , , before = 0, after = 0]) => [before, after] as const),
      groups,
      layout,
    },
  ).geometry;
}

const nameOf = ({ axes, groups, xGroup, yGroup, batch, layout }: Case): string =>
  `${layout} batch ${batch}, ${groups} groups of ${xGroup} → ${yGroup}, ${axes
    .map(([size, k, s = 1, d = 1, before = 0, after = 0]) => `${size} k${k} s${s} d${d} p${before},${after}`)
    .join(' × ')}`;

type Operands = Readonly<Record<'x' | 'w' | 'y', Float32Array>>;

const operandsOf = (g: ConvGeometry, fill: (length: number, seed: number) => Float32Array): Operands => ({
  x: fill(xLength(g), 1),
  w: fill(wLength(g), 2),
  y: fill(yLength(g), 3),
});

const inputs = (direction: Direction, { x, w, y }: Operands): readonly [Float32Array, Float32Array] =>
  (({ forward: [x, w], dgrad: [y, w], wgrad: [x, y] }) as const)[direction];

function expected(direction: Direction, g: ConvGeometry, operands: Operands, epilogue: Epilogue): Float32Array {
  const [a, b] = inputs(direction, operands);
  const out = new Float32Array({ forward: yLength(g), dgrad: xLength(g), wgrad: wLength(g) }[direction]);
  if (direction === 'wgrad') reference.wgrad(g, a, b, out);
  else reference[direction === 'forward' ? 'fprop' : 'dgrad'](g, a, b, out, epilogue);
  return out;
}

/** Terms of a sum. */
const termsOf = (direction: Direction, g: ConvGeometry): number =>
  ({
    forward: volume(g.kernel) * (g.xChannels / g.groups),
    dgrad: volume(g.kernel) * (g.yChannels / g.groups),
    wgrad: volume(g.ySize) * g.batch,
  })[direction];

const flat = (data: Float32Array) => ({ data, shape: [data.length] });

/** With no bias or activation; without a bias or with one, and any activation; with both. */
function epiloguesOf(direction: Direction, g: ConvGeometry): Epilogue[] {
  if (direction === 'wgrad') return [NO_EPILOGUE];
  const channels = direction === 'dgrad' ? g.xChannels : g.yChannels;
  const bias = integers(channels, 4);
  const activation = (['none', 'relu', 'relu6', 'leakyRelu'] as const)[(channels + volume(g.ySize)) % 4] ?? 'none';
  return [
    NO_EPILOGUE,
    { bias: volume(g.xSize) % 2 ? bias : null, activation, slope: activation === 'leakyRelu' ? 0.25 : 0 },
    { bias, activation: 'relu', slope: 0 },
  ];
}

export function check(run: Run, each: Case): void {
  const g = geometryOf(each);
  const [exact, real] = [operandsOf(g, integers), operandsOf(g, floats)];
  const magnitudes = { x: real.x.map(Math.abs), w: real.w.map(Math.abs), y: real.y.map(Math.abs) };
  for (const direction of DIRECTIONS) {
    const what = `${direction} ${nameOf(each)}`;
    for (const epilogue of epiloguesOf(direction, g)) {
      const want = expected(direction, g, exact, epilogue);
      const got = run(what, direction, g, inputs(direction, exact), want.length, epilogue);
      equal(flat(got), flat(want), `${what}, ${epilogue.activation}`);
    }
    const want = expected(direction, g, real, NO_EPILOGUE);
    const got = run(what, direction, g, inputs(direction, real), want.length, NO_EPILOGUE);
    const scale = Float64Array.from(expected(direction, g, magnitudes, NO_EPILOGUE));
    const terms = termsOf(direction, g);
    close(flat(got), flat(want), scale.map((each) => (terms + 1) * EPSILON * each), what); // biome-ignore format: one line
  }
}

/** Infinity and NaN reach what the definition says: padding is multiplied in forward and wgrad, only real pairs meet in dgrad. */
export function checkSpecial(run: Run, each: Case, directions: (operand: keyof Operands) => readonly Direction[] = () => DIRECTIONS): void {
  const g = geometryOf(each);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const operand of ['x', 'w', 'y'] as const) {
      const { length } = operandsOf(g, integers)[operand];
      for (const index of [0, length >> 1, length - 1]) {
        const operands = operandsOf(g, integers);
        operands[operand][index] = value;
        for (const direction of directions(operand)) {
          const what = `${direction} ${nameOf(each)}, ${value} at ${operand}[${index}]`;
          const want = expected(direction, g, operands, NO_EPILOGUE);
          equal(flat(run(what, direction, g, inputs(direction, operands), want.length, NO_EPILOGUE)), flat(want), what);
        }
      }
    }
  }
}

/** An image's result is the same alone, and first or second of two. */
export function checkPlace(run: Run, each: Case): void {
  const [one, two] = [geometryOf({ ...each, batch: 1 }), geometryOf({ ...each, batch: 2 })];
  const operands = operandsOf(one, floats);
  for (const direction of ['forward', 'dgrad'] as const) {
    const [a, w] = inputs(direction, operands);
    const length = direction === 'forward' ? yLength(one) : xLength(one);
    const single = run('one image', direction, one, [a, w], length, NO_EPILOGUE);
    const both = run('two images', direction, two, [Float32Array.of(...a, ...a), w], 2 * length, NO_EPILOGUE);
    expect(both.subarray(0, length)).toEqual(single);
    expect(both.subarray(length)).toEqual(single);
  }
}
