import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { Engine } from '../../src/engine.js';
import * as simdconv from '../../src/index.js';
import {
  type ConvOp,
  DisposedError,
  type Kernels,
  type LoadOptions,
  load,
  loadSync,
  OptionError,
  OutOfMemoryError,
  type Tensor,
  UnsupportedRuntimeError,
  version,
} from '../../src/index.js';
import { kernelsOver } from '../../src/ops/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import { supports } from '../../src/wasm/support.js';
import { compiled } from '../suite/build.js';

const kernels = kernelsOver(referenceEngine());
const { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d, unfold, fold, matmul } = kernels;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Small whole numbers, so that every sum is exact. */
const ramp = (...shape: number[]): Tensor => ({ data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7) % 11) - 5), shape });
const values = ({ data }: Tensor): number[] => Array.from(data);
const dot = (a: Tensor, b: Tensor): number => a.data.reduce((sum, value, i) => sum + value * (b.data[i] ?? Number.NaN), 0);

describe('the three directions', () => {
  const cases: [string, ConvOp, number[], number[], object][] = [
    ['conv1d', conv1d, [2, 4, 9], [6, 2, 3], { stride: 2, padding: [[1, 0]], groups: 2 }],
    ['conv2d', conv2d, [2, 3, 6, 5], [4, 3, 3, 2], { stride: [2, 1], padding: [1, [0, 1]], dilation: [1, 2] }],
    ['conv2d channels-last', conv2d, [2, 6, 5, 3], [3, 2, 3, 4], { layout: 'channels-last', padding: 'same', stride: 2 }],
    ['conv3d', conv3d, [1, 2, 4, 3, 5], [3, 2, 2, 3, 2], { stride: [1, 2, 2], padding: 1 }],
    ['convTranspose1d', convTranspose1d, [2, 4, 5], [4, 3, 3], { stride: 2, outputPadding: 1, groups: 2 }],
    ['convTranspose2d', convTranspose2d, [2, 3, 3, 4], [3, 2, 3, 2], { stride: [2, 3], padding: [1, [0, 1]], outputPadding: [1, 0] }],
    ['convTranspose2d channels-last', convTranspose2d, [1, 3, 4, 2], [3, 3, 5, 2], { layout: 'channels-last', stride: 2, padding: 'same' }],
    ['convTranspose3d', convTranspose3d, [1, 2, 2, 3, 2], [2, 1, 2, 2, 3], { stride: 2, outputSize: [4, 6, 5] }],
  ];

  it.each(cases)('%s: <C x, y> = <x, Cᵀ y> = <w, dw>, in shapes that outputShape foretells', (_, op, inputShape, weightShape, options) => {
    const [x, w] = [ramp(...inputShape), ramp(...weightShape)];
    const y = op(x, w, options);
    expect(y.shape).toEqual(op.outputShape(inputShape, weightShape, options));
    const dy = ramp(...y.shape);
    const dx = op.gradInput(dy, w, inputShape, options);
    const dw = op.gradWeight(dy, x, weightShape, options);
    expect(dx.shape).toEqual(inputShape);
    expect(dw.shape).toEqual(weightShape);
    expect(dot(x, dx)).toBe(dot(y, dy));
    expect(dot(w, dw)).toBe(dot(y, dy));
    expect(op.backward(dy, x, w, options)).toEqual({ gradInput: dx, gradWeight: dw, gradBias: op.gradBias(dy, options) });
  });

  it.each(cases)('%s: the bias adds, and its gradient is the sum of gradOutput', (_, op, inputShape, weightShape, options) => {
    const [x, w] = [ramp(...inputShape), ramp(...weightShape)];
    const y = op(x, w, options);
    const last = 'layout' in options;
    const channels = y.shape[last ? y.shape.length - 1 : 1] as number;
    const bias = ramp(channels);
    const biased = op(x, w, { ...options, bias });
    const ones = { data: new Float32Array(y.data.length).fill(1), shape: y.shape };
    expect(dot(biased, ones) - dot(y, ones)).toBe(dot(bias, op.gradBias(ones, { ...options, bias })));
  });

  it('a transposed conv is the gradient of the direct one', () => {
    const [y, w] = [ramp(1, 2, 3, 3), ramp(2, 3, 3, 3)];
    const forward = convTranspose2d(y, w, { stride: 2, padding: 1, outputPadding: 1 });
    expect(forward).toEqual(conv2d.gradInput(y, w, [1, 3, 6, 6], { stride: 2, padding: 1 }));
  });
});

describe('shapes of calls', () => {
  const [x, w] = [ramp(1, 3, 5, 5), ramp(2, 3, 3, 3)];

  it('gives unbatched outputs for unbatched inputs', () => {
    const one = { ...x, shape: [3, 5, 5] };
    expect(conv2d(one, w)).toEqual({ ...conv2d(x, w), shape: [2, 3, 3] });
    expect(conv2d.gradInput(ramp(2, 3, 3), w, [3, 5, 5]).shape).toEqual([3, 5, 5]);
    expect(unfold(one, [3, 3])).toEqual({ ...unfold(x, 3), shape: [27, 9] });
    expect(fold(unfold(one, [3, 3]), 5, 3).shape).toEqual([3, 5, 5]);
  });

  it('gives empty outputs and zero gradients for an empty batch', () => {
    const none = ramp(0, 3, 5, 5);
    const dy = ramp(0, 2, 3, 3);
    expect(conv2d(none, w, { bias: ramp(2) })).toEqual({ data: new Float32Array(0), shape: [0, 2, 3, 3] });
    expect(convTranspose2d(ramp(0, 2, 3, 3), w).shape).toEqual([0, 3, 5, 5]);
    expect(conv2d.backward(dy, none, w)).toEqual({
      gradInput: { data: new Float32Array(0), shape: [0, 3, 5, 5] },
      gradWeight: { data: new Float32Array(54), shape: [2, 3, 3, 3] },
      gradBias: { data: new Float32Array(2), shape: [2] },
    });
    const dirty = { data: new Float32Array(54).fill(Number.NaN), shape: w.shape };
    expect(values(conv2d.gradWeight(dy, none, w.shape, { out: dirty }))).toEqual(Array(54).fill(0));
    expect(unfold(none, 3).shape).toEqual([0, 27, 9]);
    expect(fold(ramp(0, 27, 9), 5, 3).shape).toEqual([0, 3, 5, 5]);
    expect(conv2d.plan({ input: none.shape, weight: w }).run(none).shape).toEqual([0, 2, 3, 3]);
  });

  it('writes `out` and returns it', () => {
    const out = { data: new Float32Array(18).fill(Number.NaN), shape: [1, 2, 3, 3] };
    expect(conv2d(x, w, { out })).toBe(out);
    expect(out).toEqual(conv2d(x, w));
  });

  it('takes neighbouring views of one buffer, also as `out`', () => {
    const block = new Float32Array(1 + 75 + 54 + 18 + 1).fill(99);
    block.set(x.data, 1);
    block.set(w.data, 76);
    const view = (start: number, shape: readonly number[]) => ({ data: block.subarray(start, start + sizeOf(shape)), shape });
    conv2d(view(1, x.shape), view(76, w.shape), { out: view(130, [1, 2, 3, 3]) });
    expect(values(view(130, [18]))).toEqual(values(conv2d(x, w)));
    expect([block[0], block[148]]).toEqual([99, 99]);
  });

  it('gives results of its own: the caller may keep and change them', () => {
    const shape = Object.freeze([1, 3, 5, 5]);
    const dx = conv2d.gradInput(ramp(1, 2, 3, 3), w, shape);
    expect(dx.shape).not.toBe(shape);
    expect(Object.isFrozen(dx.shape)).toBe(false);
    expect(Object.keys(dx)).toEqual(['data', 'shape']);
  });

  it('takes undefined options as left out', () => {
    expect(conv2d(x, w, { stride: undefined, bias: undefined, out: undefined } as never)).toEqual(conv2d(x, w));
  });

  it('applies the activation after the bias', () => {
    const bias = { data: Float32Array.of(3, -4), shape: [2] };
    const y = values(conv2d(x, w, { bias }));
    expect(values(conv2d(x, w, { bias, activation: 'relu' }))).toEqual(y.map((v) => Math.max(0, v)));
    expect(values(conv2d(x, w, { bias, activation: 'relu6' }))).toEqual(y.map((v) => Math.min(Math.max(0, v), 6)));
    expect(values(conv2d(x, w, { bias, activation: { leakyRelu: 0.25 } }))).toEqual(y.map((v) => (v > 0 ? v : v / 4)));
    expect(conv2d(x, w, { algorithm: 'gemm' })).toEqual(conv2d(x, w));
  });
});

describe('unfold and fold', () => {
  it('unrolls both layouts into the same columns', () => {
    const x = ramp(2, 3, 4, 5);
    const last = { data: new Float32Array(120), shape: [2, 4, 5, 3] };
    for (let n = 0; n < 2; n++) {
      for (let c = 0; c < 3; c++) for (let p = 0; p < 20; p++) last.data[(n * 20 + p) * 3 + c] = x.data[(n * 3 + c) * 20 + p] as number;
    }
    const options = { stride: [1, 2], padding: 1, dilation: [2, 1] };
    const columns = unfold(x, [2, 3], options);
    expect(columns.shape).toEqual([2, 18, 12]);
    expect(unfold(last, [2, 3], { ...options, layout: 'channels-last' })).toEqual(columns);
    const image = fold(columns, [4, 5], [2, 3], options);
    expect(image.shape).toEqual(x.shape);
    expect(dot(x, image)).toBe(dot(columns, columns));
    expect(fold(columns, [4, 5], [2, 3], { ...options, layout: 'channels-last' }).shape).toEqual([2, 4, 5, 3]);
  });

  it('reads the number of axes from the shape', () => {
    expect(unfold(ramp(1, 2, 3, 4), 2).shape).toEqual([1, 8, 6]);
    expect(unfold(ramp(1, 2, 3, 3, 3), 2).shape).toEqual([1, 16, 8]);
    expect(unfold(ramp(1, 3, 3, 3, 2), 2, { layout: 'channels-last' }).shape).toEqual([1, 16, 8]);
  });

  it('reads the number of axes from an array, whichever argument or option is one', () => {
    expect(unfold(ramp(1, 2, 5), [2]).shape).toEqual([1, 4, 4]);
    expect(unfold(ramp(2, 5), [2]).shape).toEqual([4, 4]);
    expect(unfold(ramp(2, 5, 4), [2, 2]).shape).toEqual([8, 12]);
    expect(unfold(ramp(3, 2, 5, 4), [2, 2, 2]).shape).toEqual([24, 12]);
    expect(unfold(ramp(1, 2, 5), 2, { stride: [2] }).shape).toEqual([1, 4, 2]);
    expect(unfold(ramp(2, 5, 4), 2, { padding: [[1, 0], 0] }).shape).toEqual([8, 15]); // biome-ignore format: pairs
    expect(fold(ramp(1, 4, 4), [5], [2]).shape).toEqual([1, 2, 5]);
    expect(fold(ramp(1, 4, 4), 5, [2]).shape).toEqual([1, 2, 5]);
    expect(fold(ramp(1, 4, 4), 5, 2, { dilation: [1] }).shape).toEqual([1, 2, 5]);
    expect(fold(ramp(1, 16, 8), [3, 3, 3], 2).shape).toEqual([1, 2, 3, 3, 3]);
  });

  it('folds with two numbers as the columns fit', () => {
    for (const shape of [
      [2, 5],
      [2, 5, 5],
      [2, 5, 5, 5],
    ]) {
      const kernel = Array<number>(shape.length - 1).fill(2);
      const columns = unfold(ramp(3, ...shape), kernel, { padding: 1 });
      expect(fold(columns, 5, 2, { padding: 1 })).toEqual(fold(columns, shape.slice(1), kernel, { padding: 1 }));
    }
  });
});

describe('matmul', () => {
  const a = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
  const b = { data: Float32Array.of(1, 0, 2, -1, 0, 3), shape: [3, 2] };

  it('multiplies, transposes, adds and activates', () => {
    expect(matmul(a, b)).toEqual({ data: Float32Array.of(5, 7, 14, 13), shape: [2, 2] });
    const at = { data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] };
    const bt = { data: Float32Array.of(1, 2, 0, 0, -1, 3), shape: [2, 3] };
    expect(matmul(at, b, { transposeA: true })).toEqual(matmul(a, b));
    expect(matmul(a, bt, { transposeB: true })).toEqual(matmul(a, b));
    expect(matmul(at, bt, { transposeA: true, transposeB: true })).toEqual(matmul(a, b));
    const bias = { data: Float32Array.of(-6, 1), shape: [2] };
    expect(values(matmul(a, b, { bias, activation: 'relu' }))).toEqual([0, 8, 8, 14]);
    const out = { data: new Float32Array(4).fill(Number.NaN), shape: [2, 2] };
    expect(matmul(a, b, { out })).toBe(out);
    expect(values(out)).toEqual([5, 7, 14, 13]);
  });

  const batches: [number[], number[], number[]][] = [
    [[4], [], [4]],
    [[], [4], [4]],
    [[2, 3], [1], [2, 3]],
    [
      [2, 3],
      [1, 1, 1],
      [1, 2, 3],
    ],
    [[2, 1], [3], [2, 3]],
    [
      [2, 1, 3],
      [4, 1],
      [2, 4, 3],
    ],
    [
      [1, 3],
      [2, 1],
      [2, 3],
    ],
  ];
  for (const transposeA of [false, true]) {
    it.each(batches)(`broadcasts batches %j and %j to %j, transposeA ${transposeA}`, (aBatch, bBatch, batch) => {
      const [m, k, n] = [2, 4, 3];
      const left = ramp(...aBatch, ...(transposeA ? [k, m] : [m, k]));
      const right = ramp(...bBatch, k, n);
      const c = matmul(left, right, { transposeA });
      expect(c.shape).toEqual([...batch, m, n]);
      const element = (t: Tensor, own: readonly number[], index: readonly number[], row: number, column: number): number => {
        const [rows, columns] = t.shape.slice(-2) as [number, number];
        const matrix = own.reduce(
          (at, size, axis) => at * size + (size === 1 ? 0 : (index[index.length - own.length + axis] as number)),
          0,
        );
        return t.data[(matrix * rows + row) * columns + column] as number;
      };
      values(c).forEach((value, at) => {
        const [row, column] = [Math.floor(at / n) % m, at % n];
        let rest = Math.floor(at / (m * n));
        const index = batch.map(() => 0);
        for (let axis = batch.length - 1; axis >= 0; axis--) {
          index[axis] = rest % (batch[axis] as number);
          rest = Math.floor(rest / (batch[axis] as number));
        }
        let sum = 0;
        for (let i = 0; i < k; i++) {
          sum += element(left, aBatch, index, transposeA ? i : row, transposeA ? row : i) * element(right, bBatch, index, i, column);
        }
        expect(value).toBe(sum);
      });
    });
  }

  it('handles empty axes: no rows, no columns, no batch, an empty sum', () => {
    expect(matmul(ramp(0, 3), ramp(3, 2)).shape).toEqual([0, 2]);
    expect(matmul(ramp(2, 3), ramp(3, 0)).shape).toEqual([2, 0]);
    expect(matmul(ramp(0, 2, 3), ramp(1, 3, 2)).shape).toEqual([0, 2, 2]);
    expect(values(matmul(ramp(2, 0), ramp(0, 3)))).toEqual([0, 0, 0, 0, 0, 0]);
    const bias = { data: Float32Array.of(1, -2, 3), shape: [3] };
    expect(values(matmul(ramp(2, 2, 0), ramp(2, 0, 3), { bias, activation: 'relu' }))).toEqual([1, 0, 3, 1, 0, 3, 1, 0, 3, 1, 0, 3]);
  });
});

describe('plans', () => {
  const [x, w] = [ramp(2, 3, 5, 5), ramp(4, 3, 3, 3)];
  const bias = ramp(4);

  it('runs as the op does, with the weight and bias that it was made with', () => {
    const options = { stride: 2, padding: 1, bias, activation: 'relu' } as const;
    const weight = { ...w, data: w.data.slice() };
    const plan = conv2d.plan({ input: x.shape, weight, ...options });
    weight.data.fill(0);
    expect(plan.run(x)).toEqual(conv2d(x, w, options));
    const out = { data: new Float32Array(72).fill(Number.NaN), shape: plan.outputShape };
    expect(plan.run(x, out)).toBe(out);
    expect(values(out)).toEqual(values(conv2d(x, w, options)));
    expect(plan.outputShape).toEqual([2, 4, 3, 3]);
    expect(plan.bytes).toBeGreaterThan(0);
    expect(plan.algorithm).toBeTypeOf('string');
    plan.dispose();
  });

  it('plans transposed convolutions', () => {
    const input = ramp(1, 4, 3, 3);
    const plan = convTranspose2d.plan({ input: input.shape, weight: w, stride: 2, outputPadding: 1 });
    expect(plan.run(input)).toEqual(convTranspose2d(input, w, { stride: 2, outputPadding: 1 }));
    plan.dispose();
  });

  it('gives its bytes back once', () => {
    const own = kernelsOver(referenceEngine());
    const plan = own.conv2d.plan({ input: x.shape, weight: w });
    expect(own.info.memory.liveBytes).toBe(plan.bytes);
    plan.dispose();
    plan.dispose();
    expect(own.info.memory.liveBytes).toBe(0);
    expect(() => plan.run(x)).toThrow(DisposedError);
  });
});

describe('resident tensors', () => {
  it('hold a copy of the data until dispose', () => {
    const own = kernelsOver(referenceEngine());
    const source = Float32Array.of(1, 2, 3, 4);
    const tensor = own.tensor([2, 2], source);
    source.fill(0);
    expect(values(tensor)).toEqual([1, 2, 3, 4]);
    expect(tensor.shape).toEqual([2, 2]);
    expect(Object.isFrozen(tensor.shape)).toBe(true);
    expect(tensor.bytes).toBe(16);
    expect(own.info.memory.liveBytes).toBe(16);
    tensor[Symbol.dispose]();
    tensor.dispose();
    expect(own.info.memory.liveBytes).toBe(0);
    expect(() => tensor.data).toThrow(DisposedError);
  });

  it('are zeros without data, and may be empty or a scalar', () => {
    expect(values(kernels.tensor([2, 3]))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(values(kernels.tensor([0, 3]))).toEqual([]);
    expect(values(kernels.tensor([], Float32Array.of(7)))).toEqual([7]);
  });

  it('serve as operand, as out, and in other kernels', () => {
    const a = kernels.tensor([2, 2], Float32Array.of(1, 2, 3, 4));
    const out = kernels.tensor([2, 2]);
    expect(matmul(a, a, { out })).toBe(out);
    expect(values(out)).toEqual([7, 10, 15, 22]);
    expect(values(kernelsOver(referenceEngine()).matmul(a, a))).toEqual([7, 10, 15, 22]);
  });

  it('refuse more than maxBytes and leave the kernels usable', () => {
    const own = kernelsOver(referenceEngine({ maxBytes: 64 }));
    expect(() => own.tensor([17])).toThrow(OutOfMemoryError);
    expect(own.tensor([16]).bytes).toBe(64);
  });
});

describe('growth of the memory', () => {
  /** The reference with its buffers in a memory that grows, and so detaches every view, after each call and allocation. */
  function growing(): Kernels {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const reference = referenceEngine();
    const buffers = new Set<ArrayBufferLike>([memory.buffer]);
    let generation = 0;
    let next = 0;
    const engine: Engine = {
      ...reference,
      fprop: (...args) => grow(() => reference.fprop(...args)),
      dgrad: (...args) => grow(() => reference.dgrad(...args)),
      wgrad: (...args) => grow(() => reference.wgrad(...args)),
      get generation() {
        return generation;
      },
      owns: (buffer) => buffers.has(buffer),
      attach: (array, byteOffset, length, taken) =>
        taken === generation || !buffers.has(array.buffer) ? array : new Float32Array(memory.buffer, byteOffset, length),
      buffer: (_, length) => {
        const start = next;
        next += length * 4;
        grow();
        return { bytes: length * 4, view: () => new Float32Array(memory.buffer, start, length), free: () => undefined };
      },
    };
    const grow = (call?: () => void) => {
      call?.();
      memory.grow(1);
      generation++;
      buffers.add(memory.buffer);
    };
    return kernelsOver(engine);
  }

  it('does not disturb resident tensors, nor views of them taken right before a call', () => {
    const own = growing();
    const [x, w, dy] = [ramp(1, 3, 5, 5), ramp(2, 3, 3, 3), ramp(1, 2, 3, 3)];
    const [rx, rw, rdy] = [own.tensor(x.shape, x.data), own.tensor(w.shape, w.data), own.tensor(dy.shape, dy.data)];
    const expected = conv2d.backward(dy, x, w);
    expect(own.conv2d.backward(rdy, rx, rw)).toEqual(expected);
    const view = (t: Tensor): Tensor => ({ data: t.data, shape: t.shape });
    expect(own.conv2d.backward(view(rdy), view(rx), view(rw))).toEqual(expected);
    const copy = own.tensor(x.shape, rx.data);
    expect(values(copy)).toEqual(values(x));
    const kept = rx.data;
    own.conv2d(rx, rw);
    expect(() => own.conv2d({ data: kept, shape: rx.shape }, rw)).toThrow(/input\.data is detached: a view of a resident tensor/);
    expect(own.conv2d(rx, rw)).toEqual(conv2d(x, w));
  });

  it('happens in wasm between the products of one backward, unnoticed', () => {
    const own = loadSync({ variant: 'simd' });
    const [x, w, dy] = [ramp(1, 8, 64, 64), ramp(2, 8, 3, 3), ramp(1, 2, 62, 62)];
    const [rx, rw, rdy] = [own.tensor(x.shape, x.data), own.tensor(w.shape, w.data), own.tensor(dy.shape, dy.data)];
    const views = [rdy, rx, rw].map(({ data, shape }): Tensor => ({ data, shape })) as [Tensor, Tensor, Tensor];
    const { capacityBytes } = own.info.memory;
    expect(own.conv2d.backward(...views)).toEqual(conv2d.backward(dy, x, w));
    expect(own.info.memory.capacityBytes).toBeGreaterThan(capacityBytes);
    expect(views[1].data.length).toBe(0);
    own.dispose();
  });
});

describe('lifetime', () => {
  const [x, w] = [ramp(1, 3, 5, 5), ramp(2, 3, 3, 3)];

  it('refuses every use after dispose, and disposes once', () => {
    const own = kernelsOver(referenceEngine());
    const tensor = own.tensor([1]);
    const plan = own.conv2d.plan({ input: x.shape, weight: w });
    const dy = ramp(1, 2, 3, 3);
    own[Symbol.dispose]();
    own.dispose();
    const uses: [string, () => unknown][] = [
      ['conv2d', () => own.conv2d(x, w)],
      ['conv2d.gradInput', () => own.conv2d.gradInput(dy, w, x.shape)],
      ['conv2d.gradWeight', () => own.conv2d.gradWeight(dy, x, w.shape)],
      ['conv2d.gradBias', () => own.conv2d.gradBias(dy)],
      ['conv2d.backward', () => own.conv2d.backward(dy, x, w)],
      ['conv2d.outputShape', () => own.conv2d.outputShape(x.shape, w.shape)],
      ['conv2d.plan', () => own.conv2d.plan({ input: x.shape, weight: w })],
      ['conv2d.plan.run', () => plan.run(x)],
      ['unfold', () => own.unfold(x, 3)],
      ['fold', () => own.fold(ramp(1, 27, 9), 5, 3)],
      ['matmul', () => own.matmul(ramp(2, 2), ramp(2, 2))],
      ['tensor', () => own.tensor([1])],
      ['tensor.data', () => tensor.data],
    ];
    for (const [op, use] of uses) {
      expect(use).toThrow(DisposedError);
      expect(use).toThrow(`${op}: the kernels were disposed`);
    }
    tensor.dispose();
    plan.dispose();
    expect(own.info.memory).toMatchObject({ liveBytes: 0, capacityBytes: 0 });
  });

  it('is taken up by `using`', () => {
    let inner: Tensor;
    {
      using own = kernelsOver(referenceEngine());
      using tensor = own.tensor([1]);
      inner = tensor;
    }
    expect(() => inner.data).toThrow(DisposedError);
  });

  it('frees what has become unreachable', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const own = kernelsOver(referenceEngine());
    own.tensor([1000]);
    own.conv2d.plan({ input: x.shape, weight: w });
    expect(own.info.memory.liveBytes).toBeGreaterThan(4000);
    for (let i = 0; i < 100 && own.info.memory.liveBytes > 0; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(own.info.memory.liveBytes).toBe(0);
  });
});

describe('load', () => {
  it('tells what is running', async () => {
    const own = await load({ variant: 'reference', maxBytes: 2 ** 24, threads: 'auto' });
    expect(own.info).toMatchObject({ version, variant: 'reference', threads: 1, deterministic: false, tile: [], blocks: [] });
    expect(own.info.memory).toEqual({ liveBytes: 0, capacityBytes: 0, maxBytes: 2 ** 24, workspaceBytes: 0 });
    const tensor = own.tensor([4]);
    expect(own.info.memory.liveBytes).toBe(16);
    tensor.dispose();
  });

  const best = supports('relaxed') ? 'relaxed' : 'simd';

  it.each(['simd', 'relaxed'] as const)('knows whether the runtime accepts the %s kernels', (variant) => {
    expect(supports(variant)).toBe(WebAssembly.validate(readFileSync(new URL(`../../build/${variant}.wasm`, import.meta.url))));
  });
  const product = (own: Kernels) => values(own.matmul(ramp(3, 4), ramp(4, 2)));

  it('takes the best variant, or the one that is asked for', async () => {
    for (const [options, variant] of [
      [undefined, best],
      [{}, best],
      [{ variant: 'auto' }, best],
      [{ variant: 'simd' }, 'simd'],
      [{ deterministic: true }, 'simd'],
      [{ variant: 'simd', deterministic: true, threads: 2 }, 'simd'],
    ] as const) {
      const [later, now] = [await load(options), loadSync(options)];
      expect(later.info).toMatchObject({
        variant,
        threads: options && 'threads' in options ? options.threads : 1,
        deterministic: options !== undefined && 'deterministic' in options,
      });
      expect(later.info.tile).toHaveLength(2);
      expect(later.info.blocks).toHaveLength(3);
      expect(now.info).toEqual(later.info);
      expect(product(later)).toEqual(product(kernels));
      later.dispose();
      now.dispose();
    }
  });

  it('takes a compiled module and finds out which it is', async () => {
    const module = compiled('simd');
    expect((await load({ module })).info.variant).toBe('simd');
    expect(product(loadSync({ module, variant: 'simd', deterministic: true }))).toEqual(product(kernels));
    expect(() => loadSync({ module, variant: 'relaxed' })).toThrow(/^loadSync: module is the simd build; expected the relaxed one$/);
    expect(() => loadSync({ module, variant: 'reference' })).toThrow(/variant is "reference"; expected .* as a module is given/);
  });

  const refused: [string, unknown, RegExp][] = [
    ['null', null, /options is null; expected an object/],
    ['a name', 'simd', /options is "simd"; expected an object/],
    [
      'an unknown option',
      { wasmPath: '/' },
      /unknown option 'wasmPath'; known: variant, fallback, deterministic, threads, module, maxBytes/,
    ],
    ['an unknown variant', { variant: 'gpu' }, /variant is "gpu"; expected 'auto', 'relaxed', 'simd', 'reference'/],
    ['a number as deterministic', { deterministic: 1 }, /deterministic is 1; expected a boolean/],
    ['a number as fallback', { fallback: 1 }, /fallback is 1; expected a boolean/],
    ['a fallback from a variant', { fallback: true, variant: 'simd' }, /variant is "simd"; expected 'auto', as fallback is true/],
    ['a fallback with other bits', { fallback: true, deterministic: true }, /fallback is true; expected false, as deterministic is true/],
    ['deterministic relaxed', { deterministic: true, variant: 'relaxed' }, /variant is "relaxed"; expected 'simd' or 'auto'/],
    ['deterministic reference', { deterministic: true, variant: 'reference' }, /variant is "reference"; expected 'simd' or 'auto'/],
    ['no threads', { threads: 0 }, /threads is 0; expected a whole number from 1 to 64, 'auto', or \{ count, required, workerUrl \}/],
    ['half a thread', { threads: 1.5 }, /threads is 1.5; expected/],
    ['many threads', { threads: 'all' }, /threads is "all"; expected/],
    ['NaN bytes', { maxBytes: Number.NaN }, /maxBytes is NaN; expected a whole number of bytes from 1048576 to 4294901760/],
    ['too few bytes', { maxBytes: 65536 }, /maxBytes is 65536; expected/],
    ['too many bytes', { maxBytes: 2 ** 32 }, /maxBytes is 4294967296; expected/],
    ['bytes of the last page', { maxBytes: 2 ** 32 - 65535 }, /maxBytes is 4294901761; expected/],
    ['bytes as text', { maxBytes: '4GB' }, /maxBytes is "4GB"; expected/],
    ['bytes as a module', { module: new Uint8Array(8) }, /module is a Uint8Array; expected a WebAssembly.Module/],
    ['an instance as a module', { module: {} }, /module is an Object; expected a WebAssembly.Module/],
  ];
  it.each(refused)('refuses %s', async (_, options, message) => {
    expect(() => loadSync(options as LoadOptions)).toThrow(OptionError);
    expect(() => loadSync(options as LoadOptions)).toThrow(message);
    const rejection = load(options as LoadOptions);
    await expect(rejection).rejects.toThrow(OptionError);
    await expect(rejection).rejects.toThrow(message);
  });

  it('refuses a module that is not of these kernels', async () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    await expect(load({ module })).rejects.toThrow(UnsupportedRuntimeError);
    await expect(load({ module })).rejects.toThrow(/^load: the given module does not start \(/);
    await expect(load({ module })).rejects.toHaveProperty('cause');
  });

  describe('in a poorer runtime', () => {
    afterEach(() => vi.restoreAllMocks());

    it('falls back where it may, and says what is missing where not', async () => {
      vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
      const fallback = { fallback: true, threads: 'auto' } as const;
      for (const { info } of [await load(fallback), loadSync(fallback)]) {
        expect(info).toMatchObject({ variant: 'reference', threads: 1, threadsReason: 'the reference runs on one thread' });
      }
      expect(() => loadSync()).toThrow(
        /^loadSync: variant 'auto' needs WebAssembly SIMD \(simd128\), which .*; fallback: true, or variant 'reference'/,
      );
      await expect(load()).rejects.toThrow(/^load: variant 'auto' needs WebAssembly SIMD/);
      await expect(load({ variant: 'simd' })).rejects.toThrow(UnsupportedRuntimeError);
      await expect(load({ variant: 'simd' })).rejects.toThrow(/^load: variant 'simd' needs WebAssembly SIMD \(simd128\), which/);
      expect(() => loadSync({ variant: 'relaxed' })).toThrow(/^loadSync: variant 'relaxed' needs WebAssembly relaxed SIMD, which/);
      expect(() => loadSync({ deterministic: true })).toThrow(UnsupportedRuntimeError);
    });

    it('says that compiling is refused, and why', async () => {
      const cause = new WebAssembly.CompileError('blocked by Content Security Policy');
      vi.spyOn(WebAssembly, 'compile').mockRejectedValue(cause);
      expect((await load({ fallback: true })).info.variant).toBe('reference');
      await expect(load()).rejects.toThrow(UnsupportedRuntimeError);
      await expect(load()).rejects.toThrow(
        /refuses the embedded WebAssembly \(blocked by Content Security Policy\); the page's .* must have 'wasm-unsafe-eval' in its script-src/,
      );
      await expect(load()).rejects.toHaveProperty('cause', cause);
    });

    it('has no WebAssembly at all', async () => {
      vi.stubGlobal('WebAssembly', undefined);
      try {
        expect((await load({ fallback: true })).info.variant).toBe('reference');
        expect(loadSync({ variant: 'reference' }).info.variant).toBe('reference');
        expect(() => loadSync()).toThrow(/variant 'auto' needs WebAssembly, which this runtime does not have/);
      } finally {
        vi.unstubAllGlobals();
      }
    });
  });

  it('has the version of package.json', () => {
    expect(version).toBe(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
  });

  it('exports load, the errors and the version, and nothing else', () => {
    expect(Object.keys(simdconv).sort()).toEqual([
      'DisposedError',
      'OptionError',
      'OutOfMemoryError',
      'ShapeError',
      'SimdconvError',
      'UnsupportedRuntimeError',
      'load',
      'loadSync',
      'version',
    ]);
    expectTypeOf(loadSync).returns.toEqualTypeOf<Kernels>();
  });
});

describe('a plan that does not fit', () => {
  it.each([1.5, 2, 4])('changes nothing in %d MiB', (mebibytes) => {
    const kernels = loadSync({ variant: 'simd', maxBytes: mebibytes * 2 ** 20 });
    const before = { ...kernels.info.memory };
    const weight = { data: new Float32Array(128 * 128 * 9), shape: [128, 128, 3, 3] };
    expect(() => kernels.conv2d.plan({ input: [1, 128, 28, 28], weight, padding: 1 })).toThrow(OutOfMemoryError);
    expect({ ...kernels.info.memory }).toEqual(before);
  });
});
