/**
 * The workers of a pool: started, taken in once they have shown that they share the memory, replaced when one ends. Nothing here holds the pool, and no worker's events hold
 * this: where `dispose` was forgotten, the workers end when both are collected.
 */
import {
  asleepOf,
  busyOf,
  type Control,
  controlBytes,
  controlOf,
  FAILED,
  JOB,
  lingerOf,
  READY,
  RETIRED,
  SERVING,
  STARTING,
  stateOf,
} from './control.js';
import type { Spawner, Worker } from './spawn.js';
import type { Assignment } from './worker.js';

/** How often in a row a worker may end before it has started to serve. */
const MOST_FAILURES = 2;

/** How long a start may take. A worker of Node takes 60 ms of a processor, for which a process of low priority on a busy machine has waited two seconds. */
const START_MILLISECONDS = 20_000;

/** What workers are given, and what becomes of it. */
export interface Ground {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Where each worker proves that it shares the memory: `Axes` of a copy of a word, what is copied, and a place for each thread. */
  probe(thread: number): Assignment['probe'];
  /** Whether the thread's copy is there. */
  proved(thread: number): boolean;
  /** What is in use now must stay until the returned function is called: a thread that was given up may yet write there. */
  abandon(): () => void;
}

const ENDED = new FinalizationRegistry<readonly (Worker | undefined)[]>((workers) => {
  for (const worker of workers) worker?.terminate();
});

export class Crew {
  readonly control: Control;
  /** Most threads there may be, the caller's among them: each has a workspace of its own. */
  readonly size: number;
  readonly #ground: Ground;
  readonly #spawner: Spawner;
  readonly #buffer = new SharedArrayBuffer(controlBytes);
  readonly #workers: (Worker | undefined)[] = [];
  /** Of each thread: whether it was taken in, what to release when it has ended, how often it did not start. */
  readonly #serving: boolean[] = [true];
  readonly #abandoned: (() => void)[][] = [];
  readonly #failures: number[] = [];
  #threads = 1;
  #disposed = false;
  #reason: string | undefined;
  /** Threads of which it is not known whether they start, and who waits until it is of all. */
  readonly #starting = new Set<number>();
  #onStarted = (): void => {};

  constructor(size: number, ground: Ground, spawner: Spawner) {
    this.size = size;
    this.#ground = ground;
    this.#spawner = spawner;
    this.control = controlOf(this.#buffer);
    for (let thread = 1; thread < size; thread++) this.#start(thread);
    ENDED.register(this, this.#workers);
  }

  /** Threads that serve, the caller's among them. */
  get threads(): number {
    if (this.#threads < this.size) this.#takeIn();
    return this.#threads;
  }

  /** Why there are fewer than `size`. */
  get reason(): string | undefined {
    return this.threads === this.size ? undefined : (this.#reason ?? 'the others have not started yet');
  }

  serves(thread: number): boolean {
    return this.#serving[thread] === true;
  }

  /** Whether one has thrown, and has not been replaced yet. */
  get failed(): boolean {
    const { words } = this.control;
    return this.#workers.some((worker, thread) => worker && Atomics.load(words, stateOf(thread)) === FAILED);
  }

  /** Waits here until the workers have started. */
  waitForStart(): void {
    const { words } = this.control;
    const end = performance.now() + START_MILLISECONDS;
    for (let thread = 1; thread < this.size; thread++) {
      while (this.#workers[thread] && Atomics.load(words, stateOf(thread)) === STARTING && performance.now() < end) {
        Atomics.wait(words, stateOf(thread), STARTING, end - performance.now());
      }
      if (Atomics.load(words, stateOf(thread)) === FAILED) this.#reason = 'a worker fails as it starts';
    }
    this.#takeIn();
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
    this.#takeIn();
    this.#noteLate(end - 1);
  }

  #noteLate(end: number): void {
    if (performance.now() >= end) this.#reason ??= `a worker takes more than ${START_MILLISECONDS / 1000} seconds to start`;
  }

  /** Wakes those that sleep. */
  wake(): void {
    const { words } = this.control;
    for (let thread = 1; thread < this.size; thread++) {
      if (Atomics.load(words, asleepOf(thread)) === 0) continue;
      Atomics.notify(words, JOB);
      return;
    }
  }

  /** Threads that are in the middle of a call take no other. What they may still write to is kept until they have ended. */
  giveUpBusy(): void {
    const { words } = this.control;
    for (let thread = 1; thread < this.size; thread++) {
      if (Atomics.load(words, busyOf(thread)) === 0) continue;
      Atomics.store(words, stateOf(thread), RETIRED);
      this.#serving[thread] = false;
      this.#abandoned[thread] = [...(this.#abandoned[thread] ?? []), this.#ground.abandon()];
      this.#workers[thread]?.terminate();
    }
    this.#count();
  }

  /** Ends the workers. `released` is called when none of them can write any more: one that starts, or was given up in the middle of a call, may until it has ended. */
  dispose(released = (): void => {}): void {
    this.#disposed = true;
    const { words } = this.control;
    const writing = new Set<Worker>();
    this.#workers.forEach((worker, thread) => {
      if (!worker) return;
      if (Atomics.load(words, stateOf(thread)) === STARTING || this.#abandoned[thread]?.length) {
        writing.add(worker);
        worker.onEnd(() => {
          if (writing.delete(worker) && writing.size === 0) released();
        });
      }
      worker.terminate();
    });
    this.#serving.fill(false, 1);
    this.#count();
    if (writing.size === 0) released();
  }

  /** Those that have started since. */
  #takeIn(): void {
    const { words } = this.control;
    for (let thread = 1; thread < this.size; thread++) {
      if (Atomics.load(words, stateOf(thread)) !== READY) continue;
      const serves = this.#ground.proved(thread);
      this.#serving[thread] = serves;
      Atomics.store(words, stateOf(thread), serves ? SERVING : RETIRED);
      Atomics.notify(words, stateOf(thread));
      if (serves) continue;
      this.#reason = 'a worker does not share the memory';
      this.#failures[thread] = MOST_FAILURES;
    }
    this.#count();
  }

  #count(): void {
    this.#threads = this.#serving.filter(Boolean).length;
  }

  #start(thread: number): void {
    const { module, memory } = this.#ground;
    const { words } = this.control;
    for (const word of [stateOf(thread), asleepOf(thread), busyOf(thread)]) Atomics.store(words, word, 0); // STARTING
    this.#serving[thread] = false;
    this.#starting.add(thread);
    try {
      const probe = this.#ground.probe(thread);
      const linger = lingerOf(this.size, this.#spawner.processors);
      const worker = this.#spawner.spawn({ module, memory, control: this.#buffer, thread, threads: this.size, linger, probe });
      const crew = new WeakRef(this);
      worker.onReady(() => {
        const held = crew.deref();
        // One that has failed is about to end.
        if (held && Atomics.load(words, stateOf(thread)) !== FAILED) held.#settle(thread);
      });
      worker.onEnd((reason) => {
        const held = crew.deref();
        if (held) held.#ended(thread, reason);
      });
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

  /** It is replaced, but not if it never gets to serve. */
  #ended(thread: number, reason: string): void {
    if (this.#disposed) return;
    const abandoned = this.#abandoned[thread]?.splice(0) ?? [];
    for (const release of abandoned) release();
    const served = this.#serving[thread] || abandoned.length > 0;
    this.#workers[thread] = undefined;
    this.#serving[thread] = false;
    this.#count();
    const failures = served ? 0 : (this.#failures[thread] ?? 0) + 1;
    this.#failures[thread] = failures;
    if (failures < MOST_FAILURES) {
      this.#start(thread);
      return;
    }
    if (failures === MOST_FAILURES) this.#reason = `a worker does not start: ${reason}`;
    this.#settle(thread);
  }
}
