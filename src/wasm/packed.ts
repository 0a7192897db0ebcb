import type { Epilogue, PackedWeight, Packing } from '../engine.js';
import { type ConvGeometry, volume } from '../geometry/index.js';
import type { Weight } from './algorithms.js';
import type { View } from './conv-view.js';
import { finishOf, type Instance } from './instance.js';
import { ABSENT, align, type Place, roomFor } from './memory/memory.js';
import type { Schedule } from './schedule.js';
import { fit, type Program } from './select.js';
import { allFinite, packWeights, runProgram } from './shared-run.js';

/** A program, and how it wants its weight. */
export interface PackingProgram extends Program, Packing {}

/** The weights of a program's views in a block of the memory: each packed, or all of them once, as they lie. */
interface Layout {
  readonly packed: boolean;
  /** Of each packed weight, and of what is packed of it for the method's spare. */
  readonly sizes: readonly number[];
  readonly spares: readonly number[];
  readonly bytes: number;
}

export function layoutOf(instance: Instance, { method, views }: Program, weightLength: number): Layout {
  const sizes = views.map((view) => align(method.packedBytes(instance.kernels, view)));
  const spares = views.map((view) => align(method.spare?.packedBytes(instance.kernels, view) ?? 0));
  const bytes = [...sizes, ...spares].reduce((sum, size) => sum + size, 0);
  return bytes > 0 ? { packed: true, sizes, spares, bytes } : { packed: false, sizes, spares, bytes: align(weightLength * 4) };
}

/**
 * Room for a program, or for what replaces it if the weight is not finite: `arena` and its scratch, and a block of `bytesOf`. All at once and before the weight is looked at, so that
 * what does not fit changes nothing. Whether there is scratch for each thread, else it is of this one.
 */
export function reserveFor(instance: Instance, wanted: Program, op: string, arena: number, bytesOf: (program: Program) => number): boolean {
  const programs = [wanted, wanted.unlessFinite ?? wanted];
  const scratch = Math.max(...programs.map(({ method }) => align(method.scratchBytes(instance.kernels))));
  const block = Math.max(...programs.map(bytesOf));
  if (instance.workspaces > 1 && instance.memory.canReserve(arena + instance.workspaces * scratch, block)) return true;
  instance.memory.reserve(op, arena + scratch, block);
  return instance.workspaces === 1;
}

/** Whether a product whose weight is packed is worth sharing, and there is room for the scratch of each thread beside `others`. */
export function isShared(instance: Instance, { method }: Program, { saved }: Schedule, others: number, from: Place, to: Place): boolean {
  const scratch = instance.workspaces * align(method.scratchBytes(instance.kernels));
  return instance.worthSharing(saved, from, to) && (scratch === 0 || instance.memory.canReserve(others + scratch));
}

/** Whether all of a weight is, which is copied in to be looked at where it lies elsewhere. */
export function isAllFinite(instance: Instance, weight: Place, op: string): boolean {
  let finite = true;
  instance.call(op, weight, ABSENT, ABSENT, ABSENT, 0, (at) => {
    finite = allFinite(instance, at, weight.length);
  });
  return finite;
}

/** Fills a block with the weight at `from`; `scratch` is of each thread, where they may be `shared`. Returns where each view's is. */
export function fillLayout(
  instance: Instance,
  program: Program,
  layout: Layout,
  from: number,
  length: number,
  start: number,
  scratch: number,
  shared: boolean,
): Weight[] {
  const { method, views } = program;
  if (!layout.packed) {
    instance.memory.copy(start, from, length * 4);
    return views.map((view) => ({ plain: start + view.wOffset * 4, packed: 0, spare: 0 }));
  }
  let next = start;
  const weights = views.map((_, index): Weight => {
    const packed = next;
    const spare = packed + (layout.sizes[index] as number);
    next = spare + (layout.spares[index] as number);
    return { plain: 0, packed, spare: method.spare ? spare : 0 };
  });
  packWeights(instance, program, from, weights, scratch, shared);
  return weights;
}

/** What is packed depends on the method and on these fields of its views: nothing of x and y but their channels, and where taps are transformed, which of them meet the same lattice. */
const weightFields = (
  { groups, xChannels, yChannels, kernel, stride, dilation, w, wOffset, channelsLast }: View,
  transformed: boolean,
): string =>
  [
    groups,
    xChannels,
    yChannels,
    kernel,
    w.group,
    w.y,
    w.x,
    w.steps,
    wOffset,
    channelsLast,
    ...(transformed ? [stride, dilation] : []),
  ].join();

export function packingOf(instance: Instance, direction: string, g: ConvGeometry, program: Program): PackingProgram {
  const { method, views, unlessFinite } = program;
  const { packed, bytes } = layoutOf(instance, program, volume(g.kernel) * (g.xChannels / g.groups) * g.yChannels);
  const { w } = g;
  const key = packed
    ? [direction, method.packing, unlessFinite !== undefined, ...views.map((view) => weightFields(view, method.spare !== undefined))].join(
        ' ',
      )
    : [direction, g.layout, w.y, w.x, w.tap].join(' ');
  return { ...program, key, bytes, asIs: !packed };
}

/** A weight in a block of its own, for every product that wants it so. A call takes half a microsecond more than a plan's, which has its view and its bias where they stay (AMD EPYC, Node 20). */
export class WasmPackedWeight implements PackedWeight {
  readonly key: string;
  readonly bytes: number;
  readonly #instance: Instance;
  readonly #start: number;
  readonly #finite: boolean;
  readonly #packed: boolean;
  readonly #weights: readonly Weight[];
  #live = true;
  /** The product that came last: keys are long. */
  #last: Packing | undefined;

  constructor(instance: Instance, wanted: PackingProgram, w: Float32Array, op: string) {
    const { kernels, memory } = instance;
    const weight = memory.place(w);
    const shared = reserveFor(instance, wanted, op, roomFor(weight), (each) => layoutOf(instance, each, weight.length).bytes);
    const finite = isAllFinite(instance, weight, op);
    const program = fit(wanted, finite);
    const layout = layoutOf(instance, program, weight.length);
    const scratchBytes = (shared ? instance.workspaces : 1) * align(program.method.scratchBytes(kernels));
    const start = memory.allocate(op, layout.bytes);
    const mark = memory.mark();
    let weights: readonly Weight[] | undefined;
    try {
      const from = memory.enter(weight);
      const scratch = scratchBytes > 0 ? memory.push(scratchBytes) : instance.workspace;
      weights = fillLayout(instance, program, layout, from, weight.length, start, scratch, shared);
    } finally {
      memory.reset(mark);
      if (!weights) memory.release(start, layout.bytes);
    }
    this.key = wanted.key;
    this.bytes = layout.bytes;
    this.#instance = instance;
    this.#start = start;
    this.#finite = finite;
    this.#packed = layout.packed;
    this.#weights = weights;
  }

  multiply(packing: Packing, from: Float32Array, to: Float32Array, epilogue: Epilogue, op: string): void {
    if (packing !== this.#last) this.#check(packing);
    const { kernels, memory, workspace } = this.#instance;
    const program = fit(packing as PackingProgram, this.#finite);
    const { views } = program;
    const [given, added, result] = [memory.place(from), memory.place(epilogue.bias), memory.place(to)];
    const room = roomFor(given) + roomFor(added) + roomFor(result);
    const wanted = this.#instance.scheduleOf(program, true);
    const schedule = wanted && isShared(this.#instance, program, wanted, room, given, result) ? wanted : undefined;
    const scratchBytes = (schedule ? this.#instance.workspaces : 1) * align(program.method.scratchBytes(kernels));
    const mark = memory.mark();
    memory.reserve(op, room + scratchBytes);
    try {
      const [at, bias, out] = [memory.enter(given), memory.enter(added), memory.enterResult(result)];
      const scratch = scratchBytes > 0 ? memory.push(scratchBytes) : workspace;
      const finish = finishOf(epilogue, bias);
      const weights = this.#packed ? this.#weights : views.map((view) => ({ plain: this.#start + view.wOffset * 4, packed: 0, spare: 0 }));
      runProgram(this.#instance, program, schedule, at, weights, out, finish, scratch);
      memory.leave(out, result);
    } finally {
      memory.reset(mark);
    }
  }

  #check(packing: Packing): void {
    if (!this.#live || packing.key !== this.key) throw new Error('simdconv: the weight was packed for another product, or is gone');
    this.#last = packing;
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
    this.#last = undefined;
  }
}
