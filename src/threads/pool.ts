/**
 * The threads of an instance. A job is a list of calls of kernels that share no result (src/wasm/split.ts); the caller makes calls too, and returns when all were
 * made. So a call on any number of threads is as synchronous as on one, and has the same bits.
 */
import type { Exports } from '../wasm/generated/exports.js';
import {
  busyOf,
  type Call,
  COUNT,
  call,
  close,
  DONE,
  functionsOf,
  ITEM_NUMBERS,
  JOB,
  NO_WORKSPACE,
  openOf,
  RESULT,
  rangeOf,
  rangeWord,
  SERVING,
  SPIN_MILLISECONDS,
  spin,
  stateOf,
  WAITING,
  work,
} from './control.js';
import { Crew, type Ground } from './crew.js';
import { MOST_ITEMS } from './limits.js';
import type { Spawner } from './spawn.js';

/** Kernels that take no workspace; the last argument of all others is one. */
const WITHOUT_WORKSPACE: readonly (keyof Exports)[] = [
  'copy',
  'addBack',
  'maxPoolGrad',
  'sum',
  'im2col',
  'col2im',
  'allFinite',
  'multiplyPanels',
];

/**
 * How long nothing may be finished before open calls are made again here: milliseconds at least, and in times of what this thread has spent on the job. Long enough for a
 * thread that the system holds up.
 */
export const PATIENCE = { milliseconds: 2000, times: 20 };

export class Pool {
  readonly crew: Crew;
  /** Kernels that are not called but put down for the next `run`. */
  readonly record: Exports;
  readonly #functions: readonly Call[];
  readonly #mayWait: boolean;
  /** Bytes from one thread's workspace to the next: of kernels that are given none of their own, and of the calls that are being put down. */
  readonly #fixedStep: number;
  #step: number;
  /** Calls that were put down. */
  #count = 0;
  #job = 0;

  constructor(size: number, kernels: Exports, workspaceStep: number, ground: Ground, spawner: Spawner) {
    this.crew = new Crew(size, ground, spawner);
    this.#functions = functionsOf(kernels as unknown as WebAssembly.Exports);
    this.#mayWait = mayWait(this.crew.control.words);
    this.#fixedStep = this.#step = workspaceStep;
    this.record = this.#recorder(kernels);
  }

  /** From now on calls are put down with workspaces so far apart; without a number, with the fixed ones. */
  workspaces(step = this.#fixedStep): void {
    this.#step = step;
  }

  /** How many calls more can be put down before `run`. */
  get room(): number {
    return MOST_ITEMS - this.#count;
  }

  /** Makes the calls that were put down. Afterwards the kernels have returned on every thread. */
  run(): void {
    const { crew } = this;
    const { words } = crew.control;
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return;
    this.#job = this.#job === 0x7fffffff ? 1 : this.#job + 1;
    for (let item = 0; item < count; item++) Atomics.store(words, openOf(item), this.#job);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, COUNT, count);
    this.#deal(count);
    Atomics.store(words, JOB, this.#job);
    crew.wake();
    const start = performance.now();
    try {
      work(crew.control, 0, crew.size, this.#functions);
    } finally {
      this.#finish(count, performance.now() - start);
    }
  }

  /** What a call of the last job returned. */
  resultOf(item: number): number {
    return this.crew.control.items[item * ITEM_NUMBERS + RESULT] as number;
  }

  /** Items in runs, one for each thread that serves. */
  #deal(count: number): void {
    const { crew } = this;
    const { threads } = crew;
    for (let thread = 0, place = 0; thread < crew.size; thread++) {
      const from = Math.floor((place * count) / threads);
      if (crew.serves(thread)) place++;
      const end = crew.serves(thread) ? Math.floor((place * count) / threads) : from;
      Atomics.store(crew.control.words, rangeOf(thread), rangeWord(from, end));
    }
  }

  /** Waits for what others run. What none of them finishes is run here: a call that is made twice writes the same. */
  #finish(count: number, spent: number): void {
    const { words } = this.crew.control;
    let done = Atomics.load(words, DONE);
    let since = performance.now();
    const patience = Math.max(PATIENCE.milliseconds, PATIENCE.times * spent);
    while (done < count) {
      if (!spin(words, DONE, done, SPIN_MILLISECONDS) && this.#mayWait) {
        Atomics.store(words, WAITING, 1);
        Atomics.wait(words, DONE, done, patience / 8);
        Atomics.store(words, WAITING, 0);
      }
      const now = Atomics.load(words, DONE);
      if (now !== done) [done, since] = [now, performance.now()];
      else if (performance.now() - since > patience || (this.crew.failed && !this.#isRunning(count))) {
        this.crew.giveUpBusy();
        this.#rerun(count);
        done = Atomics.load(words, DONE);
      }
    }
  }

  /** Whether a worker is in the middle of a call that is open. */
  #isRunning(count: number): boolean {
    const { words } = this.crew.control;
    for (let thread = 1; thread < this.crew.size; thread++) {
      const item = Atomics.load(words, busyOf(thread)) - 1;
      const runs = item >= 0 && item < count && Atomics.load(words, openOf(item)) === this.#job;
      if (runs && Atomics.load(words, stateOf(thread)) === SERVING) return true;
    }
    return false;
  }

  #rerun(count: number): void {
    const { words, items } = this.crew.control;
    for (let item = 0; item < count; item++) {
      if (Atomics.load(words, openOf(item)) !== this.#job) continue;
      call(items, item, 0, this.#functions);
      close(words, item, this.#job);
    }
  }

  #recorder(kernels: Exports): Exports {
    const { items } = this.crew.control;
    const names = Object.keys(kernels) as (keyof Exports)[];
    const functions = names.filter((name) => typeof kernels[name] === 'function').sort();
    const put = (index: number, takesWorkspace: boolean, args: readonly (number | boolean)[]): void => {
      if (this.#count === MOST_ITEMS) throw new Error('simdconv: a job has too many items');
      let at = this.#count++ * ITEM_NUMBERS;
      items[at++] = index;
      items[at++] = args.length;
      items[at++] = takesWorkspace ? this.#step : NO_WORKSPACE;
      items[at++] = 0;
      for (const arg of args) items[at++] = Number(arg);
    };
    const record: Record<string, unknown> = { ...kernels };
    functions.forEach((name, index) => {
      const takesWorkspace = !WITHOUT_WORKSPACE.includes(name);
      record[name] = (...args: (number | boolean)[]) => put(index, takesWorkspace, args);
    });
    return record as unknown as Exports;
  }
}

/** Whether this thread may sleep. That of a page may not: there a wait throws. */
function mayWait(words: Int32Array<SharedArrayBuffer>): boolean {
  try {
    Atomics.wait(words, DONE, 0, 0);
    return true;
  } catch {
    return false;
  }
}
