/**
 * What `deterministic: true` computes, as a digest for each operation and shape: table.json holds them, and every runtime and browser must have the same. Nothing here is of Node, so
 * that a bundle of it runs anywhere.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Activation, ConvOptions, Kernels, Tensor } from '../../src/index.js';
import { floats, seeded } from '../suite/data.js';

type Shape = readonly number[];
type Axes = 1 | 2 | 3;

/** By SHA-256 of their little-endian bits, one tensor after another. */
function digest(...results: readonly (Tensor | undefined)[]): string {
  const hash = sha256.create();
  for (const result of results) {
    if (!result) continue;
    const { buffer, byteOffset, byteLength } = result.data;
    hash.update(new Uint8Array(buffer, byteOffset, byteLength).slice());
  }
  return bytesToHex(hash.digest());
}

/** [what it is like, input, weight, options]. */
const CONVOLUTIONS: readonly [string, Shape, Shape, ConvOptions][] = [
  ['a first layer', [2, 3, 33, 31], [16, 3, 7, 7], { stride: 2, padding: 3 }],
  ['3x3', [2, 24, 14, 15], [40, 24, 3, 3], { padding: 1 }],
  ['3x3, channels-last', [2, 14, 15, 24], [3, 3, 24, 40], { padding: 1, layout: 'channels-last' }],
  ['1x1', [3, 72, 7, 9], [33, 72, 1, 1], {}],
  ['5x5', [1, 16, 12, 11], [20, 16, 5, 5], { padding: 2 }],
  ['strided, dilated, in groups', [2, 12, 21, 20], [18, 4, 3, 2], { stride: [2, 3], dilation: [2, 1], padding: [[1, 2], 1], groups: 3 }],
  ['depthwise', [2, 20, 17, 16], [20, 1, 3, 3], { padding: 1, groups: 20 }],
  ['depthwise, channels-last', [2, 17, 16, 20], [3, 3, 1, 20], { padding: 1, groups: 20, layout: 'channels-last' }],
  ['a border that is reflected', [1, 6, 10, 12], [8, 6, 3, 3], { padding: 2, padMode: 'reflect' }],
  ['of one axis, causal', [2, 10, 50], [12, 10, 3], { padding: 'causal', dilation: 4 }],
  ['of one axis', [2, 9, 65], [11, 9, 4], { stride: 2 }],
  ['of three axes', [1, 6, 7, 9, 8], [10, 6, 3, 3, 3], { padding: 1 }],
];

const TRANSPOSED: readonly [string, Shape, Shape, object][] = [
  ['4x4, stride 2', [2, 18, 7, 6], [18, 12, 4, 4], { stride: 2, padding: 1 }],
  ['3x3, stride 2, with output padding', [1, 8, 9, 7], [8, 6, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  ['in groups', [1, 12, 8, 8], [12, 3, 3, 3], { groups: 4, padding: 1 }],
  ['of one axis', [2, 7, 20], [7, 9, 5], { stride: 3 }],
  ['of three axes', [1, 4, 4, 5, 3], [4, 6, 2, 2, 2], { stride: 2 }],
];

const PRODUCTS: readonly [string, Shape, Shape, object][] = [
  ['of one row', [1, 300], [300, 70], {}],
  ['of few rows', [6, 129], [129, 65], {}],
  ['of many', [70, 520], [520, 90], {}],
  ['both transposed', [50, 33], [41, 50], { transposeA: true, transposeB: true }],
  ['in batches', [3, 1, 20, 16], [4, 16, 12], {}],
];

const ACTIVATIONS: readonly (Activation | undefined)[] = [undefined, 'relu', 'relu6', { leakyRelu: 0.1 }];

/** Of every case by its name. `kernels` are deterministic. */
export function digests(kernels: Kernels): Record<string, string> {
  const random = seeded(2026);
  const tensor = (shape: Shape): Tensor => floats(random, shape);
  const table: Record<string, string> = {};

  CONVOLUTIONS.forEach(([name, input, weight, options], index) => {
    const axes = (input.length - 2) as Axes;
    const conv = kernels[`conv${axes}d`];
    const [x, w] = [tensor(input), tensor(weight)];
    const bias = tensor([(options.layout === 'channels-last' ? weight.at(-1) : weight[0]) as number]);
    const activation = ACTIVATIONS[index % ACTIVATIONS.length];
    const y = conv(x, w, { ...options, bias, ...(activation && { activation }) });
    const { gradInput, gradWeight, gradBias } = conv.backward(tensor(y.shape), x, w, options);
    table[`conv${axes}d ${name}`] = digest(y);
    table[`gradients of conv${axes}d ${name}`] = digest(gradInput, gradWeight, gradBias);
  });

  for (const [name, input, weight, options] of TRANSPOSED) {
    const axes = (input.length - 2) as Axes;
    const conv = kernels[`convTranspose${axes}d`];
    const [x, w] = [tensor(input), tensor(weight)];
    const y = conv(x, w, options);
    const { gradInput, gradWeight, gradBias } = conv.backward(tensor(y.shape), x, w, options);
    table[`convTranspose${axes}d ${name}`] = digest(y);
    table[`gradients of convTranspose${axes}d ${name}`] = digest(gradInput, gradWeight, gradBias);
  }

  for (const [name, a, b, options] of PRODUCTS) table[`matmul ${name}`] = digest(kernels.matmul(tensor(a), tensor(b), options));

  const image = tensor([2, 5, 9, 8]);
  const columns = kernels.unfold(image, 3, { padding: 1, stride: 2 });
  table.unfold = digest(columns);
  table.fold = digest(kernels.fold(columns, [9, 8], 3, { padding: 1, stride: 2 }));
  return table;
}
