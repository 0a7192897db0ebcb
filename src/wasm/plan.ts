import type { EnginePlan, Epilogue, Job } from '../engine.js';
import { finishOf, type Instance } from './instance.js';
import { ABSENT, align, type Place, roomFor } from './memory.js';
import type { Finish, Weight } from './methods.js';
import { fillLayout, layoutOf } from './packed.js';
import { fitting, type Program } from './program.js';
import { VIEW_BYTES } from './view.js';

/**
 * A product with its weight packed once. Everything that a run needs lies in one block of the memory, so that a run makes no garbage:
 *
 *   view | view ... | packed weight of each view (or the weight as it is) | bias
 */
export function makePlan(instance: Instance, wanted: Program, w: Float32Array, epilogue: Epilogue, job: Job): EnginePlan {
  const { kernels, memory } = instance;
  const [weight, bias] = [memory.place(w), memory.place(epilogue.bias)];
  const program = fittingProgram(instance, wanted, weight, job.op);
  const { method, views } = program;
  const layout = layoutOf(instance, program, weight.length);
  const biasBytes = bias.length * 4;

  const viewsBytes = align(views.length * VIEW_BYTES);
  const bytes = align(viewsBytes + layout.bytes + biasBytes);
  // All room at once, so that a plan that does not fit changes nothing.
  memory.reserve(job.op, roomFor(weight) + roomFor(bias) + align(method.scratchBytes(kernels)), bytes);
  const start = memory.allocate(job.op, bytes);
  const mark = memory.mark();
  let steps: Step[] | undefined;
  try {
    const [weightAt, biasFrom] = [memory.enter(weight), memory.enter(bias)];
    const scratch = scratchOf(instance, program);
    const biasAt = start + viewsBytes + layout.bytes;
    memory.copy(biasAt, biasFrom, biasBytes);
    const weights = fillLayout(instance, program, layout, weightAt, weight.length, start + viewsBytes, scratch);
    steps = views.map((view, index): Step => {
      const g = instance.writeAt(start + index * VIEW_BYTES, view);
      return { g, weight: weights[index] as Weight, yOffset: view.yOffset * 4 };
    });
    return new WasmPlan(instance, program, steps, finishOf(epilogue, biasBytes > 0 ? biasAt : 0), start, bytes, job.op);
  } finally {
    memory.reset(mark);
    if (!steps) memory.release(start, bytes);
  }
}

/** The program for a weight, which is copied in to be looked at where it lies elsewhere. */
function fittingProgram(instance: Instance, wanted: Program, weight: Place, op: string): Program {
  let program = wanted;
  if (wanted.unlessFinite) {
    instance.call(op, weight, ABSENT, ABSENT, ABSENT, 0, (at) => {
      program = fitting(wanted, instance.kernels, at, weight.length);
    });
  }
  return program;
}

/** Where a method of its own scratch finds it: in the arena, which `reserve` has made room in. */
function scratchOf({ memory, kernels, workspace }: Instance, { method }: Program): number {
  const bytes = method.scratchBytes(kernels);
  return bytes > 0 ? memory.push(bytes) : workspace;
}

interface Step {
  /** Address of the view. */
  readonly g: number;
  readonly weight: Weight;
  /** Bytes from the result's beginning. */
  readonly yOffset: number;
}

class WasmPlan implements EnginePlan {
  readonly algorithm: string;
  readonly bytes: number;
  readonly #instance: Instance;
  readonly #program: Program;
  readonly #steps: readonly Step[];
  readonly #finish: Finish;
  readonly #start: number;
  readonly #op: string;
  #live = true;

  constructor(instance: Instance, program: Program, steps: readonly Step[], finish: Finish, start: number, bytes: number, op: string) {
    this.algorithm = program.algorithm;
    this.bytes = bytes;
    this.#instance = instance;
    this.#program = program;
    this.#steps = steps;
    this.#finish = finish;
    this.#start = start;
    this.#op = op;
  }

  run(input: Float32Array, output: Float32Array): void {
    const { memory, kernels } = this.#instance;
    const { method } = this.#program;
    const [given, result] = [memory.place(input), memory.place(output)];
    const mark = memory.mark();
    memory.reserve(this.#op, roomFor(given) + roomFor(result) + align(method.scratchBytes(kernels)));
    try {
      const [from, to] = [memory.enter(given), memory.enterResult(result)];
      const workspace = scratchOf(this.#instance, this.#program);
      for (let index = 0; index < this.#steps.length; index++) {
        const step = this.#steps[index] as Step;
        method.run(kernels, step.g, from, step.weight, to + step.yOffset, this.#finish, workspace);
      }
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
  }
}
