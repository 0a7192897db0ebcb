import type { EnginePlan } from '../engine.js';
import { type ConvProblem, show, sizeOf } from '../geometry/index.js';
import type { FreshTensor, Plan, Tensor } from '../types.js';
import { type Host, Owner } from './host.js';
import { canRun, checkSameShape, destination, fittingData, readTensor } from './operand.js';

/** A forward convolution whose weight and bias were packed once. */
export class ConvPlan extends Owner<EnginePlan> implements Plan {
  readonly outputShape: readonly number[];
  readonly bytes: number;
  readonly algorithm: string;
  readonly #host: Host;
  readonly #op: string;
  readonly #inputShape: readonly number[];
  readonly #inputLength: number;
  readonly #outputLength: number;

  constructor(host: Host, op: string, problem: ConvProblem, plan: EnginePlan) {
    super(host, plan);
    this.#host = host;
    this.#op = `${op}.run`;
    this.#inputShape = problem.inputShape;
    this.#inputLength = sizeOf(problem.inputShape);
    this.#outputLength = sizeOf(problem.outputShape);
    this.outputShape = Object.freeze([...problem.outputShape]);
    this.bytes = plan.bytes;
    this.algorithm = plan.algorithm;
  }

  run(input: Tensor): FreshTensor;
  run<O extends Tensor>(input: Tensor, out: O): O;
  run(input: Tensor, out?: Tensor): Tensor {
    const op = this.#op;
    const plan = this.hold(op);
    // What fits needs no more reading, and makes no garbage.
    const x = fittingData(input, this.#inputShape, this.#inputLength);
    const { generation } = this.#host;
    const y = out === undefined ? null : fittingData(out, this.outputShape, this.#outputLength);
    // Between them, a getter of the caller's may have made the memory grow.
    if (x !== null && y !== null && generation === this.#host.generation && canRun(this.#host, x, y)) {
      if (y.length > 0) plan.run(x, y);
      return out as Tensor;
    }
    const read = readTensor(this.#host, op, 'input', input);
    checkSameShape(op, 'input', read.shape, this.#inputShape, "the plan's input");
    const result = destination(this.#host, op, out, this.outputShape, { input: read.data });
    if (result.data.length > 0) plan.run(read.data, result.data);
    return result.tensor;
  }

  protected override inspect(): string {
    const from = `${show(this.#inputShape)} → ${show(this.outputShape)}`;
    return `Plan { ${this.#op.replace(/\.plan\.run$/, '')} ${from}, algorithm: '${this.algorithm}', bytes: ${this.bytes} }`;
  }

  protected describe(): string {
    return 'the plan';
  }
}
