import type { EnginePlan } from '../engine.js';
import { show, sizeOf } from '../geometry/index.js';
import type { FreshTensor, Plan, Tensor } from '../types.js';
import { canRun, checkSameShape, destination, fittingData, readTensor } from './arguments.js';
import { type Host, Owner } from './context.js';

export interface PlanShapes {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

/** An operation whose weight and bias were packed once. */
export class OpPlan extends Owner<EnginePlan> implements Plan {
  readonly outputShape: readonly number[];
  readonly bytes: number;
  readonly algorithm: EnginePlan['algorithm'];
  readonly #host: Host;
  readonly #op: string;
  /** What `run` calls its input in errors. */
  readonly #argument: string;
  readonly #inputShape: readonly number[];
  readonly #inputLength: number;
  readonly #outputLength: number;

  constructor(host: Host, op: string, argument: string, { inputShape, outputShape }: PlanShapes, plan: EnginePlan) {
    super(host, plan);
    this.#host = host;
    this.#op = `${op}.run`;
    this.#argument = argument;
    this.#inputShape = inputShape;
    this.#inputLength = sizeOf(inputShape);
    this.#outputLength = sizeOf(outputShape);
    this.outputShape = Object.freeze([...outputShape]);
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
    const argument = this.#argument;
    const read = readTensor(this.#host, op, argument, input);
    checkSameShape(op, argument, read.shape, this.#inputShape, `the plan's ${argument}`);
    const result = destination(this.#host, op, out, this.outputShape, { [argument]: read.data });
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
