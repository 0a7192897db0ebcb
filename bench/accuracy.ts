/**
 * Each algorithm's largest error, as a part of the largest output, over the depth of its sums. 14×14 images, operands uniform in [-1, 1), the larger error of both
 * layouts; elements from every part of the result are computed in float64 from the definition.
 */
import type { Kernels } from 'simdconv';
import type { Algorithm } from '../src/types.js';
import { type Case, casesOf, isConv, type Layer } from './cases.js';
import { check } from './check.js';
import { operandsOf } from './problem.js';

export const DEPTHS = [16, 64, 256, 512] as const;

/** The documented bound of Winograd's error, up to 512 channels. */
export const WINOGRAD_BOUND = 2e-5;

export interface Accuracy {
  readonly what: string;
  readonly algorithm: Algorithm;
  readonly depth: number;
  readonly error: number;
  /** Whether the error is within what float32 sums of this length may have (check.ts); Winograd's is not. */
  readonly likeSums: boolean;
}

/** [what, algorithms, the layer whose result sums over C channels] */
const ROWS: readonly (readonly [what: string, algorithms: readonly Algorithm[], layer: (C: number) => Omit<Layer, 'name'>])[] = [
  [
    'conv2d 3×3',
    ['gemm', 'direct', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [16, C, 3, 3], options: { padding: 1 } }),
  ],
  [
    'conv2d.gradInput 3×3',
    ['gemm', 'direct', 'phases', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, 16, 14, 14], weight: [C, 16, 3, 3], options: { padding: 1 }, directions: ['gradInput'] }),
  ],
  ['conv2d 5×5', ['gemm', 'winograd'], (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [16, C, 5, 5], options: { padding: 2 } })],
  [
    'conv2d.gradInput 5×5',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, 16, 14, 14], weight: [C, 16, 5, 5], options: { padding: 2 }, directions: ['gradInput'] }),
  ],
  [
    'conv2d.gradWeight 3×3',
    ['gemm', 'direct', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [16, C, 3, 3], options: { padding: 1 }, directions: ['gradWeight'] }),
  ],
  ['conv1d 3', ['gemm', 'winograd'], (C) => ({ op: 'conv1d', input: [1, C, 196], weight: [16, C, 3], options: { padding: 1 } })],
  [
    'conv3d 3×3×3',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv3d', input: [1, C, 4, 8, 8], weight: [16, C, 3, 3, 3], options: { padding: 1 } }),
  ],
  [
    'conv2d 3×3, dilation 2',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [16, C, 3, 3], options: { padding: 2, dilation: 2 } }),
  ],
  [
    'conv2d 3×3, stride 2',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, C, 28, 28], weight: [16, C, 3, 3], options: { padding: 1, stride: 2 } }),
  ],
  [
    'convTranspose2d 4×4, stride 2',
    ['gemm', 'phases', 'winograd'],
    (C) => ({ op: 'convTranspose2d', input: [1, C, 14, 14], weight: [C, 16, 4, 4], options: { stride: 2, padding: 1 } }),
  ],
  [
    'conv1d.gradWeight 3',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv1d', input: [1, C, 196], weight: [16, C, 3], options: { padding: 1 }, directions: ['gradWeight'] }),
  ],
  [
    'conv3d.gradWeight 3×3×3',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv3d', input: [1, C, 4, 8, 8], weight: [16, C, 3, 3, 3], options: { padding: 1 }, directions: ['gradWeight'] }),
  ],
  [
    'conv2d.gradWeight 3×3, dilation 2',
    ['gemm', 'winograd'],
    (C) => ({
      op: 'conv2d',
      input: [1, C, 14, 14],
      weight: [16, C, 3, 3],
      options: { padding: 2, dilation: 2 },
      directions: ['gradWeight'],
    }),
  ],
  [
    'conv2d.gradWeight 3×3, stride 2',
    ['gemm', 'winograd'],
    (C) => ({ op: 'conv2d', input: [1, C, 28, 28], weight: [16, C, 3, 3], options: { padding: 1, stride: 2 }, directions: ['gradWeight'] }),
  ],
  [
    'convTranspose2d.gradWeight 4×4, stride 2',
    ['gemm', 'winograd'],
    (C) => ({
      op: 'convTranspose2d',
      input: [1, C, 14, 14],
      weight: [C, 16, 4, 4],
      options: { stride: 2, padding: 1 },
      directions: ['gradWeight'],
    }),
  ],
  [
    'conv2d 3×3, depthwise',
    ['gemm', 'direct'],
    (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [C, 1, 3, 3], options: { padding: 1, groups: C } }),
  ],
  [
    'conv2d.gradInput 3×3, depthwise',
    ['gemm', 'direct'],
    (C) => ({
      op: 'conv2d',
      input: [1, C, 14, 14],
      weight: [C, 1, 3, 3],
      options: { padding: 1, groups: C },
      directions: ['gradInput'],
    }),
  ],
  [
    'conv2d 13×13, depthwise',
    ['direct', 'fft'],
    (C) => ({ op: 'conv2d', input: [1, C, 14, 14], weight: [C, 1, 13, 13], options: { padding: 6, groups: C } }),
  ],
];

/** Multiplications that the check of one result may cost. */
const BUDGET = 4e6;

export function measureAccuracy(kernels: Kernels): Accuracy[] {
  return ROWS.flatMap(([what, algorithms, layer]) =>
    algorithms.flatMap((algorithm) =>
      DEPTHS.map((depth) => {
        const cases = casesOf({ ...layer(depth), name: what, layouts: ['channels-first', 'channels-last'] });
        const errors = cases.map((c) => errorOf(kernels, c, algorithm));
        return {
          what,
          algorithm,
          depth,
          error: Math.max(...errors.map(({ error }) => error)),
          likeSums: errors.every(({ right }) => right),
        };
      }),
    ),
  );
}

function errorOf(kernels: Kernels, c: Case, algorithm: Algorithm): { error: number; right: boolean } {
  if (!isConv(c)) throw new Error(`${c.name} is no convolution`);
  const operands = operandsOf(c);
  const { input, weight, gradOutput } = operands;
  const options = { ...c.options, algorithm };
  const op = kernels[c.op];
  const { data } = {
    forward: () => op(input, weight, options),
    gradInput: () => op.gradInput(gradOutput, weight, c.input, options),
    gradWeight: () => op.gradWeight(gradOutput, input, c.weight, options),
  }[c.direction]();
  const { largest, right } = check(c, operands, data, BUDGET);
  return { error: largest / data.reduce((most, value) => Math.max(most, Math.abs(value)), 0), right };
}

/** A Markdown table; a cell has one error for each variant. */
export function accuracyTable(variants: readonly string[], measured: readonly (readonly Accuracy[])[]): string {
  const [first = []] = measured;
  const kinds = first.filter(({ depth }) => depth === DEPTHS[0]);
  const rows = [
    [variants.join(', '), 'algorithm', ...DEPTHS.map((depth) => `C = ${depth}`)],
    ...kinds.map(({ what, algorithm }) => [
      what,
      algorithm,
      ...DEPTHS.map((depth) => measured.map((each) => digits(each, what, algorithm, depth)).join(', ')),
    ]),
  ];
  // As the formatter has it.
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function digits(rows: readonly Accuracy[], what: string, algorithm: string, depth: number): string {
  const row = rows.find((each) => each.what === what && each.algorithm === algorithm && each.depth === depth);
  return row ? row.error.toExponential(1) : '';
}
