import type { View } from './conv-view.js';
import type { Points } from './fft.js';
import type { Exports } from './generated/exports.js';
import { packedWeightBytes, winogradPackedBytes } from './sizes.js';
import type { Cut } from './split.js';

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
  /** What a view of it may be cut along, as split.ts says, and whether it writes x from y: of phases, too, it is from x to y. */
  readonly cuts: readonly Cut[];
  readonly adjoint: boolean;
  /** Of Fourier transforms. */
  readonly points?: Points;
  /** fprop: from x to y; dgrad: from y to x, or a phase of it. */
  run(k: Exports, g: number, from: number, w: Weight, to: number, epilogue: Finish, workspace: number): void;
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

/** All that one element of the result is not summed over. */
const RESULTS: readonly Cut[] = ['batch', 'groups', 'rows', 'columns', 'channels'];

const none = (): number => 0;
const nothing = (): void => {};

/** GEMM with the column matrix packed on the fly. */
export const gemm: Method = {
  cuts: RESULTS,
  adjoint: false,
  plain: true,
  scratchBytes: none,
  packing: 'gemm',
  packedBytes: (k, view) => packedWeightBytes(view, k.MR.value, k.NR.value),
  pack: (k, g, w, to, workspace) => k.packWeight(g, w, to, workspace),
  run: (k, g, from, w, to, e, workspace) =>
    k.fprop(g, from, w.packed || w.plain, w.packed > 0, to, e.bias, e.activation, e.slope, workspace),
};

/** The same with the weight packed before, for one that would be packed again for every block of positions, element by element. */
export const gemmPacked: Method = { ...gemm, plain: false };

const winogradOf = (size: 2 | 4): Method => ({
  cuts: RESULTS,
  adjoint: false,
  plain: false,
  scratchBytes: (k) => k.WINOGRAD_WORKSPACE.value,
  packing: `winograd ${size}`,
  packedBytes: (k, view) => winogradPackedBytes(view, size, k.MR.value),
  pack: (k, g, w, to, workspace) => k.winogradPack(g, size, w, to, workspace),
  spare: gemm,
  run: (k, g, from, w, to, e, workspace) =>
    k.winograd(g, size, from, w.packed, w.spare || w.plain, w.spare > 0, to, e.bias, e.activation, e.slope, workspace),
});

/** Winograd's F(4×4, 3×3) and F(2×2, 3×3). */
export const winograd4 = winogradOf(4);
export const winograd2 = winogradOf(2);

/** A weight that is read as it is, by one pass over y or x. */
const direct = (run: Method['run'], cuts = RESULTS, adjoint = false): Method => ({
  plain: true,
  scratchBytes: none,
  packing: '',
  packedBytes: none,
  pack: nothing,
  cuts,
  adjoint,
  run,
});

/** Depthwise sums over the taps, no GEMM: of a convolution, or of its adjoint view. */
export const depthwise = direct((k, g, from, w, to, e, workspace) =>
  k.depthwise(g, from, w.plain, to, e.bias, e.activation, e.slope, workspace),
);
/** Sums over the channels and taps of a view with few channels of y, no GEMM. */
export const fewChannels = direct((k, g, from, w, to, e, workspace) =>
  k.fewChannels(g, from, w.plain, to, e.bias, e.activation, e.slope, workspace),
);
/** Fourier transforms of so many points; the kernel's are made in each call, beside which they are few. */
export function fftOf(points: Points): Method {
  const [height, width] = points;
  const angle = (2 * Math.PI) / Math.max(height, width);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const method = direct((k, g, from, w, to, e, workspace) =>
    k.fft(g, height, width, cosine, sine, from, w.plain, to, e.bias, e.activation, e.slope, workspace),
  );
  return { ...method, cuts: ['batch', 'groups', 'rows', 'columns'], points, scratchBytes: (k) => k.FFT_WORKSPACE.value };
}
/** dgrad by GEMM into columns, which are added into x tap by tap. */
export const columns = direct(
  (k, g, from, w, to, e, workspace) => k.dgrad(g, from, w.plain, to, e.bias, e.activation, e.slope, workspace),
  ['batch', 'groups', 'inputs'],
  true,
);

/** A gradient of the weight: dw from x and y. */
export interface WgradMethod {
  /** As Method's. */
  scratchBytes(k: Exports): number;
  readonly cuts: readonly Cut[];
  /** Whether it may compute these operands; else 'wgrad' does. Absent where it always may. */
  serves?(k: Exports, g: number, x: number, y: number, workspace: number): boolean;
  run(k: Exports, g: number, x: number, y: number, dw: number, workspace: number): void;
}

/** Each by its kernel. */
export const WGRADS = {
  wgrad: {
    scratchBytes: none,
    cuts: ['groups', 'channels'],
    run: (k, g, x, y, dw, workspace) => k.wgrad(g, x, y, dw, workspace),
  },
  depthwiseWgrad: {
    scratchBytes: none,
    cuts: ['groups'],
    run: (k, g, x, y, dw, workspace) => k.depthwiseWgrad(g, x, y, dw, workspace),
  },
  fewChannelsWgrad: {
    scratchBytes: none,
    cuts: ['groups', 'channels'],
    run: (k, g, x, y, dw, workspace) => k.fewChannelsWgrad(g, x, y, dw, workspace),
  },
  winogradWgrad: {
    scratchBytes: (k) => k.WINOGRAD_WGRAD_WORKSPACE.value,
    cuts: ['groups', 'channels'],
    serves: (k, g, x, y, workspace) => Boolean(k.winogradWgradServes(g, x, y, workspace)),
    run: (k, g, x, y, dw, workspace) => k.winogradWgrad(g, x, y, dw, workspace),
  },
} as const satisfies Record<string, WgradMethod>;
