import type { EnginePlan } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';

/** One use of a weight among others. */
export interface Use {
  readonly op: string;
  readonly problem: string;
  /** The data of the bias. */
  readonly bias: object | undefined;
  readonly activation: string | undefined;
  readonly slope: number | undefined;
}

interface Entry {
  readonly weight: object;
  readonly use: Use;
  /** None at first sight, and where there was no room for one. */
  plan: EnginePlan | undefined;
  calls: number;
}

/** Who knows which data tfjs has disposed. */
export interface Liveness {
  isLive(dataId: object): boolean;
}

/**
 * Weights packed once. One that comes a second time gets a plan: in training each step has new ones, which are never packed for later. tfjs does not say
 * when it disposes a tensor, so whenever something new comes, the plans of those that are gone are dropped.
 */
export class Plans {
  readonly #uses = new WeakMap<object, readonly Entry[]>();
  readonly #packed = new Set<Entry>();

  /** The plan of a weight for this use, if it pays to have one. */
  find(weight: object, use: Use, data: Liveness, make: () => EnginePlan): EnginePlan | undefined {
    const entry = this.#uses.get(weight)?.find((each) => same(each.use, use)) ?? this.#add(weight, use, data);
    if (entry.calls++ === 1) {
      try {
        entry.plan = make();
        this.#packed.add(entry);
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
    }
    return entry.plan;
  }

  #add(weight: object, use: Use, data: Liveness): Entry {
    const live = ({ use: { bias } }: Entry): boolean => bias === undefined || data.isLive(bias);
    for (const entry of this.#packed) {
      if (data.isLive(entry.weight) && live(entry)) continue;
      entry.plan?.free();
      entry.plan = undefined;
      entry.calls = 0; // data that went to another backend may come back
      this.#packed.delete(entry);
    }
    const entry: Entry = { weight, use, plan: undefined, calls: 0 };
    this.#uses.set(weight, [...(this.#uses.get(weight)?.filter(live) ?? []), entry]);
    return entry;
  }
}

const same = (a: Use, b: Use): boolean =>
  a.bias === b.bias && a.op === b.op && a.problem === b.problem && a.activation === b.activation && a.slope === b.slope;
