import type { ConvGeometry } from '../geometry/index.js';
import type { Algorithm } from '../types.js';
import type { Exports } from './generated/exports.js';
import { directView, phaseCount, phaseViews, type View } from './view.js';

/**
 * How a product is computed: by one kernel over one or more views. The selector below is the only place that chooses, from the geometry alone.
 *
 *   gemm      fprop: GEMM with the column matrix packed on the fly; dgrad: GEMM into columns, added into x tap by tap
 *   phases    dgrad: a dense GEMM convolution for each phase of the stride
 */
export interface Program {
  /** What to run instead when the weight is not finite: this one multiplies zeros that C does not have, and 0·∞ would be NaN. */
  readonly unlessFinite?: Program;
  readonly algorithm: string;
  readonly method: Method;
  readonly views: readonly View[];
}

/** A kernel, and how it wants its weight. Addresses in bytes; `g` is the address of a view. */
export interface Method {
  /** Whether it runs on a weight as it lies in memory; else only on a packed one. */
  readonly plain: boolean;
  packedBytes(k: Exports, g: number): number;
  pack(k: Exports, g: number, w: number, to: number, workspace: number): void;
  run(k: Exports, g: number, x: number, w: number, packed: boolean, y: number, finish: Finish, workspace: number): void;
}

/** Address of the bias (0 for none) and activation, as the kernels take them. */
export interface Finish {
  readonly bias: number;
  readonly activation: number;
  readonly slope: number;
}

const gemm: Method = {
  plain: true,
  packedBytes: (k, g) => k.packedWeightBytes(g) >>> 0,
  pack: (k, g, w, to, workspace) => k.packWeight(g, w, to, workspace),
  run: (k, g, x, w, packed, y, f, workspace) => k.fprop(g, x, w, packed, y, f.bias, f.activation, f.slope, workspace),
};

/** dgrad by way of the columns. Its weight is never packed. */
const columns: Method = {
  plain: true,
  packedBytes: () => 0,
  pack: () => {},
  run: (k, g, y, w, _packed, x, f, workspace) => k.dgrad(g, y, w, x, f.bias, f.activation, f.slope, workspace),
};

/** A stride of so many phases has few positions in each: there the columns are quicker. */
const MOST_PHASES = 256;

export function fpropProgram(g: ConvGeometry, _allowed: Algorithm): Program {
  return { algorithm: 'gemm', method: gemm, views: [directView(g)] };
}

export function dgradProgram(g: ConvGeometry, allowed: Algorithm): Program {
  const unlessFinite: Program = { algorithm: 'gemm', method: columns, views: [directView(g)] };
  if (allowed === 'gemm' || phaseCount(g) > MOST_PHASES) return unlessFinite;
  return { algorithm: 'phases', method: gemm, views: phaseViews(g), unlessFinite };
}

/** The program for a weight: `program`, or what replaces it for one that is not finite. */
export function fitting(program: Program, k: Exports, w: number, length: number): Program {
  return program.unlessFinite && !k.allFinite(w, length) ? program.unlessFinite : program;
}
