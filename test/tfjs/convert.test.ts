/** What TensorFlow.js itself computes, against its meaning as test/convert has it: every pad, stride, output shape and filter. */
import type { Rank } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { code, explain, fromTfjs, type TfjsConv } from '../../src/convert/index.js';
import { compute, type Operands } from '../convert/compute.js';
import { given } from '../convert/random.js';
import { tf } from './tfjs.js';

await tf.setBackend('cpu');

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const counted = (length: number, seed: number): number[] => Array.from({ length }, (_, at) => ((at * 7 + seed * 5) % 11) - 5);

type Run = (...args: unknown[]) => { readonly shape: number[]; dataSync(): Float32Array };

/** Calls the function as its documentation says. */
function call(op: string, args: Record<string, unknown>, x: unknown, filter: unknown): { shape: number[]; data: number[] } {
  const format = { conv1d: 'NWC', conv3d: 'NDHWC' }[op] ?? 'NHWC';
  const run = (tf as unknown as Record<string, Run>)[op] as Run;
  const strides = args.strides ?? args.stride;
  const y = op.endsWith('Transpose')
    ? run(x, filter, args.outputShape, strides, args.pad)
    : run(x, filter, strides, args.pad, format, args.dilations ?? args.dilation ?? 1);
  return { shape: y.shape, data: Array.from(y.dataSync()) };
}

test('its convolutions are what their meaning says', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      given('tfjs'),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
      fc.boolean(),
      (each, ins, outs, depthwise) => {
        const { axes, space, kernel } = each;
        const transposed = each.op.endsWith('Transpose');
        const single = depthwise && axes === 2 && !transposed;
        const op = single ? 'depthwiseConv2d' : each.op;
        const out = single ? ins * outs : outs;
        const shaped = each.args.outputShape as number[] | undefined;
        const args: Record<string, unknown> = { ...each.args, ...(shaped ? { outputShape: [...shaped.slice(0, -1), out] } : {}) };
        const shape = transposed ? [...kernel, out, ins] : single ? [...kernel, ins, outs] : [...kernel, ins, out];
        const operands: Operands = {
          x: { channels: ins, space, data: counted(ins * product(space), 1) },
          w: { data: Float32Array.from(counted(product(shape), 2)), shape },
          bias: undefined,
          groups: single ? ins : 1,
          out,
        };
        let wanted: ReturnType<typeof compute>;
        try {
          wanted = compute('tfjs', { op, args }, operands);
        } catch {
          return; // nothing is left, or the outputShape is not of this input: TensorFlow.js has no error of its own for either
        }
        const flat = product(space);
        const last = Array.from(operands.x.data, (_, at) => operands.x.data[(at % ins) * flat + Math.floor(at / ins)] as number);
        const y = call(op, args, tf.tensor(last, [1, ...space, ins]), tf.tensor(operands.w.data, shape));
        expect(y.shape).toEqual([1, ...wanted.space, out]);
        const positions = product(wanted.space);
        expect(y.data).toEqual(Array.from(y.data, (_, at) => wanted.data[(at % out) * positions + Math.floor(at / out)]));
        compared++;
      },
    ),
    { numRuns: 600, seed: 4 },
  );
  expect(compared).toBeGreaterThan(400);
});

test('the programs that code writes run', async () => {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  let ran = 0;
  for (const { op, args, space } of fc.sample(given('tfjs'), { numRuns: 100, seed: 9 })) {
    const spec = fromTfjs({ op, ...args } as unknown as TfjsConv);
    let sizes: number[];
    try {
      sizes = explain(spec, space).axes.map((axis) => axis.output);
    } catch {
      continue; // no output
    }
    const printed: unknown[] = [];
    const text = code(spec, 'tfjs', { inputShape: [1, ...space, 1] }).replaceAll(/^import .*$/gm, '');
    await new AsyncFunction('tf', 'console', text)(tf, { log: (shape: unknown) => printed.push(shape) });
    expect(printed).toEqual([[1, ...sizes, 1]]);
    ran++;
  }
  expect(ran).toBeGreaterThan(60);
});

test('conv1d takes no number: it would pad its height of one too', () => {
  expect(() => tf.conv1d(tf.zeros<Rank.R3>([1, 8, 1]), tf.zeros<Rank.R3>([3, 1, 1]), 1, 1)).toThrow();
});

test('conv2d takes no number where the axes differ: the size of the width is that of the kernel and stride of the height', () => {
  const x = tf.zeros<Rank.R4>([1, 5, 5, 1]);
  expect(tf.conv2d(x, tf.zeros<Rank.R4>([3, 1, 1, 1]), 1, 0).shape).toEqual([1, 3, 3, 1]);
  expect(tf.conv2d(x, tf.zeros<Rank.R4>([3, 1, 1, 1]), 1, 'valid').shape).toEqual([1, 3, 5, 1]);
  expect(() => fromTfjs({ op: 'conv2d', kernelSize: [3, 1], pad: 0 })).toThrow('write pairs');
});
