/**
 * What the threads of a pool share beside the kernels' memory: control words, and the calls of kernels to be made ("items"). Both sides import this file, so it imports
 * next to nothing.
 *
 * A job is a list of items. Each thread has a range of them, [start, end) in one word: it takes its own from the start, and when it has none it takes those of
 * others from the end. One compare-and-exchange takes an item, so each is taken once. Nothing of an item is read before it was taken: what a thread has seen of the
 * job before does not matter.
 */
import { MOST_ITEMS, MOST_THREADS } from './limits.js';

/** Numbers of a call: kernel, arguments, step of the workspace, what it returned, then the arguments. */
export const ITEM_NUMBERS = 24;
const FIRST_ARGUMENT = 4;
export const RESULT = 3;

/** Control words, those that several threads write on cache lines of their own. */
export const JOB = 0;
export const DONE = 16;
export const COUNT = 32;
/** Whether the caller sleeps until the last item is done. */
export const WAITING = 33;
/** Of each thread: its range, its state, whether it sleeps, the item that it runs (and one). */
const THREADS = 48;
const THREAD_WORDS = 16;
export const rangeOf = (thread: number): number => THREADS + thread * THREAD_WORDS;
export const stateOf = (thread: number): number => THREADS + thread * THREAD_WORDS + 1;
export const asleepOf = (thread: number): number => THREADS + thread * THREAD_WORDS + 2;
export const busyOf = (thread: number): number => THREADS + thread * THREAD_WORDS + 3;
/** Of each item: the job that it belongs to while it is open, 0 once it is done. */
const ITEMS = THREADS + MOST_THREADS * THREAD_WORDS;
export const openOf = (item: number): number => ITEMS + item;
const WORDS = ITEMS + MOST_ITEMS;

/** States of a thread. */
export const STARTING = 0;
/** It has shown that it shares the memory, and waits to be taken in. */
export const READY = 1;
export const SERVING = 2;
export const FAILED = 3;
/** It takes no more items. */
export const RETIRED = 4;

/** A call that asks for no workspace has a step of -1. */
export const NO_WORKSPACE = -1;

export interface Control {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly items: Float64Array<SharedArrayBuffer>;
}

const ITEMS_AT = WORDS * 4 + ((WORDS * 4) % 8);

export const controlBytes = ITEMS_AT + MOST_ITEMS * ITEM_NUMBERS * 8;

export const controlOf = (buffer: SharedArrayBuffer): Control => ({
  words: new Int32Array(buffer, 0, WORDS),
  items: new Float64Array(buffer, ITEMS_AT, MOST_ITEMS * ITEM_NUMBERS),
});

export type Call = (...args: number[]) => unknown;

/** Exported functions of a module in one order for all threads. */
export const functionsOf = (exports: WebAssembly.Exports): Call[] =>
  Object.keys(exports)
    .filter((name) => typeof exports[name] === 'function')
    .sort()
    .map((name) => exports[name] as Call);

const START_BITS = 16;
const END_MASK = 0xffff;
export const rangeWord = (start: number, end: number): number => (start << START_BITS) | end;

/** Takes an item of a thread's range: its first for itself, its last for another. -1 where there is none. */
export function take(words: Int32Array, thread: number, own: boolean): number {
  const at = rangeOf(thread);
  for (;;) {
    const range = Atomics.load(words, at);
    const [start, end] = [range >>> START_BITS, range & END_MASK];
    if (start >= end) return -1;
    const left = own ? rangeWord(start + 1, end) : rangeWord(start, end - 1);
    if (Atomics.compareExchange(words, at, range, left) === range) return own ? start : end - 1;
  }
}

/** Makes the call of an item in the thread's own workspace. */
export function call(items: Float64Array, item: number, thread: number, functions: readonly Call[]): void {
  const at = item * ITEM_NUMBERS;
  const [count, step] = [items[at + 1] as number, items[at + 2] as number];
  const args = Array.from(items.subarray(at + FIRST_ARGUMENT, at + FIRST_ARGUMENT + count));
  if (step !== NO_WORKSPACE) args[count - 1] = (args[count - 1] as number) + thread * step;
  items[at + RESULT] = Number((functions[items[at] as number] as Call)(...args));
}

/** Makes calls until none is left, its own first. Throws what a kernel throws; the item stays open then. */
export function work({ words, items }: Control, thread: number, threads: number, functions: readonly Call[]): void {
  for (let step = 0, of = thread; step < threads; step++, of = of + 1 === threads ? 0 : of + 1) {
    for (let item = take(words, of, step === 0); item >= 0; item = take(words, of, step === 0)) {
      const open = Atomics.load(words, openOf(item));
      Atomics.store(words, busyOf(thread), item + 1);
      call(items, item, thread, functions);
      Atomics.store(words, busyOf(thread), 0);
      close(words, item, open);
    }
  }
}

/** Counts an item as done, if nobody else has. The last one wakes the caller. */
export function close(words: Int32Array, item: number, open: number): void {
  if (Atomics.compareExchange(words, openOf(item), open, 0) !== open) return;
  const done = Atomics.add(words, DONE, 1) + 1;
  if (done === Atomics.load(words, COUNT) && Atomics.load(words, WAITING) > 0) Atomics.notify(words, DONE);
}

/** `Atomics.pause`, where the runtime has it, tells the processor that a loop waits. */
const pause: () => void = (Atomics as { pause?: () => void }).pause ?? ((): void => {});

/** Looks at a word for a while. Whether it is another than `value` now. */
export function spin(words: Int32Array, at: number, value: number, milliseconds: number): boolean {
  const end = performance.now() + milliseconds;
  do {
    for (let i = 0; i < 64; i++) {
      if (Atomics.load(words, at) !== value) return true;
      pause();
    }
  } while (performance.now() < end);
  return false;
}

/** How long a caller looks whether the others are done before it sleeps: to wake it takes about as long. */
export const SPIN_MILLISECONDS = 0.05;

/**
 * How long a worker looks for work before it sleeps. Between the layers of a model lie tens of microseconds of what its framework does, after which a processor that slept takes as long
 * again to come back. With 1 ms in place of 0.05 two threads gain 1.17 in place of 0.95 for MobileNetV2, 1.56 for 1.36 for an Inception, 1.65 for 1.53 for ssd in TensorFlow.js (AMD EPYC,
 * Zen 5, Node 20, `npm run example:tfjs -- threads`). Where there are more threads than processors one would keep another from its work.
 */
export const lingerOf = (threads: number, processors: number): number => (threads <= processors ? 1 : SPIN_MILLISECONDS);
