/** Any number of threads gives the bits of one: random problems of every op, in every direction, called and planned. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Activation, type Algorithm, type Kernels, type LoadOptions, loadSync, SimdconvError, type Tensor } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { supports } from '../../src/wasm/support.js';
import { floats, seeded } from '../suite/data.js';
import { type ConvCase, type ConvName, compute, floatProblem, outputChannels, type Problem, RESULTS, title } from '../suite/problem.js';

const OPS: readonly ConvName[] = ['conv2d', 'convTranspose2d', 'conv1d', 'conv3d', 'convTranspose1d', 'convTranspose3d'];
const THREADS = [2, 3, 7];
/** THREADS_PROBLEMS=1000 for the long run. */
const PROBLEMS = Number(process.env.THREADS_PROBLEMS ?? 120);
const ALGORITHMS: readonly Algorithm[] = ['auto', 'auto', 'gemm', 'direct', 'winograd', 'phases'];
const ACTIVATIONS: readonly (Activation | undefined)[] = [undefined, 'relu', 'relu6', { leakyRelu: 0.1 }];

// Whatever can be shared between threads is, however small.
Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

function randomCase(random: () => number, op: ConvName): ConvCase {
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const one = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
  const axes = Number(op.at(-2));
  const groups = one([1, 1, 1, 2, 3, 8]);
  const [inputs, outputs] = [groups * whole(1, groups === 1 ? 40 : 4), groups * whole(1, groups === 1 ? 40 : 4)];
  const most = axes === 3 ? 6 : axes === 2 ? 20 : 90;
  const kernel = Array.from({ length: axes }, () => one([1, 1, 2, 3, 3, 3, 5]));
  const dilation = one([1, 1, 1, 2]);
  const size = kernel.map((taps) => whole((taps - 1) * dilation + 1, (taps - 1) * dilation + most));
  const last = random() < 0.5;
  const weight = op.startsWith('convTranspose') ? [inputs, outputs / groups, ...kernel] : [outputs, inputs / groups, ...kernel];
  const [rows, ...rest] = weight as [number, number, ...number[]];
  const activation = one(ACTIVATIONS);
  return {
    op,
    input: last ? [whole(1, 3), ...size, inputs] : [whole(1, 3), inputs, ...size],
    weight: last ? [...kernel, rest[0] as number, rows] : weight,
    options: {
      stride: one([1, 1, 1, 2, 3]),
      dilation,
      groups,
      padding: one([0, 1, 'same' as const]),
      layout: last ? 'channels-last' : 'channels-first',
    },
    bias: random() < 0.5,
    ...(activation && { activation }),
  } as ConvCase;
}

/** Results of every direction, of a plan too; undefined for what is refused. */
function resultsOf(kernels: Kernels, p: Problem): readonly (Float32Array | undefined)[] {
  const attempt = (run: () => Tensor): Float32Array | undefined => {
    try {
      return run().data;
    } catch (error) {
      if (error instanceof SimdconvError) return undefined;
      throw error;
    }
  };
  const planned = (): Tensor => {
    const plan = kernels[p.op].plan({ input: p.input.shape, weight: p.weight, ...p.options });
    const y = plan.run(p.input);
    plan.dispose();
    return y;
  };
  return [...RESULTS.map((name) => attempt(() => compute[name](kernels, p))), attempt(planned)];
}

for (const variant of ['simd', 'relaxed'] as const) {
  if (!supports(variant)) {
    it.skip(`${variant}: this runtime (Node ${process.versions.node}) has no relaxed SIMD; run on a current Node`, () => {});
    continue;
  }
  describe(variant, () => {
    const load = (options: LoadOptions): Kernels => loadSync({ variant, ...options });
    const one = load({});
    const several = THREADS.map((count) => load({ threads: { count, required: true } }));
    afterAll(() => {
      for (const kernels of [one, ...several]) kernels.dispose();
    });

    it.each(OPS)('%s', (op) => {
      const random = seeded(OPS.indexOf(op) + 1);
      let compared = 0;
      for (let round = 0; round < Math.ceil(PROBLEMS / OPS.length); round++) {
        const c = randomCase(random, op);
        const algorithm = ALGORITHMS[round % ALGORITHMS.length] as Algorithm;
        const drawn = attemptProblem(one, c, round);
        if (!drawn) continue;
        const p: Problem = { ...drawn, options: { ...drawn.options, algorithm }, shapeOptions: { ...drawn.shapeOptions, algorithm } };
        // An outlier now and then: Winograd leaves what meets it to another method.
        if (round % 5 === 0) p.input.data[p.input.data.length >> 1] = 1e6;
        if (round % 11 === 0) p.weight.data[0] = Number.POSITIVE_INFINITY;
        const want = resultsOf(one, p);
        several.forEach((kernels, i) => {
          const got = resultsOf(kernels, p);
          want.forEach((bits, index) => {
            const what = `${title(c)}, ${algorithm}, ${THREADS[i]} threads: ${[...RESULTS, 'plan'][index]}`;
            expect(got[index] === undefined, what).toBe(bits === undefined);
            if (bits) expect(sameBits(bits, got[index] as Float32Array), what).toBe(true);
          });
        });
        compared += want.filter(Boolean).length;
      }
      expect(compared).toBeGreaterThan(PROBLEMS / OPS.length);
    });

    it('matmul, called and planned', () => {
      const random = seeded(99);
      for (let round = 0; round < PROBLEMS / 4; round++) {
        const [m, n, k, batch] = [90, 300, 60, 4].map((most) => 1 + Math.floor(random() ** 2 * most)) as [number, number, number, number];
        const [transposeA, transposeB] = [random() < 0.3, random() < 0.5];
        const a = floats(random, [batch, ...(transposeA ? [k, m] : [m, k])]);
        const b = floats(random, [...(random() < 0.5 ? [batch] : [1]), ...(transposeB ? [n, k] : [k, n])]);
        const bias = random() < 0.5 ? { bias: floats(random, [n]) } : {};
        const options = { transposeA, transposeB, activation: 'relu', ...bias } as const;
        const planned = (kernels: Kernels): Tensor => kernels.matmul.plan({ a: a.shape, b, ...options }).run(a);
        for (const run of [(kernels: Kernels): Tensor => kernels.matmul(a, b, options), planned]) {
          const want = run(one).data;
          for (const kernels of several) {
            expect(sameBits(want, run(kernels).data), `[${a.shape}] x [${b.shape}] ${JSON.stringify([transposeA, transposeB])}`).toBe(true);
          }
        }
      }
    });

    it('unfold and fold', () => {
      const random = seeded(7);
      for (let round = 0; round < 20; round++) {
        const last = random() < 0.5;
        const [batch, channels, size] = [1 + Math.floor(random() * 4), 1 + Math.floor(random() * 9), 5 + Math.floor(random() * 9)];
        const x = floats(random, last ? [batch, size, size + 1, channels] : [batch, channels, size, size + 1]);
        const options = { padding: 1, stride: 1 + (round % 2), layout: last ? 'channels-last' : 'channels-first' } as const;
        const columns = one.unfold(x, [3, 3], options);
        const image = one.fold(columns, [size, size + 1], [3, 3], options);
        for (const kernels of several) {
          expect(sameBits(columns.data, kernels.unfold(x, [3, 3], options).data)).toBe(true);
          expect(sameBits(image.data, kernels.fold(columns, [size, size + 1], [3, 3], options).data)).toBe(true);
        }
      }
    });
  });
}

/** Random sizes may leave no output. */
function attemptProblem(kernels: Kernels, c: ConvCase, seed: number): Problem | undefined {
  try {
    outputChannels(c.op, c.weight, c.options ?? {});
    return floatProblem(kernels, c, seed);
  } catch (error) {
    if (error instanceof SimdconvError) return undefined;
    throw error;
  }
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
