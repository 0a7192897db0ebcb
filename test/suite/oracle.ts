import type { ConvShapeOptions, Kernels, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { close, sameBits, sameShape } from './check.js';
import { asView, guarded, imageLast, weightLast } from './data.js';
import { oracleCases } from './oracle-cases.js';
import { compute, floatProblem, mapProblem, op as opOf, type Problem, RESULTS, resultShape, title } from './problem.js';
import { truth } from './truth.js';

/** Seeded floats against the oracle, each element within the tolerance computed for it. */
export function oracle(define: Define, backend: Backend): void {
  for (const [index, c] of oracleCases().entries()) {
    define(`oracle ${title(c)}`, () => {
      const p = floatProblem(backend.kernels, c, index);
      const results = closeToTruth(backend, p);
      sameByOtherWays(backend.kernels, p, results);
    });
  }
  sums(define, backend);
}

type Results = Record<(typeof RESULTS)[number], Tensor>;

export function closeToTruth(backend: Backend, p: Problem): Results {
  const wants = truth(backend, p);
  return Object.fromEntries(
    RESULTS.map((name) => {
      const got = compute[name](backend.kernels, p);
      close(got, wants[name].want, wants[name].tolerance, name);
      return [name, got];
    }),
  ) as Results;
}

/** A plan, backward, views, `out` and resident operands change where numbers are, not one bit of them. */
function sameByOtherWays(kernels: Kernels, p: Problem, results: Results): void {
  const op = opOf(kernels, p);
  const { gradInput, gradWeight, gradBias } = op.backward(p.gradOutput, p.input, p.weight, p.shapeOptions);
  sameBits(gradInput, results.gradInput, 'backward gradInput');
  sameBits(gradWeight, results.gradWeight, 'backward gradWeight');
  sameBits(gradBias, results.gradBias, 'backward gradBias');

  const plan = op.plan({ input: p.input.shape, weight: p.weight, ...p.options });
  sameShape(plan.outputShape, results.output.shape, 'plan.outputShape');
  sameBits(plan.run(p.input), results.output, 'plan.run');
  const again = guarded(results.output.shape);
  plan.run(asView(p.input), again.out);
  sameBits(again.out, results.output, 'plan.run again, into out');
  again.check('plan.run');
  plan.dispose();

  const residents: { dispose(): void }[] = [];
  const moved = mapProblem(p, (t) => {
    const resident = kernels.tensor(t.shape, t.data);
    residents.push(resident);
    return resident;
  });
  for (const name of RESULTS) {
    const out = kernels.tensor(resultShape[name](p));
    residents.push(out);
    compute[name](kernels, moved, out);
    sameBits(out, results[name], `${name}, resident`);
  }
  for (const each of residents) each.dispose();
}

/** Sums longer than a block of KC in each direction. */
function sums(define: Define, backend: Backend): void {
  const [, , KC = 8] = backend.kernels.info.blocks;
  for (const c of [
    { op: 'conv2d', input: [1, KC, 4, 3], weight: [5, KC, 2, 2], name: `sums of ${4 * KC}` },
    {
      op: 'conv2d',
      input: [1, 3, 4, 5],
      weight: [2 * KC + 1, 3, 2, 3],
      options: { stride: 2, padding: 1 },
      name: `${2 * KC + 1} output channels`,
    },
    { op: 'conv2d', input: [2, 2, 18, 16], weight: [3, 2, 3, 3], options: { padding: 1 }, name: `${2 * 18 * 16} output positions` },
    {
      op: 'convTranspose2d',
      input: [1, 2 * KC + 1, 3, 2],
      weight: [2 * KC + 1, 3, 3, 2],
      options: { stride: 2 },
      name: `${2 * KC + 1} input channels`,
    },
  ] as const) {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      define(`oracle ${c.op} ${layout}: ${c.name}`, () => {
        const options: ConvShapeOptions = 'options' in c ? c.options : {};
        const p = floatProblem(backend.kernels, { op: c.op, input: c.input, weight: c.weight, options }, KC);
        if (layout === 'channels-first') closeToTruth(backend, p);
        else closeToTruth(backend, lastProblem(p));
      });
    }
  }
}

/** A batched 2-D problem in channels-last, with the same numbers. */
function lastProblem(p: Problem): Problem {
  const shapeOptions = { ...p.shapeOptions, layout: 'channels-last' } as const;
  return {
    op: p.op,
    input: imageLast(p.input, 2),
    weight: weightLast(p.weight),
    gradOutput: imageLast(p.gradOutput, 2),
    shapeOptions,
    options: shapeOptions,
  };
}
