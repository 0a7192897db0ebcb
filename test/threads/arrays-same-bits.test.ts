/** Any number of threads gives the bits of one for what is done to arrays around a convolution, and writes nothing else. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Axes, type Engine, MOST_BYTES } from '../../src/engine.js';
import { sizeOf } from '../../src/geometry/index.js';
import { tfGeometry } from '../../src/tfjs/kernels/geometry.js';
import { type Spawner, spawnerOf } from '../../src/threads/spawn.js';
import { type WasmEngine, wasmEngine } from '../../src/wasm/engine.js';
import { ELEMENTWISE } from '../../src/wasm/generated/layout.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { SHARING } from '../../src/wasm/sharing.js';
import { elementwiseOf, intOf, pickOf, type Random, sumOf } from '../kernels/array-problems.js';
import { firstOther } from '../kernels/machine.js';
import { compiled } from '../suite/build.js';
import { seeded } from '../suite/data.js';

const PROBLEMS = 300;

// Whatever can be shared between threads is, however small.
Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

/** What an operation leaves in a result of so many elements that were NaN. */
function resultOf(
  engine: Engine,
  operands: readonly Float32Array[],
  length: number,
  run: (operands: Float32Array[], to: Float32Array) => void,
) {
  const held = [...operands, new Float32Array(length).fill(Number.NaN)].map((values) => ({
    values,
    buffer: engine.buffer('test', values.length),
  }));
  for (const { values, buffer } of held) buffer.view().set(values);
  const views = held.map(({ buffer }) => buffer.view());
  run(views.slice(0, -1), views.at(-1) as Float32Array);
  const result = (views.at(-1) as Float32Array).slice();
  for (const { buffer } of held) buffer.free();
  return result;
}

/** The elements of a dense array, of which each axis may be read backwards in order, into a dense one with gaps. */
function copyOf(random: Random): { readonly axes: Axes; readonly from: number; readonly to: number } {
  const sizes = [intOf(random, 1, 3), intOf(random, 1, 4), intOf(random, 1, 9), pickOf(random, [1, 2, 5, 16, 33, 1030])];
  const order = pickOf(random, [[0, 1, 2, 3], [0, 1, 2, 3], [2, 0, 1, 3], [3, 1, 0, 2]]); // biome-ignore format: a list of orders
  const stepsOf = (axes: readonly number[], gap: number): number[] => {
    const steps = [0, 0, 0, 0];
    let extent = 1 + gap;
    for (const axis of [...axes].reverse()) {
      steps[axis] = extent;
      extent *= sizes[axis] as number;
    }
    return steps;
  };
  const [gapFrom, gapTo] = [intOf(random, 0, 1), intOf(random, 0, 1)];
  const [from, to] = [intOf(random, 0, 5), intOf(random, 0, 5)];
  const count = sizeOf(sizes);
  return {
    axes: { words: [...sizes, ...stepsOf(order, gapFrom), ...stepsOf([0, 1, 2, 3], gapTo)], from, to } as Axes,
    from: from + count * (1 + gapFrom),
    to: to + count * (1 + gapTo) + 3,
  };
}

const module = compiled('simd', true);
const engineOf = (count: number): WasmEngine => {
  const threads = count > 1 ? { count, spawner: spawnerOf() as Spawner, sharing: SHARING } : undefined;
  const engine = wasmEngine(module, new OwnMemory(MOST_BYTES, true), threads);
  engine.waitForThreads();
  return engine;
};

describe('on 2, 3 and 7 threads', () => {
  const one = engineOf(1);
  const several = [2, 3, 7].map(engineOf);
  afterAll(() => {
    for (const engine of [one, ...several]) engine.dispose();
  });
  const expectSame = (
    operands: readonly Float32Array[],
    length: number,
    what: unknown,
    run: (engine: Engine, operands: Float32Array[], to: Float32Array) => void,
  ) => {
    const want = resultOf(one, operands, length, (held, to) => run(one, held, to));
    for (const engine of several) {
      const other = firstOther(
        resultOf(engine, operands, length, (held, to) => run(engine, held, to)),
        want,
      );
      expect(other < 0 ? 'the same' : { threads: engine.threads, other, what }).toBe('the same');
    }
  };

  it('they run', () => expect(several.map(({ threads }) => threads)).toEqual([2, 3, 7]));

  it('elementwise', () => {
    const random = seeded(21);
    const names = Object.keys(ELEMENTWISE) as (keyof typeof ELEMENTWISE)[];
    for (let i = 0; i < PROBLEMS; i++) {
      const { f, axes, a, b, c, count } = elementwiseOf(random, names[i % names.length] as keyof typeof ELEMENTWISE);
      const numbers = { b: typeof b === 'number' ? b : undefined, c: typeof c === 'number' ? c : undefined };
      const operands = [a, ...[b, c].filter((operand) => typeof operand !== 'number')];
      expectSame(operands, axes.at + count + 3, { f, axes }, (engine, [first, second, third], y) =>
        engine.elementwise(
          f,
          axes,
          first as Float32Array,
          numbers.b ?? (second as Float32Array),
          numbers.c ?? third ?? (second as Float32Array),
          y,
        ),
      );
    }
  });

  it('sum', () => {
    const random = seeded(22);
    for (let i = 0; i < PROBLEMS; i++) {
      const { axes, x } = sumOf(random);
      const [planes = 0, length = 0] = axes.words;
      expectSame([x], axes.at + planes * length + 3, axes, (engine, [from], y) => engine.sum(axes, from as Float32Array, 3, y));
    }
  });

  it('copy', () => {
    const random = seeded(23);
    for (let i = 0; i < PROBLEMS; i++) {
      const { axes, from, to } = copyOf(random);
      const source = Float32Array.from({ length: from }, random);
      expectSame([source], to, axes, (engine, [values], target) => engine.copy(axes, values as Float32Array, target));
    }
  });

  it('maxPoolGrad', () => {
    const random = seeded(24);
    for (let i = 0; i < 40; i++) {
      const image = [intOf(random, 1, 9), intOf(random, 4, 9), intOf(random, 4, 9), intOf(random, 1, 9)];
      const window = [3, 2, image[3] as number, 1];
      const { geometry, outShape } = tfGeometry('test', true, image, window, { strides: [2, 1], pad: 'same' });
      const [x, dy] = [image, outShape].map((shape) => Float32Array.from({ length: sizeOf(shape) }, () => Math.floor(9 * random())));
      expectSame([x as Float32Array, dy as Float32Array], sizeOf(image), image, (engine, [values, upstream], dx) =>
        engine.maxPoolGrad(geometry, values as Float32Array, upstream as Float32Array, dx),
      );
    }
  });
});
