/** What can be done to a picture: kernels as numbers, and what stands beyond its edges. */
import type { PadMode } from 'simdconv';

/** A square kernel. Each output is Σ tap · pixel / divisor + offset. */
export interface Filter {
  readonly size: number;
  /** Row by row. */
  readonly taps: readonly number[];
  readonly divisor: number;
  /** Added to every output: the bias of the convolution. Black is 0, white is 1. */
  readonly offset: number;
}

export interface NamedFilter extends Filter {
  readonly name: string;
  readonly what: string;
}

export const FILTERS: readonly NamedFilter[] = [
  {
    name: 'Blur',
    what: 'A mean of the neighbours, where near ones count more.',
    size: 5,
    taps: [1, 4, 6, 4, 1, 4, 16, 24, 16, 4, 6, 24, 36, 24, 6, 4, 16, 24, 16, 4, 1, 4, 6, 4, 1],
    divisor: 256,
    offset: 0,
  },
  {
    name: 'Sharpen',
    what: 'The pixel, and again by how much it differs from its neighbours.',
    size: 3,
    taps: [0, -1, 0, -1, 5, -1, 0, -1, 0],
    divisor: 1,
    offset: 0,
  },
  {
    name: 'Edges',
    what: 'How much a pixel differs from its neighbours. Even areas become 0: black.',
    size: 3,
    taps: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
    divisor: 1,
    offset: 0,
  },
  {
    name: 'Edges, left to right',
    what: "Sobel's slope: brighter than grey where the picture becomes brighter to the right.",
    size: 3,
    taps: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    divisor: 4,
    offset: 0.5,
  },
  {
    name: 'Emboss',
    what: 'As if the picture were pressed into metal, with light from above on the left.',
    size: 3,
    taps: [-2, -1, 0, -1, 0, 1, 0, 1, 2],
    divisor: 2,
    offset: 0.5,
  },
  {
    name: 'Own 3×3',
    what: 'Start from the kernel that changes nothing.',
    size: 3,
    taps: [0, 0, 0, 0, 1, 0, 0, 0, 0],
    divisor: 1,
    offset: 0,
  },
  {
    name: 'Own 5×5',
    what: 'Start from the kernel that changes nothing.',
    size: 5,
    taps: Array.from({ length: 25 }, (_, i) => (i === 12 ? 1 : 0)),
    divisor: 1,
    offset: 0,
  },
];

/** Beyond the edge: one of the library's modes, or nothing, which makes the picture smaller. */
export type Border = PadMode | 'none';

export const BORDERS: Readonly<Record<Border, string>> = {
  replicate: 'the edge goes on (replicate)',
  reflect: 'its mirror image (reflect)',
  circular: 'the other side (circular)',
  zeros: 'black (zeros)',
  none: 'nothing: the picture gets smaller',
};
