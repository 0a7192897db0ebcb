/** Element-wise kernels and sums give what plain tfjs does, of special values too, in tensors of any rank and between guard bands. */
import { expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { seeded } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;

interface Operand {
  readonly shape: number[];
  readonly data: Float32Array;
}

interface Case {
  readonly name: string;
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Operand>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const SPECIAL = [Number.NaN, 0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
/** Of two operands of which one is broadcast; wasm's own maximum is one of them where the other is not a number. */
const BINARY = ['Add', 'Sub', 'Multiply', 'RealDiv', 'SquaredDifference', 'Maximum', 'Minimum'];
const UNARY: Readonly<Record<string, object>> = {
  Relu: {},
  Relu6: {},
  LeakyRelu: { alpha: 0.25 },
  Step: { alpha: 0.5 },
  ClipByValue: { clipValueMin: -0.5, clipValueMax: 0.75 },
};

function cases(count: number): Case[] {
  const random = seeded(4);
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  const operand = (shape: number[], special: boolean): Operand => {
    const value = (): number => (special && random() < 0.1 ? pick(SPECIAL) : 4 * random() - 2);
    return { shape, data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, value) };
  };
  const shapeOf = (): number[] => {
    const shape = Array.from({ length: int(0, 6) }, () => int(1, 5));
    if (shape.length > 0 && random() < 0.4) shape[shape.length - 1] = int(1, 80);
    if (shape.length > 0 && random() < 0.05) shape[int(0, shape.length - 1)] = 0;
    if (shape.length === 4 && random() < 0.3) shape[1] = 300;
    return shape;
  };
  return Array.from({ length: count }, (_, index): Case => {
    const shape = shapeOf();
    const special = random() < 0.5;
    const made = (kernel: string, inputs: Case['inputs'], attributes: object): Case => {
      const shapes = Object.entries(inputs).map(([name, each]) => `${name} [${each.shape}]`);
      return {
        name: `${index}: ${kernel} ${shapes.join(' ')} ${JSON.stringify(attributes)}`,
        kernel,
        inputs,
        attributes: { ...attributes },
      };
    };
    const kind = index % 4;
    if (kind < 2) {
      const other = shape.map((size) => (random() < 0.4 ? 1 : size)).slice(random() < 0.6 ? 0 : int(0, shape.length));
      const kernel = pick([...BINARY, 'Prelu']);
      if (kernel === 'Prelu') return made(kernel, { x: operand(shape, special), alpha: operand(other, false) }, {});
      // Of both, axes that the other one lacks.
      const mine = shape.map((size, axis) => (random() < 0.2 && other[axis - shape.length + other.length] === size ? 1 : size));
      const [a, b] = random() < 0.5 ? [mine, other] : [other, mine];
      return made(kernel, { a: operand(a, special), b: operand(b, special) }, {});
    }
    if (kind === 2) {
      const kernel = pick(Object.keys(UNARY));
      const large = random() < 0.3 ? [pick([33_000, 40_001]), pick([1, 3])] : shape;
      return made(kernel, { x: operand(large, special) }, UNARY[kernel] as object);
    }
    const axes = shape.map((_, axis) => (random() < 0.5 ? axis : axis - shape.length)).filter(() => random() < 0.5);
    const axis = random() < 0.1 ? null : axes.length === 1 && random() < 0.5 ? axes[0] : axes;
    return made(pick(['Sum', 'Mean']), { x: operand(shape, special) }, { axis, keepDims: false });
  });
}

const CASES = cases(800);

function run({ kernel, inputs, attributes }: Case): Operand {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
    const y = tf.engine().runKernel(kernel, tensors, attributes as never) as Tensor;
    return { data: y.dataSync<'float32'>().slice(), shape: y.shape };
  });
}

/** What each element may differ by: of a sum 34 roundings; of a square two. Nothing else is rounded more than once. */
function slack({ kernel, inputs, attributes }: Case, want: Operand): (index: number) => number {
  if (kernel === 'SquaredDifference') return (index) => 2 ** -22 * (want.data[index] as number);
  if (kernel !== 'Sum' && kernel !== 'Mean') return () => 0;
  const x = inputs.x as Operand;
  const absolute = run({ name: '', kernel, inputs: { x: { ...x, data: x.data.map(Math.abs) } }, attributes });
  return (index) => 34 * 2 ** -24 * (absolute.data[index] as number) * 1.001;
}

await tf.setBackend('wasm');
const ofWasm = CASES.map((c) => (c.kernel === 'Maximum' || c.kernel === 'Minimum' ? run(c) : null));
await tf.setBackend('cpu');
const plain = CASES.map((c, index) => {
  const want = run(c);
  return { cpu: { want, within: slack(c, want) }, wasm: ofWasm[index] };
});

test.each(['cpu', 'wasm', 'wasm, its memory hidden'])('accelerated %s', async (way) => {
  const [backend] = way.split(',') as ['cpu' | 'wasm'];
  await tf.setBackend(backend);
  const { wasm } = tf.backend() as unknown as { wasm: { asm: unknown } };
  const check = backend === 'wasm' ? guardHeap() : () => {};
  const asm = wasm?.asm;
  if (way.includes('hidden')) wasm.asm = { ...(asm as object), memory: undefined };
  const { restore, info } = await accelerate(tf);
  CASES.forEach((c, index) => {
    // There tfjs's own kernels take NaN for the least, and their sums of nothing are garbage.
    const elsewhere = backend === 'wasm' && !info.inPlace && (c.kernel === 'ClipByValue' || c.inputs.x?.shape.includes(0));
    if (!info.kernels.includes(c.kernel) || elsewhere) return;
    const { cpu, wasm } = plain[index] as (typeof plain)[number];
    const { want, within } = backend === 'wasm' && wasm ? { want: wasm, within: () => 0 } : cpu;
    const got = run(c);
    expect(got.shape, c.name).toEqual(want.shape);
    const wrong = got.data.findIndex((value, i) => {
      const other = want.data[i] as number;
      return !Object.is(value, other) && !(Math.abs(value - other) <= within(i));
    });
    expect(wrong < 0 ? 'right' : `at ${wrong}: ${got.data[wrong]}, plain ${want.data[wrong]}`, c.name).toBe('right');
    check();
  });
  restore();
  if (asm) wasm.asm = asm;
});
