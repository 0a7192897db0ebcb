/** Node tests of ONNX (onnx/onnx, onnx/backend/test/case/node/conv.py and convtranspose.py, Apache-2.0): the first channel of what they expect, of an input that counts up from 0 and filters of ones. */
import { describe, expect, it } from 'vitest';
import { fromOnnx, type OnnxConv, weightTo } from '../../src/convert/index.js';
import { compute, computeSteps, type Operands } from './compute.js';
import { NAMES, TO } from './frameworks.js';

const counting = (...space: number[]): Operands => ({
  x: { channels: 1, space, data: Array.from({ length: space.reduce((a, b) => a * b) }, (_, at) => at) },
  w: { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] },
  bias: undefined,
  groups: 1,
  out: 1,
});
const channels = { in_channels: 1, out_channels: 1, kernel_shape: [3, 3] };

interface Case {
  readonly name: string;
  readonly node: OnnxConv;
  readonly operands: Operands;
  readonly space: number[];
  readonly data: number[];
}

const TALL = [0, 0, 1, 1, 3, 2, 2, 0, 3, 3, 7, 4, 9, 5, 5, 0, 6, 6, 13, 7, 15, 8, 8, 0];
const [top = [], middle = [], bottom = []] = [0, 8, 16].map((from) => TALL.slice(from, from + 8));

const CASES: Case[] = [
  {
    name: 'test_conv_with_autopad_same',
    node: { op: 'Conv', ...channels, auto_pad: 'SAME_LOWER', strides: [2, 2] },
    operands: counting(5, 5),
    space: [3, 3],
    data: [12, 27, 24, 63, 108, 81, 72, 117, 84],
  },
  {
    name: 'test_convtranspose_autopad_same',
    node: { op: 'ConvTranspose', ...channels, auto_pad: 'SAME_UPPER', strides: [2, 2] },
    operands: counting(3, 3),
    space: [6, 6],
    data: [0, 0, 1, 1, 3, 2, 0, 0, 1, 1, 3, 2, 3, 3, 8, 5, 12, 7, 3, 3, 7, 4, 9, 5, 9, 9, 20, 11, 24, 13, 6, 6, 13, 7, 15, 8],
  },
  ...[{ output_shape: [10, 8] }, { output_padding: [1, 1] }, { output_shape: [10, 8], output_padding: [1, 1] }].map((given, index) => ({
    name: ['test_convtranspose_output_shape', 'test_convtranspose_pad', 'test_convtranspose_kernel_shape'][index] as string,
    node: { op: 'ConvTranspose' as const, ...channels, strides: [3, 2], ...given },
    operands: counting(3, 3),
    space: [10, 8],
    data: [...top, ...top, ...top, ...middle, ...middle, ...middle, ...bottom, ...bottom, ...bottom, ...Array<number>(8).fill(0)],
  })),
  {
    name: 'test_convtranspose_pads',
    node: { op: 'ConvTranspose', ...channels, pads: [1, 2, 1, 2], strides: [3, 2] },
    operands: counting(3, 3),
    space: [7, 3],
    data: [1, 1, 3, 1, 1, 3, 7, 4, 9, 7, 4, 9, 7, 4, 9, 13, 7, 15, 13, 7, 15],
  },
];

describe.each(CASES)('$name', ({ node, operands, space, data }) => {
  const spec = fromOnnx(node);
  it('means what it expects', () => {
    const { op, ...args } = node;
    expect(compute('onnx', { op, args }, operands)).toEqual({ channels: 1, space, data });
  });
  it.each(NAMES)('in %s', (target) => {
    const made = TO[target](spec, operands.x.space);
    const own = { ...operands, w: weightTo(spec, target, operands.w) };
    expect(computeSteps(target, made, [3, 3], [1, 1], own)).toEqual({ channels: 1, space, data });
  });
});
