import type { Epilogue } from '../engine.js';
import type { Border } from '../geometry/index.js';
import type { Ground } from '../threads/crew.js';
import { MOST_ITEMS } from '../threads/limits.js';
import type { Pool } from '../threads/pool.js';
import type { Spawner } from '../threads/spawn.js';
import type { Finish } from './algorithms.js';
import { continueInto, foldInto } from './border.js';
import { VIEW_BYTES, type View } from './conv-view.js';
import type { Exports } from './generated/exports.js';
import { ACTIVATIONS, AXES } from './generated/layout.js';
import { ABSENT, align, type Memory, type Place, roomFor } from './memory/memory.js';
import { costOfCopies, OVERHEAD } from './overhead.js';
import type { Circumstances, Schedule } from './schedule.js';
import type { Program, WgradProgram } from './select.js';
import type { Sharing } from './sharing.js';

/** Bias and activation as the kernels take them. */
export const finishOf = ({ activation, slope }: Epilogue, bias: number): Finish => ({ bias, activation: ACTIVATIONS[activation], slope });

/** Where a view leaves room behind the words of `Axes`. */
const CONSTANTS = AXES.length * 4;

const ITEM_VIEW_BYTES = align(VIEW_BYTES);
const PROBE_BYTES = AXES.length * 4 + 4;
/** What a worker copies to show that it shares the memory. */
const PROOF = 1 / 1024;

/** More threads than one, how they are started and what they are given. */
export interface Threads {
  readonly count: number;
  readonly spawner: Spawner;
  readonly sharing: Sharing;
}

/** Runs on addresses: up to three operands, the result, scratch; 0 for what is absent. */
export type Kernel = (a: number, b: number, c: number, result: number, scratch: number) => void;

/** What continues the first operand of a call, or the image of which its result is a part. */
export interface Borders {
  readonly operand?: Border | undefined;
  readonly result?: Border | undefined;
}

/** Bytes of the arena that continued images take. */
export const roomForBorders = ({ operand, result }: Borders): number =>
  align((operand?.length ?? 0) * 4) + align((result?.length ?? 0) * 4);

/** The kernels on their memory: where a call's operands come in and its result goes out. */
export class Instance {
  readonly kernels: Exports;
  readonly memory: Memory;
  /** Scratch of every kernel, `kernels.WORKSPACE` bytes, of this thread. */
  readonly workspace: number;
  /** The threads, where there are more than this one, and how calls are cut for them. */
  readonly pool: Pool | undefined;
  readonly sharing: Sharing | undefined;
  readonly #view: number;
  /** Where the views of a job are. */
  #items: number;
  readonly #schedules: ReturnType<Sharing['schedules']> | undefined;

  /**
   * The fixed area: workspace of each thread | view of a call | of threads: view of each item | a copy to prove that the memory is shared: its axes, what is copied, a
   * place for each thread
   */
  constructor(module: WebAssembly.Module, memory: Memory, threads?: Threads) {
    this.memory = memory;
    this.kernels = new WebAssembly.Instance(module, { env: { memory: memory.wasm } }).exports as unknown as Exports;
    const workspaceBytes = align(this.kernels.WORKSPACE.value);
    const count = threads?.count ?? 1;
    const shared = threads ? MOST_ITEMS * ITEM_VIEW_BYTES + PROBE_BYTES + count * 4 : 0;
    this.workspace = memory.fixed('load', this.kernels.HEAP_BASE.value, count * workspaceBytes + ITEM_VIEW_BYTES + shared);
    this.#view = this.workspace + count * workspaceBytes;
    this.#items = this.#view + ITEM_VIEW_BYTES;
    this.sharing = threads?.sharing;
    this.#schedules = threads?.sharing.schedules();
    this.pool = threads && new threads.sharing.Pool(count, this.kernels, workspaceBytes, this.#ground(module), threads.spawner);
  }

  /** Threads that serve, and those that may: each has a workspace of its own. */
  get threads(): number {
    return this.pool?.crew.threads ?? 1;
  }
  get workspaces(): number {
    return this.pool?.crew.size ?? 1;
  }

  /** How a program is shared between the threads; undefined where this thread runs it alone. */
  scheduleOf(program: Program, planned: boolean): Schedule | undefined {
    if (this.#schedules === undefined) return undefined;
    const { threads } = this;
    if (threads === 1) return undefined;
    const schedules = planned ? this.#schedules.planned : this.#schedules.called;
    return schedules.of(program, threads, () => this.circumstances(planned));
  }

  /** Whether threads that are done so many picoseconds sooner gain by it: what is copied for a call, in or out, they have to fetch from each other. */
  worthSharing(saved: number, ...places: readonly Place[]): boolean {
    const copied = places.reduce((sum, { source, length }) => sum + (source === null ? 0 : length), 0);
    return copied === 0 || OVERHEAD.small === 0 || saved > costOfCopies(copied, this.threads);
  }

  /** The same for a gradient of the weight, by its kernel or by what does it where that does not serve. */
  wgradScheduleOf(program: WgradProgram, serves: boolean): Schedule | undefined {
    if (this.#schedules === undefined) return undefined;
    const { threads } = this;
    if (threads === 1) return undefined;
    const schedules = serves ? this.#schedules.wgrad : this.#schedules.wgradByGemm;
    return schedules.of(program, threads, () => this.circumstances(false));
  }

  /** How a program is run here. */
  circumstances(planned: boolean): Circumstances {
    const { MR, NR, RELAXED } = this.kernels;
    return { planned, fused: Boolean(RELAXED.value), tile: [MR.value, NR.value], threads: this.threads };
  }

  #itemView(item: number): number {
    return this.#items + item * ITEM_VIEW_BYTES;
  }

  /** A thread that was given up may yet write to the arena, and read the views of its job: others take their place until it has ended. */
  #abandon(): () => void {
    const { memory } = this;
    const release = memory.abandonArena();
    const before = this.#items;
    let after = before;
    try {
      after = memory.allocate('threads', MOST_ITEMS * ITEM_VIEW_BYTES);
    } catch {
      return release; // no room: the call goes on all the same
    }
    this.#items = after;
    return () => {
      release();
      if (this.#items !== after) return; // another was given up since
      this.#items = before;
      memory.release(after, MOST_ITEMS * ITEM_VIEW_BYTES);
    };
  }

  #ground(module: WebAssembly.Module): Ground {
    const { memory } = this;
    const axes = this.#itemView(MOST_ITEMS);
    const from = axes + AXES.length * 4;
    const placeOf = (thread: number): number => from + 4 + thread * 4;
    memory.writeInts(axes, [1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
    memory.floats[from / 4] = PROOF;
    return {
      module,
      memory: memory.wasm,
      probe: (thread) => {
        memory.floats[placeOf(thread) / 4] = 0;
        return [axes, from, placeOf(thread)];
      },
      proved: (thread) => memory.floats[placeOf(thread) / 4] === PROOF,
      abandon: () => this.#abandon(),
    };
  }

  /** Writes a view where the kernels of this call will read it. */
  write(view: View): number {
    return this.writeAt(this.#view, view);
  }

  /** Writes the view of a call that is put down for the threads. */
  writeItem(item: number, view: View): number {
    return this.writeAt(this.#itemView(item), view);
  }

  /** Other words in the same place. */
  writeWords(words: readonly number[]): number {
    this.memory.writeInts(this.#view, words);
    return this.#view;
  }

  writeItemWords(item: number, words: readonly number[]): number {
    const address = this.#itemView(item);
    this.memory.writeInts(address, words);
    return address;
  }

  /** One of two numbers, behind the words of `Axes`, as an operand. */
  writeConstant(index: number, value: number): Place {
    const address = this.#view + CONSTANTS + index * 4;
    this.memory.floats[address / 4] = value;
    return { ...ABSENT, address, length: 1 };
  }

  writeAt(address: number, view: View): number {
    this.memory.writeInts(address, view.words);
    return address;
  }

  /**
   * Gives the kernel an address for every operand: its own where it lies in this memory, else in the arena, copied in; then copies the result out. All
   * room is reserved before anything happens, so a call that does not fit changes nothing.
   */
  call(op: string, a: Place, b: Place, c: Place, result: Place, scratchBytes: number, kernel: Kernel): void {
    const { memory } = this;
    const mark = memory.mark();
    memory.reserve(op, roomFor(a) + roomFor(b) + roomFor(c) + roomFor(result) + align(scratchBytes));
    try {
      const [pa, pb, pc] = [memory.enter(a), memory.enter(b), memory.enter(c)];
      const to = memory.enterResult(result);
      kernel(pa, pb, pc, to, memory.push(scratchBytes));
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  /** The same where the first operand is continued, or the result is what its border leaves of an image: more scratch, and the kernel sees the whole. */
  callWithin(borders: Borders, op: string, a: Place, b: Place, c: Place, result: Place, scratchBytes: number, kernel: Kernel): void {
    const { operand, result: around } = borders;
    const room = roomForBorders(borders);
    this.call(op, a, b, c, result, room + align(scratchBytes), (given, pb, pc, to, whole) => {
      const scratch = scratchBytes > 0 ? whole + room : 0;
      kernel(operand ? continueInto(this, operand, given, whole) : given, pb, pc, around ? whole : to, scratch);
      if (around) foldInto(this, around, whole, to, result.length);
    });
  }
}
