import type { EnginePlan } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';

/** One use of a filter among others. */
export interface Use {
  readonly op: string;
  readonly problem: string;
  /** The data of the bias. */
  readonly bias: object | undefined;
  readonly activation: unknown;
  readonly alpha: unknown;
}

interface Entry {
  readonly use: Use;
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

  /** What is known of this use of a filter. */
  find(filter: object, use: Use): Entry | undefined {
    const entries = this.#byFilter.get(filter);
    if (entries) for (const entry of entries) if (same(entry.use, use)) return entry;
    return undefined;
  }

  add(filter: object, use: Use, data: { isLive(dataId: object): boolean }): Entry {
    this.#drop(data);
    const entry: Entry = { use, plan: undefined, calls: 0 };
    const entries = this.#byFilter.get(filter);
    if (entries) entries.push(entry);
    else this.#byFilter.set(filter, [entry]);
    return entry;
  }

  /** The plan for one more call, if it pays to have one. */
  planOf(entry: Entry, make: () => EnginePlan): EnginePlan | undefined {
    if (entry.calls++ !== 1) return entry.plan;
    try {
      entry.plan = make();
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
    return entry.plan;
  }

  #drop(data: { isLive(dataId: object): boolean }): void {
    for (const [filter, entries] of this.#byFilter) {
      const kept = data.isLive(filter) ? entries.filter(({ use: { bias } }) => bias === undefined || data.isLive(bias)) : [];
      if (kept.length === entries.length) continue;
      for (const entry of entries) if (!kept.includes(entry)) entry.plan?.free();
      if (kept.length > 0) this.#byFilter.set(filter, kept);
      else this.#byFilter.delete(filter);
    }
  }
}

const same = (a: Use, b: Use): boolean =>
  a.bias === b.bias && a.op === b.op && a.problem === b.problem && a.activation === b.activation && a.alpha === b.alpha;
