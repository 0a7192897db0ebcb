import { elementwise } from '../array/elementwise.js';
import { sum } from '../array/reduce.js';
import { copy } from '../array/strided-copy.js';
import {
  type Chosen,
  type Engine,
  type EngineBuffer,
  type EnginePlan,
  type Epilogue,
  type Job,
  MOST_BYTES,
  type PackedWeight,
  type Packing,
} from '../engine.js';
import { OutOfMemoryError } from '../errors.js';
import { type Border, bLength, volume } from '../geometry/index.js';
import type { FreshData } from '../types.js';
import { continueInto, foldInto } from './border.js';
import { dgrad, fprop, wgrad } from './conv.js';
import { gemm } from './gemm.js';
import { maxPoolGrad } from './pool.js';
import { col2im, im2col } from './unroll.js';

export interface ReferenceOptions {
  /** Most bytes that buffers and plans may hold together. Default MOST_BYTES, as the wasm engine's. */
  readonly maxBytes?: number;
}

/**
 * The oracle: plain loops from the definition, float64 sums rounded to float32 once. It shares the geometry with the
 * wasm engine and nothing else, and is also the variant for runtimes without SIMD.
 */
export function referenceEngine({ maxBytes = MOST_BYTES }: ReferenceOptions = {}): Engine {
  const ledger = new Ledger(maxBytes);
  return {
    variant: 'reference',
    tile: [],
    blocks: [],
    workspaceBytes: 0,
    threads: 1,
    threadsReason: undefined,
    waitForThreads: () => {},
    threadsStarted: async () => {},
    stopThreads: () => {},
    get liveBytes() {
      return ledger.liveBytes;
    },
    get capacityBytes() {
      return ledger.liveBytes;
    },
    maxBytes,
    generation: 0,
    owns: () => false,
    attach: (array) => array,

    prepare: () => {},
    fprop: (g, x, w, y, epilogue, job) => padded(ledger, g.border, job, (room) => fprop(g, within(g.border, x, room), w, y, epilogue)),
    dgrad(g, y, w, x, epilogue, job) {
      const { border } = g;
      padded(ledger, border, job, (room) => {
        dgrad(g, y, w, border ? room : x, epilogue);
        if (border) foldInto(border, room, x);
      });
    },
    wgrad: (g, x, y, dw, job) => padded(ledger, g.border, job, (room) => wgrad(g, within(g.border, x, room), y, dw)),
    im2col,
    col2im,
    maxPoolGrad,
    gemm,
    copy,
    elementwise,
    sum,

    plan(direction, g, w, epilogue, job): EnginePlan {
      const product = direction === 'fprop' ? fprop : dgrad;
      const room = g.border?.length ?? 0;
      return planOf(ledger, job?.op ?? 'plan', 'direct', w, epilogue, room, (weight, kept, input, output, padded) =>
        product(g, within(g.border, input, padded), weight, output, kept),
      );
    },

    planGemm(g, b, epilogue, job): EnginePlan {
      return planOf(ledger, job?.op ?? 'plan', 'gemm', b, epilogue, 0, (weight, kept, input, output) =>
        gemm(g, input, weight, output, kept),
      );
    },

    packing(direction, geometry): ReferencePacking {
      const { w, kernel, groups, xChannels, yChannels } = geometry;
      const bytes = volume(kernel) * (xChannels / groups) * yChannels * Float32Array.BYTES_PER_ELEMENT;
      const product = direction === 'fprop' ? fprop : dgrad;
      const run: Run = (weight, epilogue, from, to) => product(geometry, from, weight, to, epilogue);
      return { key: [direction, w.y, w.x, w.tap].join(' '), bytes, asIs: true, run };
    },

    gemmPacking(g): ReferencePacking {
      const run: Run = (b, epilogue, a, c) => gemm(g, a, b, c, epilogue);
      return { key: 'gemm', bytes: bLength(g) * Float32Array.BYTES_PER_ELEMENT, asIs: true, run };
    },

    pack(direction, g, w, job): PackedWeight {
      return packedOf(ledger, this.packing(direction, g, job).key, w);
    },

    packGemm(g, b): PackedWeight {
      return packedOf(ledger, this.gemmPacking(g).key, b);
    },

    buffer(op, length): EngineBuffer {
      const bytes = length * Float32Array.BYTES_PER_ELEMENT;
      const release = ledger.hold(op, bytes);
      let data = NOTHING;
      try {
        data = allocate(op, length);
      } catch (error) {
        release();
        throw error;
      }
      return {
        bytes,
        view: () => data,
        free: () => {
          release();
          data = NOTHING;
        },
      };
    },

    dispose: () => ledger.clear(),
  };
}

interface ReferencePacking extends Packing {
  readonly run: Run;
}

/** x within what continues it, which takes the room given. */
const within = (border: Border | undefined, x: Float32Array, room: Float32Array): Float32Array =>
  border ? continueInto(border, x, room) : x;

/** Runs with room for a padded image, where there is a border. */
function padded(ledger: Ledger, border: Border | undefined, job: Job | undefined, run: (room: Float32Array) => void): void {
  if (!border) {
    run(NOTHING);
    return;
  }
  const op = job?.op ?? 'engine';
  const release = ledger.hold(op, border.length * Float32Array.BYTES_PER_ELEMENT);
  try {
    run(allocate(op, border.length));
  } finally {
    release();
  }
}

function allocate(op: string, length: number): FreshData {
  try {
    return new Float32Array(length);
  } catch (cause) {
    throw new OutOfMemoryError(op, `the runtime has no ${length * Float32Array.BYTES_PER_ELEMENT} bytes in one piece`, { cause });
  }
}

type Run = (weight: Float32Array, epilogue: Epilogue, input: Float32Array, output: Float32Array, room: Float32Array) => void;

/** Copies: the caller may overwrite its weight and bias after planning, as it may with a packed one. */
function planOf(
  ledger: Ledger,
  op: string,
  algorithm: Chosen,
  w: Float32Array,
  epilogue: Epilogue,
  length: number,
  product: Run,
): EnginePlan {
  const bytes = w.byteLength + (epilogue.bias?.byteLength ?? 0) + length * Float32Array.BYTES_PER_ELEMENT;
  const release = ledger.hold(op, bytes);
  let [weight, room] = [w.slice(), NOTHING];
  const kept = { ...epilogue, bias: epilogue.bias?.slice() ?? null };
  return {
    algorithm,
    bytes,
    run(input, output) {
      if (length > room.length) room = allocate(op, length);
      product(weight, kept, input, output, room);
    },
    free: () => {
      release();
      weight = room = NOTHING;
    },
  };
}

function packedOf(ledger: Ledger, key: string, w: Float32Array): PackedWeight {
  const release = ledger.hold('pack', w.byteLength);
  let weight = w.slice();
  return {
    key,
    bytes: w.byteLength,
    multiply: (packing, from, to, epilogue) => (packing as ReferencePacking).run(weight, epilogue, from, to, NOTHING),
    free: () => {
      release();
      weight = NOTHING;
    },
  };
}

/** Takes the place of what was freed, so that the collector can have it even while its owner is held. */
const NOTHING = new Float32Array(0);

/** Bytes on loan. Each is given back once, however often `free` is called and whether or not the engine was disposed first. */
class Ledger {
  readonly #loans = new Set<symbol>();
  #liveBytes = 0;

  constructor(readonly maxBytes: number) {}

  get liveBytes(): number {
    return this.#liveBytes;
  }

  hold(op: string, bytes: number): () => void {
    if (this.#liveBytes + bytes > this.maxBytes) {
      throw new OutOfMemoryError(op, `${bytes} bytes more than the ${this.#liveBytes} in use; maxBytes is ${this.maxBytes}`);
    }
    const loan = Symbol(op);
    this.#loans.add(loan);
    this.#liveBytes += bytes;
    return () => {
      if (this.#loans.delete(loan)) this.#liveBytes -= bytes;
    };
  }

  clear(): void {
    this.#loans.clear();
    this.#liveBytes = 0;
  }
}
