import type { EnginePlan, Epilogue, Job } from '../engine.js';
import { finishOf, type Instance, roomFor } from './instance.js';
import { align } from './memory.js';
import type { Finish } from './methods.js';
import { fitting, type Program } from './program.js';
import { VIEW_BYTES } from './view.js';

/**
 * A product with its weight packed once. Everything that a run needs lies in one block of the memory, so that a run makes no garbage:
 *
 *   view | view ... | packed weight of each view (or the weight as it is) | bias
 */
export function makePlan(instance: Instance, wanted: Program, w: Float32Array, epilogue: Epilogue, job: Job): EnginePlan {
  const { kernels, memory } = instance;
  // Before the allocation may grow the memory and detach a resident weight or bias.
  const { byteLength } = w;
  const [weightPlace, biasPlace] = [memory.addressOf(w), memory.addressOf(epilogue.bias)];
  let program = wanted;
  if (wanted.unlessFinite) {
    instance.call(job.op, w, null, null, null, 0, (weight) => {
      program = fitting(wanted, kernels, weight, w.length);
    });
  }
  const { method, views } = program;
  const packedBytes = views.map((view) => align(method.packedBytes(kernels, instance.write(view))));
  const packed = packedBytes.some((bytes) => bytes > 0);
  const weightBytes = packed ? packedBytes.reduce((sum, bytes) => sum + bytes, 0) : align(byteLength);
  const biasBytes = epilogue.bias?.byteLength ?? 0;

  const viewsBytes = align(views.length * VIEW_BYTES);
  const bytes = align(viewsBytes + weightBytes + biasBytes);
  // All room at once, so that a plan that does not fit changes nothing.
  memory.reserve(job.op, roomFor(w, weightPlace) + roomFor(epilogue.bias, biasPlace) + align(method.scratchBytes(kernels)), bytes);
  const start = memory.allocate(job.op, bytes);
  const mark = memory.mark();
  const weight = instance.enter(w, weightPlace);
  const bias = instance.enter(epilogue.bias, biasPlace);
  const scratch = scratchOf(instance, program);
  const biasAt = start + viewsBytes + weightBytes;
  memory.copy(biasAt, bias, biasBytes);
  if (!packed) memory.copy(start + viewsBytes, weight, byteLength);
  let next = start + viewsBytes;
  const steps = views.map((view, index): Step => {
    const g = instance.writeAt(start + index * VIEW_BYTES, view);
    const at = next;
    if (!packed) return { g, weight: at + view.wOffset * 4, yOffset: view.yOffset * 4 };
    method.pack(kernels, g, weight + view.wOffset * 4, at, scratch);
    next += packedBytes[index] as number;
    return { g, weight: at, yOffset: view.yOffset * 4 };
  });
  memory.reset(mark);
  return new WasmPlan(instance, program, steps, packed, finishOf(epilogue, biasBytes ? biasAt : 0), start, bytes, job.op);
}

/** Where a method of its own scratch finds it: in the arena, which `reserve` has made room in. */
function scratchOf({ memory, kernels, workspace }: Instance, { method }: Program): number {
  const bytes = method.scratchBytes(kernels);
  return bytes > 0 ? memory.push(bytes) : workspace;
}

interface Step {
  /** Address of the view. */
  readonly g: number;
  readonly weight: number;
  /** Bytes from the result's beginning. */
  readonly yOffset: number;
}

class WasmPlan implements EnginePlan {
  readonly algorithm: string;
  readonly bytes: number;
  readonly #instance: Instance;
  readonly #program: Program;
  readonly #steps: readonly Step[];
  readonly #packed: boolean;
  readonly #finish: Finish;
  readonly #start: number;
  readonly #op: string;
  #live = true;

  constructor(
    instance: Instance,
    program: Program,
    steps: readonly Step[],
    packed: boolean,
    finish: Finish,
    start: number,
    bytes: number,
    op: string,
  ) {
    this.algorithm = program.algorithm;
    this.bytes = bytes;
    this.#instance = instance;
    this.#program = program;
    this.#steps = steps;
    this.#packed = packed;
    this.#finish = finish;
    this.#start = start;
    this.#op = op;
  }

  run(input: Float32Array, output: Float32Array): void {
    const { memory, kernels } = this.#instance;
    const { method } = this.#program;
    const inputPlace = memory.addressOf(input);
    const outputPlace = memory.addressOf(output);
    const mark = memory.mark();
    memory.reserve(this.#op, roomFor(input, inputPlace) + roomFor(output, outputPlace) + align(method.scratchBytes(kernels)));
    try {
      const from = this.#instance.enter(input, inputPlace);
      const to = outputPlace < 0 ? memory.push(output.byteLength) : outputPlace;
      const workspace = scratchOf(this.#instance, this.#program);
      for (let index = 0; index < this.#steps.length; index++) {
        const step = this.#steps[index] as Step;
        method.run(kernels, step.g, from, step.weight, this.#packed, to + step.yOffset, this.#finish, workspace);
      }
      if (outputPlace < 0) memory.read(to, output);
    } finally {
      memory.reset(mark);
    }
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
  }
}
