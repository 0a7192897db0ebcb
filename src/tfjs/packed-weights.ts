import type { PackedWeight, Packing } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';

/** One way in which a weight is used. */
interface Entry {
  readonly weight: object;
  packed: PackedWeight | undefined;
  calls: number;
  /** When it was used last, by the count of uses. */
  used: number;
  /** There was no room in the memory: it is not tried again. */
  refused: boolean;
}

/** Who knows which data tfjs has disposed. */
export interface Liveness {
  isLive(dataId: object): boolean;
}

/**
 * Weights packed once, for whatever image, bias and activation.
 *
 * A weight is packed when it comes a second time: in training each step has new ones, which are never packed. tfjs does not say when it disposes a tensor. So whenever
 * something new comes, the packed weights of tensors that are gone are dropped.
 *
 * No more than `maxBytes` are held. To make room for a weight, those give way that were not used since its own last use, least recently used first. So of a net that
 * does not fit, part stays packed; else each layer would drive out the next.
 */
export class Weights {
  readonly maxBytes: number;
  readonly #uses = new WeakMap<object, Map<string, Entry>>();
  readonly #packed = new Set<Entry>();
  #bytes = 0;
  #clock = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The weight packed, if it pays to have it so. */
  find(weight: object, { key, bytes }: Packing, data: Liveness, pack: () => PackedWeight): PackedWeight | undefined {
    if (bytes > this.maxBytes) return undefined;
    const entry = this.#uses.get(weight)?.get(key) ?? this.#add(weight, key, data);
    const before = entry.used;
    entry.used = ++this.#clock;
    if (entry.packed) return entry.packed;
    if (++entry.calls > 1 && !entry.refused && this.#makeRoom(bytes, before)) this.#pack(entry, pack);
    return entry.packed;
  }

  #pack(entry: Entry, pack: () => PackedWeight): void {
    try {
      entry.packed = pack();
      this.#bytes += entry.packed.bytes;
      this.#packed.add(entry);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      entry.refused = true;
    }
  }

  /** A weight that is read as it is: when it is new, others may be gone. */
  see(weight: object, data: Liveness): void {
    if (this.#uses.has(weight)) return;
    this.#dropGone(data);
    this.#uses.set(weight, new Map());
  }

  #add(weight: object, key: string, data: Liveness): Entry {
    this.#dropGone(data);
    const entry: Entry = { weight, packed: undefined, calls: 0, used: 0, refused: false };
    const uses = this.#uses.get(weight) ?? new Map<string, Entry>();
    this.#uses.set(weight, uses.set(key, entry));
    return entry;
  }

  #dropGone(data: Liveness): void {
    for (const entry of this.#packed) {
      if (data.isLive(entry.weight)) continue;
      this.#drop(entry);
      entry.calls = 0; // data that went to another backend may come back
    }
  }

  /** Whether there is room for so many bytes, that of weights included which were not used since. */
  #makeRoom(bytes: number, since: number): boolean {
    let missing = this.#bytes + bytes - this.maxBytes;
    if (missing <= 0) return true;
    const leaving: Entry[] = [];
    for (const entry of [...this.#packed].sort((a, b) => a.used - b.used)) {
      if (missing <= 0 || entry.used > since) break;
      leaving.push(entry);
      missing -= entry.packed?.bytes ?? 0;
    }
    if (missing > 0) return false;
    for (const entry of leaving) this.#drop(entry);
    return true;
  }

  #drop(entry: Entry): void {
    this.#bytes -= entry.packed?.bytes ?? 0;
    entry.packed?.free();
    entry.packed = undefined;
    this.#packed.delete(entry);
  }
}
