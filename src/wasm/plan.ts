import type { EnginePlan, Epilogue, Job } from '../engine.js';
import type { Border } from '../geometry/index.js';
import type { Finish, Weight } from './algorithms.js';
import { continueInto } from './border.js';
import { VIEW_BYTES } from './conv-view.js';
import { finishOf, type Instance } from './instance.js';
import { align, roomFor } from './memory/memory.js';
import { fillLayout, isAllFinite, isShared, layoutOf, reserveFor } from './packed.js';
import type { Schedule } from './schedule.js';
import type { Program } from './select.js';
import { runProgram } from './shared-run.js';

/**
 * A product with its weight packed once. Everything that a run needs lies in one block of the memory, so that a run makes no garbage:
 *
 *   view | view ... | packed weight of each view (or the weight as it is) | bias | the input with its border
 */
export function makePlan(instance: Instance, wanted: Program, w: Float32Array, epilogue: Epilogue, job: Job, border?: Border): EnginePlan {
  const { memory } = instance;
  const [weight, bias] = [memory.place(w), memory.place(epilogue.bias)];
  const biasBytes = align(bias.length * 4);
  const borderBytes = border ? align(border.length * 4) : 0;
  const bytesOf = (each: Program): number => viewBytes(each) + layoutOf(instance, each, weight.length).bytes + biasBytes + borderBytes;
  const shared = reserveFor(instance, wanted, job.op, roomFor(weight) + roomFor(bias), bytesOf);
  const program = wanted.unlessFinite && !isAllFinite(instance, weight, job.op) ? wanted.unlessFinite : wanted;
  const { views } = program;
  const layout = layoutOf(instance, program, weight.length);
  const [viewsBytes, bytes] = [viewBytes(program), bytesOf(program)];
  const start = memory.allocate(job.op, bytes);
  const mark = memory.mark();
  let steps: Step[] | undefined;
  try {
    const [weightAt, biasFrom] = [memory.enter(weight), memory.enter(bias)];
    const scratch = scratchOf(instance, align(program.method.scratchBytes(instance.kernels)) * (shared ? instance.workspaces : 1));
    const biasAt = start + viewsBytes + layout.bytes;
    memory.copy(biasAt, biasFrom, bias.length * 4);
    const weights = fillLayout(instance, program, layout, weightAt, weight.length, start + viewsBytes, scratch, shared);
    steps = views.map((view, index): Step => {
      const g = instance.writeAt(start + index * VIEW_BYTES, view);
      return { g, weight: weights[index] as Weight, yOffset: view.yOffset * 4 };
    });
    const within = border && { border, padded: biasAt + biasBytes };
    return new WasmPlan(instance, program, steps, finishOf(epilogue, biasBytes > 0 ? biasAt : 0), within, start, bytes, job.op);
  } finally {
    memory.reset(mark);
    if (!steps) memory.release(start, bytes);
  }
}

const viewBytes = ({ views }: Program): number => align(views.length * VIEW_BYTES);

/** Where a method with so many bytes of its own scratch finds it: in the arena, which `reserve` has made room in. */
const scratchOf = ({ memory, workspace }: Instance, bytes: number): number => (bytes > 0 ? memory.push(bytes) : workspace);

interface Step {
  /** Address of the view. */
  readonly g: number;
  readonly weight: Weight;
  /** Bytes from the result's beginning. */
  readonly yOffset: number;
}

/** Where the input stands with what continues it. */
interface Within {
  readonly border: Border;
  readonly padded: number;
}

class WasmPlan implements EnginePlan {
  readonly algorithm: EnginePlan['algorithm'];
  readonly bytes: number;
  readonly #instance: Instance;
  readonly #program: Program;
  readonly #steps: readonly Step[];
  readonly #weights: readonly Weight[];
  readonly #finish: Finish;
  readonly #within: Within | undefined;
  readonly #start: number;
  readonly #op: string;
  #live = true;
  /** As it was made for so many threads. */
  #schedule: Schedule | undefined;
  #threads = 1;

  constructor(
    instance: Instance,
    program: Program,
    steps: readonly Step[],
    finish: Finish,
    within: Within | undefined,
    start: number,
    bytes: number,
    op: string,
  ) {
    this.algorithm = program.algorithm;
    this.bytes = bytes;
    this.#instance = instance;
    this.#program = program;
    this.#steps = steps;
    this.#weights = steps.map(({ weight }) => weight);
    this.#finish = finish;
    this.#within = within;
    this.#start = start;
    this.#op = op;
  }

  run(input: Float32Array, output: Float32Array): void {
    const { memory, kernels } = this.#instance;
    const { method } = this.#program;
    const [given, result] = [memory.place(input), memory.place(output)];
    const room = roomFor(given) + roomFor(result);
    const wanted = this.#scheduleNow();
    const schedule = wanted && isShared(this.#instance, this.#program, wanted, room, given, result) ? wanted : undefined;
    const scratch = (schedule ? this.#instance.workspaces : 1) * align(method.scratchBytes(kernels));
    const mark = memory.mark();
    memory.reserve(this.#op, room + scratch);
    try {
      const [at, to] = [memory.enter(given), memory.enterResult(result)];
      const from = this.#within ? continueInto(this.#instance, this.#within.border, at, this.#within.padded) : at;
      const workspace = scratchOf(this.#instance, scratch);
      if (schedule) runProgram(this.#instance, this.#program, schedule, from, this.#weights, to, this.#finish, workspace);
      else
        for (let index = 0; index < this.#steps.length; index++) {
          const step = this.#steps[index] as Step;
          method.run(kernels, step.g, from, step.weight, to + step.yOffset, this.#finish, workspace);
        }
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  #scheduleNow(): Schedule | undefined {
    const { threads } = this.#instance;
    if (threads !== this.#threads) {
      this.#schedule = this.#instance.scheduleOf(this.#program, true);
      this.#threads = threads;
    }
    return this.#schedule;
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
  }
}
