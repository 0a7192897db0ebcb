import type { Algorithm, Tensor } from '../../src/index.js';
import type { Backend } from './backend.js';
import { sameBits, that } from './check.js';
import { asView, guarded, guardedResident } from './data.js';
import { compute, mapProblem, op, type Problem, type ResultName, resultShape, withAlgorithm } from './problem.js';

export type Judge = (got: Tensor, what: string) => void;

/**
 * A result by one algorithm in every way that there is: plain operands as views between NaN, resident ones, and for the output a plan, each into an out
 * full of NaN between guard bands. The ways have the same bits; 'auto' may take another algorithm in a plan than in one call.
 */
export function everyWay({ kernels, name: backend }: Backend, p: Problem, algorithm: Algorithm, name: ResultName, judge: Judge): void {
  const q = withAlgorithm(p, algorithm);
  const shape = resultShape[name](p);
  const what = `${name} by ${algorithm}`;
  const plain = guarded(shape);
  compute[name](kernels, mapProblem(q, asView), plain.out);
  plain.check(what);
  judge(plain.out, what);

  const held: { dispose(): void }[] = [];
  const moved = mapProblem(q, (t) => {
    const resident = kernels.tensor(t.shape, t.data);
    held.push(resident);
    return resident;
  });
  const resident = guardedResident(kernels, shape);
  held.push(resident);
  compute[name](kernels, moved, resident.out);
  sameBits(resident.out, plain.out, `${what}, resident`);
  resident.check(what);

  if (name === 'output') {
    const plan = op(kernels, p).plan({ ...q.options, input: p.input.shape, weight: moved.weight });
    held.push(plan);
    const [planned, again] = [guarded(shape), guardedResident(kernels, shape)];
    held.push(again);
    plan.run(asView(p.input), planned.out);
    planned.check(`${what}, plan`);
    plan.run(moved.input, again.out);
    again.check(`${what}, plan`);
    sameBits(again.out, planned.out, `${what}, plan on resident tensors`);
    if (algorithm === 'auto') judge(planned.out, `${what} (${plan.algorithm}), plan`);
    else sameBits(planned.out, plain.out, `${what}, plan`);
    if (algorithm !== 'auto' && backend !== 'reference') that(plan.algorithm === algorithm, `${what}: the plan's is '${plan.algorithm}'`);
  }
  for (const each of held) each.dispose();
}
