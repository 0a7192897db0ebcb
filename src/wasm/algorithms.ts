import type { View } from './conv-view.js';
import type { Exports } from './generated/exports.js';
import { packedWeightBytes, winogradPackedBytes } from './sizes.js';

/** A kernel, and how it wants its weight. Addresses in bytes; `g` is the address of a view. */
export interface Method {
  /** Whether it runs on a weight as it lies in memory; else only on a packed one. */
  readonly plain: boolean;
  /** Scratch beyond the fixed workspace, in bytes; where there is any, it is what `workspace` below means. */
  scratchBytes(k: Exports): number;
  /** What a packed weight is called: methods of the same name pack alike. */
  readonly packing: string;
  /** Bytes of a packed weight; 0 where a weight is never packed. */
  packedBytes(k: Exports, view: View): number;
  pack(k: Exports, g: number, w: number, to: number, workspace: number): void;
  /** What computes the outputs that this method leaves: a plan packs the weight for both. */
  readonly spare?: Method;
  run(k: Exports, g: number, x: number, w: Weight, y: number, finish: Finish, workspace: number): void;
}

/** Addresses of a weight: as it lies in memory, packed, and packed for the spare method; 0 for what there is not. */
export interface Weight {
  readonly plain: number;
  readonly packed: number;
  readonly spare: number;
}

/** Address of the bias (0 for none) and activation, as the kernels take them. */
export interface Finish {
  readonly bias: number;
  readonly activation: number;
  readonly slope: number;
}

const none = (): number => 0;
const nothing = (): void => {};

/** GEMM with the column matrix packed on the fly. */
export const gemm: Method = {
  plain: true,
  scratchBytes: none,
  packing: 'gemm',
  packedBytes: (k, view) => packedWeightBytes(view, k.MR.value, k.NR.value),
  pack: (k, g, w, to, workspace) => k.packWeight(g, w, to, workspace),
  run: (k, g, x, w, y, f, workspace) => k.fprop(g, x, w.packed || w.plain, w.packed > 0, y, f.bias, f.activation, f.slope, workspace),
};

/** The same with the weight packed before, for one that would be packed again for every block of positions, element by element. */
export const gemmPacked: Method = { ...gemm, plain: false };

const winogradOf = (size: 2 | 4): Method => ({
  plain: false,
  scratchBytes: (k) => k.WINOGRAD_WORKSPACE.value,
  packing: `winograd ${size}`,
  packedBytes: (k, view) => winogradPackedBytes(view, size, k.MR.value),
  pack: (k, g, w, to, workspace) => k.winogradPack(g, size, w, to, workspace),
  spare: gemm,
  run: (k, g, x, w, y, f, workspace) =>
    k.winograd(g, size, x, w.packed, w.spare || w.plain, w.spare > 0, y, f.bias, f.activation, f.slope, workspace),
});

/** Winograd's F(4×4, 3×3) and F(2×2, 3×3). */
export const winograd4 = winogradOf(4);
export const winograd2 = winogradOf(2);

/** A weight that is read as it is, by one pass over y or x. */
const direct = (run: Method['run']): Method => ({ plain: true, scratchBytes: none, packing: '', packedBytes: none, pack: nothing, run });

/** Depthwise sums over the taps, no GEMM. */
export const depthwise = direct((k, g, x, w, y, f, workspace) => k.depthwise(g, x, w.plain, y, f.bias, f.activation, f.slope, workspace));
export const depthwiseDgrad = direct((k, g, y, w, x, f, workspace) =>
  k.depthwiseDgrad(g, y, w.plain, x, f.bias, f.activation, f.slope, workspace),
);
/** Sums over the channels and taps of a view with few channels of y, no GEMM. */
export const fewChannels = direct((k, g, x, w, y, f, workspace) =>
  k.fewChannels(g, x, w.plain, y, f.bias, f.activation, f.slope, workspace),
);
/** dgrad by GEMM into columns, which are added into x tap by tap. */
export const columns = direct((k, g, y, w, x, f, workspace) => k.dgrad(g, y, w.plain, x, f.bias, f.activation, f.slope, workspace));
