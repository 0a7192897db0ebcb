/**
 * The threads of an instance. A job is a list of calls of kernels that share no result (src/wasm/split.ts); the caller makes calls too, and returns when all were
 * made. So a call on any number of threads is as synchronous as on one, and has the same bits.
 */
import type { Exports } from '../wasm/generated/exports.js';
import {
  asleepOf,
  busyOf,
  type Call,
  COUNT,
  type Control,
  call,
  close,
  controlBytes,
  controlOf,
  DONE,
  FAILED,
  functionsOf,
  ITEM_NUMBERS,
  JOB,
  MOST_ITEMS,
  NO_WORKSPACE,
  openOf,
  READY,
  RETIRED,
  rangeOf,
  rangeWord,
  SERVING,
  SPIN_MILLISECONDS,
  STARTING,
  spin,
  stateOf,
  WAITING,
  work,
} from './control.js';
import type { Spawner, Worker } from './spawn.js';
import type { Assignment } from './worker.js';

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

/** How often in a row a worker may end before it has started to serve. */
const MOST_FAILURES = 2;

/** How long a start may take. Node's worker takes 60 ms of a processor, for which a process of low priority on a busy machine has waited two seconds. */
const START_MILLISECONDS = 20_000;

/** The caller's side of the memory. */
export interface Ground {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Exports;
  /** Bytes from one thread's workspace to the next, of kernels that are given none of their own. */
  readonly workspaceStep: number;
  /** Where each worker proves that it shares the memory: `Axes` of a copy of a word, what is copied, and a place for each thread. */
  readonly probe: (thread: number) => Assignment['probe'];
  /** Whether thread's copy is there. */
  proved(thread: number): boolean;
  /** What is in use now must stay until the returned function is called: a thread that was given up may yet write there. */
  abandon(): () => void;
}

export class Pool {
  /** Kernels that are not called but put down for the next `run`. */
  readonly record: Exports;
  readonly #wanted: number;
  readonly #ground: Ground;
  readonly #spawner: Spawner;
  readonly #control: Control;
  readonly #buffer = new SharedArrayBuffer(controlBytes);
  readonly #functions: readonly Call[];
  readonly #workers: (Worker | undefined)[] = [];
  readonly #mayWait: boolean;
  /** Of each thread, whether it was taken in. */
  readonly #serving: boolean[] = [];
  readonly #abandoned: (() => void)[][] = [];
  readonly #failures: number[] = [];
  #threads = 1;
  #count = 0;
  #job = 0;
  #disposed = false;
  #reason: string | undefined;
  /** Threads of which it is not known whether they start, and who waits until it is of all. */
  readonly #starting = new Set<number>();
  #onStarted = (): void => {};
  /** Bytes between workspaces of the call that is being put down. */
  #step: number;

  constructor(wanted: number, ground: Ground, spawner: Spawner) {
    this.#wanted = wanted;
    this.#ground = ground;
    this.#spawner = spawner;
    this.#control = controlOf(this.#buffer);
    this.#functions = functionsOf(ground.kernels as unknown as WebAssembly.Exports);
    this.#mayWait = mayWait(this.#control.words);
    this.#step = ground.workspaceStep;
    this.record = this.#recorder();
    for (let thread = 1; thread < wanted; thread++) this.#start(thread);
  }

  /** Most threads there may be: each has a workspace of its own. */
  get size(): number {
    return this.#wanted;
  }

  /** Threads that run, the caller's among them. */
  get threads(): number {
    if (this.#threads < this.#wanted) this.#look();
    return this.#threads;
  }

  /** Why there are fewer threads than wanted. */
  get reason(): string | undefined {
    return this.threads === this.#wanted ? undefined : (this.#reason ?? 'the others have not started yet');
  }

  /** Waits here until the workers have started. */
  waitForStart(): void {
    const { words } = this.#control;
    const end = performance.now() + START_MILLISECONDS;
    for (let thread = 1; thread < this.#wanted; thread++) {
      while (this.#workers[thread] && Atomics.load(words, stateOf(thread)) === STARTING && performance.now() < end) {
        Atomics.wait(words, stateOf(thread), STARTING, end - performance.now());
      }
      if (Atomics.load(words, stateOf(thread)) === FAILED) this.#reason = 'a worker fails as it starts';
    }
    this.#look();
    this.#noteLate(end);
  }

  /** The same without holding up this thread. */
  async started(): Promise<void> {
    const end = performance.now() + START_MILLISECONDS;
    if (this.#starting.size > 0) {
      await new Promise<void>((resolve) => {
        const timer: unknown = setTimeout(resolve, START_MILLISECONDS);
        (timer as { unref?(): void }).unref?.();
        this.#onStarted = resolve;
      });
    }
    this.#look();
    this.#noteLate(end - 1);
  }

  #noteLate(end: number): void {
    if (performance.now() >= end) this.#reason ??= `a worker takes more than ${START_MILLISECONDS / 1000} seconds to start`;
  }

  /** From now on calls are put down with workspaces so far apart; without a number, with the fixed ones. */
  workspaces(step = this.#ground.workspaceStep): void {
    this.#step = step;
  }

  /** How many calls more can be put down before `run`. */
  get room(): number {
    return MOST_ITEMS - this.#count;
  }

  /** Makes the calls that were put down. Afterwards the kernels have returned on every thread. */
  run(): void {
    const { words } = this.#control;
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return;
    const job = this.#nextJob();
    const threads = this.threads;
    for (let item = 0; item < count; item++) Atomics.store(words, openOf(item), job);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, COUNT, count);
    this.#deal(count, threads);
    Atomics.store(words, JOB, job);
    this.#wake();
    const start = performance.now();
    try {
      work(this.#control, 0, this.#wanted, this.#functions);
    } finally {
      this.#finish(count, job, performance.now() - start);
    }
  }

  #wake(): void {
    const { words } = this.#control;
    for (let thread = 1; thread < this.#wanted; thread++) {
      if (Atomics.load(words, asleepOf(thread)) === 0) continue;
      Atomics.notify(words, JOB);
      return;
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const worker of this.#workers) worker?.terminate();
    this.#threads = 1;
  }

  /** Items in runs, one for each thread that serves. */
  #deal(count: number, threads: number): void {
    const { words } = this.#control;
    for (let thread = 0, place = 0; thread < this.#wanted; thread++) {
      const serves = thread === 0 || this.#serving[thread] === true;
      const from = Math.floor((place * count) / threads);
      if (serves) place++;
      Atomics.store(words, rangeOf(thread), rangeWord(from, serves ? Math.floor((place * count) / threads) : from));
    }
  }

  #nextJob(): number {
    this.#job = this.#job >= 0x7fffffff ? 1 : this.#job + 1;
    return this.#job;
  }

  /** Waits for what others run. What none of them finishes is run here: a call that is made twice writes the same. */
  #finish(count: number, job: number, spent: number): void {
    const { words } = this.#control;
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
      else if (performance.now() - since > patience || this.#isLost(job, count)) {
        this.#giveUp();
        this.#rerun(count, job);
        done = Atomics.load(words, DONE);
      }
    }
  }

  /** Whether what is open is run by none that could finish it: a kernel has thrown there. */
  #isLost(job: number, count: number): boolean {
    const { words } = this.#control;
    const failed = this.#workers.some((worker, thread) => worker && Atomics.load(words, stateOf(thread)) === FAILED);
    if (!failed) return false;
    for (let thread = 1; thread < this.#wanted; thread++) {
      const item = Atomics.load(words, busyOf(thread)) - 1;
      if (item >= 0 && item < count && Atomics.load(words, openOf(item)) === job && Atomics.load(words, stateOf(thread)) === SERVING)
        return false;
    }
    return true;
  }

  /** Threads that are in the middle of a call take no other. What they may still write to is kept until they have ended. */
  #giveUp(): void {
    const { words } = this.#control;
    for (let thread = 1; thread < this.#wanted; thread++) {
      if (Atomics.load(words, busyOf(thread)) === 0) continue;
      Atomics.store(words, stateOf(thread), RETIRED);
      this.#serving[thread] = false;
      this.#abandoned[thread] = [...(this.#abandoned[thread] ?? []), this.#ground.abandon()];
      this.#workers[thread]?.terminate();
    }
    this.#tally();
  }

  #rerun(count: number, job: number): void {
    const { words, items } = this.#control;
    for (let item = 0; item < count; item++) {
      if (Atomics.load(words, openOf(item)) !== job) continue;
      call(items, item, 0, this.#functions);
      close(words, item, job);
    }
  }

  /** Takes in the workers that have started since. */
  #look(): void {
    const { words } = this.#control;
    for (let thread = 1; thread < this.#wanted; thread++) {
      if (Atomics.load(words, stateOf(thread)) !== READY) continue;
      const serves = this.#ground.proved(thread);
      this.#serving[thread] = serves;
      Atomics.store(words, stateOf(thread), serves ? SERVING : RETIRED);
      Atomics.notify(words, stateOf(thread));
      if (serves) continue;
      this.#reason = 'a worker does not share the memory';
      this.#failures[thread] = MOST_FAILURES;
    }
    this.#tally();
  }

  #tally(): void {
    this.#threads = 1 + this.#serving.filter(Boolean).length;
  }

  #start(thread: number): void {
    const { module, memory, probe } = this.#ground;
    const { words } = this.#control;
    Atomics.store(words, stateOf(thread), STARTING);
    Atomics.store(words, asleepOf(thread), 0);
    Atomics.store(words, busyOf(thread), 0);
    this.#serving[thread] = false;
    this.#starting.add(thread);
    try {
      const worker = this.#spawner.spawn({
        module,
        memory,
        control: this.#buffer,
        thread,
        threads: this.#wanted,
        probe: probe(thread),
      });
      // One that has failed is about to end.
      worker.onReady(() => Atomics.load(words, stateOf(thread)) !== FAILED && this.#settle(thread));
      worker.onEnd((reason) => this.#ended(thread, reason));
      this.#workers[thread] = worker;
    } catch (error) {
      this.#workers[thread] = undefined;
      this.#reason = `a worker does not start: ${(error as Error).message}`;
      this.#settle(thread);
    }
  }

  #settle(thread: number): void {
    this.#starting.delete(thread);
    if (this.#starting.size === 0) this.#onStarted();
  }

  /** A worker that ended is replaced, but not one that does not get to serve. */
  #ended(thread: number, reason: string): void {
    if (this.#disposed) return;
    const abandoned = this.#abandoned[thread]?.splice(0) ?? [];
    for (const release of abandoned) release();
    const served = this.#serving[thread] || abandoned.length > 0;
    this.#workers[thread] = undefined;
    this.#serving[thread] = false;
    this.#tally();
    const failures = served ? 0 : (this.#failures[thread] ?? 0) + 1;
    this.#failures[thread] = failures;
    if (failures < MOST_FAILURES) {
      this.#start(thread);
      return;
    }
    if (failures === MOST_FAILURES) this.#reason = `a worker does not start: ${reason}`;
    this.#settle(thread);
  }

  #recorder(): Exports {
    const { kernels } = this.#ground;
    const { items } = this.#control;
    const names = Object.keys(kernels) as (keyof Exports)[];
    const functions = names.filter((name) => typeof kernels[name] === 'function').sort();
    const put = (index: number, takesWorkspace: boolean, args: readonly (number | boolean)[]): void => {
      if (this.#count === MOST_ITEMS) throw new Error('simdconv: a job has too many items');
      let at = this.#count++ * ITEM_NUMBERS;
      items[at++] = index;
      items[at++] = args.length;
      items[at++] = takesWorkspace ? this.#step : NO_WORKSPACE;
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
