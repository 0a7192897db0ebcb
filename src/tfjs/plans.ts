import type { EnginePlan } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';

/** Strings and numbers that tell one use of a filter from others. */
export type Use = readonly [op: string, problem: string, activation: unknown, alpha: unknown];

/** What a plan was made for, beside its filter. */
interface Entry {
  readonly use: Use;
  readonly bias: object | undefined;
  /** None at first sight, and where there was no room for one. */
  plan: EnginePlan | undefined;
  calls: number;
}

/**
 * Filters packed once. A filter that comes a second time gets a plan: in training each step has new ones, which are never packed for later. tfjs does not say
 * when it disposes a tensor, so whenever something new comes, the plans of those that are gone are dropped.
 */
export class Plans {
  readonly #byFilter = new Map<object, Entry[]>();

  /** The plan of a filter for this use, if it pays to have one. */
  find(
    filter: object,
    bias: object | undefined,
    use: Use,
    isLive: (dataId: object) => boolean,
    make: () => EnginePlan,
  ): EnginePlan | undefined {
    let entries = this.#byFilter.get(filter);
    let entry = entries?.find((each) => each.bias === bias && each.use.every((part, i) => part === use[i]));
    if (entry === undefined) {
      this.#drop(isLive);
      entry = { use, bias, plan: undefined, calls: 0 };
      entries = this.#byFilter.get(filter);
      if (entries) entries.push(entry);
      else this.#byFilter.set(filter, [entry]);
    }
    if (entry.calls++ === 1) {
      try {
        entry.plan = make();
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
    }
    return entry.plan;
  }

  #drop(isLive: (dataId: object) => boolean): void {
    for (const [filter, entries] of this.#byFilter) {
      const kept = isLive(filter) ? entries.filter(({ bias }) => bias === undefined || isLive(bias)) : [];
      if (kept.length === entries.length) continue;
      for (const entry of entries) if (!kept.includes(entry)) entry.plan?.free();
      if (kept.length > 0) this.#byFilter.set(filter, kept);
      else this.#byFilter.delete(filter);
    }
  }
}
