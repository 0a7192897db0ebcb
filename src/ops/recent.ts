/** Entries of a function. Some 10 ns to look at one, so few enough that a call of something new does not feel the search. */
export const KEPT = 32;

/** Most sizes or numbers of an argument that is copied: more than any that is accepted has. */
const LONGEST = 32;

/**
 * The last results of a pure function of numbers, words and arrays of them. Arguments are compared by value and kept as copies, which the function is given
 * too: a caller may change his arrays at any time. What throws is not kept, and throws again.
 */
export class Recent<A extends readonly unknown[], R> {
  readonly #compute: (op: string, ...args: A) => R;
  readonly #entries: { readonly args: A; readonly result: R }[] = [];
  /** Where the last one was found: what is called again is there, the next layer of a net behind it. */
  #last = 0;
  #oldest = 0;

  constructor(compute: (op: string, ...args: A) => R) {
    this.#compute = compute;
  }

  /** `compute(op, ...args)`; `op` is what its errors name and plays no part in its result. */
  of(op: string, args: A): R {
    const entries = this.#entries;
    for (let i = 0, at = this.#last; i < entries.length; i++, at = at + 1 < entries.length ? at + 1 : 0) {
      const entry = entries[at] as (typeof entries)[number];
      if (same(entry.args, args)) {
        this.#last = at;
        return entry.result;
      }
    }
    const copy = copyOf(args, 3) as A;
    const result = this.#compute(op, ...copy);
    // Not kept: what a copy does not stand for, such as a typed array.
    if (same(copy, args)) {
      this.#last = this.#oldest;
      entries[this.#last] = { args: copy, result };
      this.#oldest = (this.#last + 1) % KEPT;
    }
    return result;
  }
}

/** Whether `given` is what `copy` was copied from, unchanged. Other objects than arrays never are. */
function same(copy: readonly unknown[], given: unknown): boolean {
  if (!Array.isArray(given) || copy.length !== given.length) return false;
  for (let i = 0; i < copy.length; i++) {
    const mine = copy[i];
    if (typeof mine === 'object' ? !Array.isArray(mine) || !same(mine, given[i]) : mine !== given[i]) return false;
  }
  return true;
}

/** Arrays copied, `depth` levels below this one. */
function copyOf(value: unknown, depth: number): unknown {
  if (!Array.isArray(value) || value.length > LONGEST) return value;
  return Array.from(value, (each: unknown) => (depth > 0 ? copyOf(each, depth - 1) : each));
}
