/** What a contestant of the race is, and what of a case it needs to know. */
import type { ConvGeometry } from '../../src/geometry/index.js';
import type { Layout, Tensor } from '../../src/types.js';
import { type Case, geometryOf, isConv } from '../cases.js';
import type { Operands } from '../problem.js';

export interface Peer {
  readonly name: string;
  readonly kind: 'wasm' | 'native' | 'js';
  readonly version: string;
  /** Ours is timed in the same one against it. */
  readonly layout: Layout;
  /** On how many it runs; absent for one. */
  readonly threads?: number;
  /** Readies the case, or says why it cannot: with a string. */
  prepare(c: Case, operands: Operands): Promise<Entry | string>;
}

/** A case made ready: operands where the peer wants them, weights packed if it packs them. */
export interface Entry {
  /** Computes the case once; what it returns is awaited if it is a promise. */
  run(): unknown;
  /** Computes the case once and reads the result, in the shape and layout of ours. */
  result(): Promise<Float32Array> | Float32Array;
  /** Called, off the clock, before `run` gets its turn. */
  enter?(): Promise<unknown>;
  /** The same after its turn. */
  leave?(): Promise<unknown>;
  dispose(): unknown;
}

/** The case as one of the three products of its matrix C, whichever op and direction it is named after. */
export interface Product {
  readonly product: 'fprop' | 'dgrad' | 'wgrad';
  readonly g: ConvGeometry;
  /** Spatial axes. */
  readonly rank: number;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly w: Tensor;
}

export function productOf(c: Case, { input, weight, gradOutput }: Operands): Product | undefined {
  if (!isConv(c)) return undefined;
  const transposed = c.op.startsWith('convTranspose');
  return {
    product: c.direction === 'gradWeight' ? 'wgrad' : (c.direction === 'forward') === transposed ? 'dgrad' : 'fprop',
    g: geometryOf(c),
    rank: c.weight.length - 2,
    x: transposed ? gradOutput : input,
    y: transposed ? input : gradOutput,
    w: weight,
  };
}

/** Axes of a geometry that the case has. */
export const lastAxes = (axes: readonly number[], rank: number): number[] => axes.slice(3 - rank);

/** Zeros after the last row of x that some output reads; negative where the last rows of x are read by none. */
export function padAfter({ xSize, ySize, kernel, stride, dilation, padBefore }: ConvGeometry): number[] {
  return xSize.map((size, axis) => {
    const at = (axes: readonly number[]): number => axes[axis] ?? 0;
    return (at(ySize) - 1) * at(stride) + (at(kernel) - 1) * at(dilation) + 1 - at(padBefore) - size;
  });
}
