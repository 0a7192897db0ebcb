/** Images, kernels and pads of odd sizes, of which Winograd's tiles and blocks are never a divisor. */
import type { Epilogue } from '../../src/engine.js';
import { type ConvGeometry, convGeometry } from '../../src/geometry/index.js';

export interface Case {
  readonly n?: number;
  readonly c: number;
  readonly o: number;
  readonly h: number;
  readonly w: number;
  /** Height and width; 3×3 where not given. */
  readonly kernel?: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly pads?: readonly [number, number, number, number];
  readonly groups?: number;
  readonly activation?: Epilogue['activation'];
  readonly bias?: boolean;
}

export function geometryOf(
  { n = 1, c, o, h, w, kernel = [3, 3], pads: [t, b, l, r] = [1, 1, 1, 1], groups = 1 }: Case,
  layout: ConvGeometry['layout'],
): ConvGeometry {
  const first = layout === 'channels-first';
  const options = {
    padding: [
      [t, b],
      [l, r],
    ] as [[number, number], [number, number]],
    groups,
    layout,
  };
  const weight = first ? [o, c / groups, ...kernel] : [...kernel, c / groups, o];
  return convGeometry('test', 2, first ? [n, c, h, w] : [n, h, w, c], weight, options).geometry;
}

export const ALL_SIZES: Case[] = Array.from({ length: 13 }, (_, i) => i + 1).flatMap((h) => [
  { c: 3, o: 5, h, w: ((h * 5) % 13) + 1 },
  { c: 2, o: 3, h, w: 14 - h, n: 2 },
]);

export const PADS: Case[] = (
  [
    [0, 0, 0, 0],
    [0, 1, 2, 0],
    [2, 0, 0, 1],
    [1, 2, 1, 0],
    [2, 2, 2, 2],
    [0, 2, 1, 2],
    // Wider than the kernel: a flipped view has negative pads, which crop.
    [3, 4, 4, 3],
    [4, 0, 3, 5],
  ] as const
).flatMap((pads) => [
  { c: 4, o: 8, h: 7, w: 9, pads },
  { c: 5, o: 3, h: 3, w: 4, pads, n: 3 },
]);

export const CHANNELS: Case[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17].flatMap((c, i) => [
  { c, o: ((c * 7) % 17) + 1, h: 6, w: 5, bias: true, activation: (['none', 'relu', 'relu6', 'leakyRelu'] as const)[i % 4] as 'relu' },
]);

export const LARGER: Case[] = [
  { c: 16, o: 24, h: 29, w: 31, bias: true, activation: 'relu' },
  { c: 7, o: 9, h: 20, w: 18, n: 3, bias: true, activation: 'leakyRelu' },
  { c: 2, o: 2, h: 3, w: 600 },
  { c: 2, o: 2, h: 600, w: 3 },
  { c: 1, o: 1, h: 61, w: 67 },
  { c: 8, o: 8, h: 1, w: 1, n: 3 },
  { c: 70, o: 75, h: 6, w: 6 },
  { c: 255, o: 8, h: 5, w: 4 },
  { c: 256, o: 7, h: 4, w: 4 },
  { c: 257, o: 9, h: 4, w: 5, bias: true },
  { c: 9, o: 256, h: 4, w: 7 },
];

export const GROUPS: Case[] = [
  { c: 4, o: 6, h: 7, w: 6, groups: 2, bias: true, activation: 'relu6' },
  { c: 15, o: 9, h: 5, w: 9, groups: 3, n: 2 },
  { c: 34, o: 18, h: 6, w: 5, groups: 2, n: 2, bias: true },
  { c: 5, o: 5, h: 6, w: 7, groups: 5 },
];

/** One to four blocks of taps along an axis; sizes around the tiles, pads wider than the kernel, more channels and tiles than a block of either build has. */
export const KERNELS: Case[] = [
  ...(
    [
      [3, 4],
      [4, 3],
      [4, 4],
      [5, 5],
      [6, 3],
      [5, 7],
      [7, 4],
      [8, 8],
      [3, 9],
      [10, 11],
    ] as const
  ).flatMap((kernel) => {
    const pads = [kernel[0] >> 1, (kernel[0] - 1) >> 1, kernel[1] >> 1, (kernel[1] - 1) >> 1] as const;
    return [
      ...[1, 2, 4, 5, 8, 11].map((h, i) => ({ c: 1 + i, o: 7 - i, h, w: 12 - h, n: 1 + (i % 2), kernel, pads })),
      { c: 5, o: 3, h: 7, w: 9, kernel, pads: [kernel[0], 3, 2, kernel[1] + 1] as const, bias: true, activation: 'relu6' as const },
      { c: 8, o: 10, h: 11, w: 13, groups: 2, n: 2, kernel, pads: [0, 1, 0, 0] as const },
    ];
  }),
  { c: 257, o: 5, h: 5, w: 6, kernel: [5, 4], pads: [2, 2, 1, 2] },
  { c: 5, o: 257, h: 6, w: 5, kernel: [4, 5], pads: [2, 2, 1, 2] },
  { c: 35, o: 37, h: 4, w: 5, kernel: [4, 4], pads: [2, 2, 2, 2] },
  { c: 2, o: 3, h: 5, w: 300, kernel: [5, 5], pads: [2, 2, 2, 2] },
  { c: 2, o: 3, h: 300, w: 5, kernel: [7, 3], pads: [3, 3, 1, 1], n: 2 },
  { c: 12, o: 16, h: 29, w: 31, kernel: [5, 5], pads: [2, 2, 2, 2], bias: true, activation: 'relu' },
];

/** Of a gradient of the weight: channels around its blocks and its sums' (16 and 8 of each side in the tiny build, 128 and 32), one and several blocks of tiles. */
export const BLOCKS: Case[] = [
  { c: 15, o: 17, h: 9, w: 10 },
  { c: 33, o: 16, h: 21, w: 22 },
  { c: 8, o: 31, h: 13, w: 14, n: 3 },
  { c: 24, o: 24, h: 12, w: 8, n: 2, groups: 2 },
  { c: 31, o: 33, h: 12, w: 12 },
  { c: 129, o: 7, h: 33, w: 34 },
  { c: 9, o: 130, h: 8, w: 140 },
  { c: 4, o: 4, h: 50, w: 49 },
  { c: 3, o: 5, h: 9, w: 300 },
  { c: 127, o: 129, h: 15, w: 16, n: 3 },
];
