import type { EnginePlan, Epilogue, GemmGeometry, Job, PackedWeight, Packing } from '../engine.js';
import { bLength, sizeOf } from '../geometry/index.js';
import { multiply, partFor } from './gemm.js';
import { finishOf, type Instance } from './instance.js';
import { ABSENT, align, type Place, roomFor } from './memory/memory.js';

/** A product of matrices, and how it wants b. */
export interface GemmPacking extends Packing {
  readonly geometry: GemmGeometry;
  readonly matrices: number;
  /** Of each packed matrix, 0 where b is as it lies. */
  readonly matrixBytes: number;
}

type Form = 'panels' | 'strips' | 'as it lies';

export function gemmPackingOf({ kernels }: Instance, g: GemmGeometry): GemmPacking {
  const { n, k, b } = g;
  const form = formOf(g);
  const asIs = form === 'as it lies';
  const matrices = matricesOf(g);
  const matrixBytes = asIs ? 0 : wholeTiles(n, kernels.NR.value) * k * 4;
  return {
    // As it lies it serves every product of the same data.
    key: asIs ? form : [form, n, k, b.row, b.column].join(' '),
    bytes: align(asIs ? bLength(g) * 4 : matrices * matrixBytes),
    asIs,
    geometry: g,
    matrices,
    matrixBytes,
  };
}

/**
 * Few columns are multiplied with b as it lies: the kernels read all of it for a run of rows of a; less than a tile of them would be mostly padding. One row of a reads
 * b once, as a single stream; what takes strips is said in assembly/gemm/skinny-strips.ts.
 */
function formOf({ m, n, k }: GemmGeometry): Form {
  if (k === 0 || n < TILE || (n <= FEW_COLUMNS && m > n)) return 'as it lies';
  return m === 1 && n > FEW_COLUMNS ? 'strips' : 'panels';
}
const FEW_COLUMNS = 16;
const TILE = 8;

const wholeTiles = (count: number, tile: number): number => Math.ceil(count / tile) * tile;

/** Of b, those that are broadcast once. */
const matricesOf = ({ n, k, batch, bBatch }: GemmGeometry): number =>
  sizeOf(batch) === 0 ? 0 : batch.reduce((last, size, axis) => last + ((size - 1) * (bBatch[axis] ?? 0)) / (n * k), 1);

/**
 * b in a block of its own, for every product that wants it so: any rows of a, any bias and activation. A plan's bias lies behind it:
 *
 *   matrix of b | matrix ... | bias
 */
export class PackedMatrix implements PackedWeight {
  readonly key: string;
  readonly bytes: number;
  /** Of the bias that came along. */
  readonly bias: Place;
  readonly #instance: Instance;
  readonly #start: number;
  #live = true;
  /** The product that came last: keys are long. */
  #last: Packing | undefined;

  constructor(instance: Instance, packing: GemmPacking, b: Float32Array, bias: Float32Array | null, op: string) {
    const { memory } = instance;
    const [given, added] = [memory.place(b), memory.place(bias)];
    const bytes = packing.bytes + align(added.length * 4);
    // All room at once, so that what does not fit changes nothing.
    memory.reserve(op, roomFor(given) + roomFor(added), bytes);
    const start = memory.allocate(op, bytes);
    const mark = memory.mark();
    let filled = false;
    try {
      const [from, biasFrom] = [memory.enter(given), memory.enter(added)];
      fill(instance, packing, from, start);
      memory.copy(start + packing.bytes, biasFrom, added.length * 4);
      filled = true;
    } finally {
      memory.reset(mark);
      if (!filled) memory.release(start, bytes);
    }
    this.key = packing.key;
    this.bytes = bytes;
    this.bias = added.length > 0 ? { ...ABSENT, address: start + packing.bytes, length: added.length } : ABSENT;
    this.#instance = instance;
    this.#start = start;
    this.#last = packing;
  }

  multiply(packing: Packing, a: Float32Array, c: Float32Array, epilogue: Epilogue, op: string): void {
    if (packing !== this.#last) this.#check(packing);
    this.run(packing as GemmPacking, a, c, this.#instance.memory.place(epilogue.bias), epilogue, op);
  }

  /** The same with the bias in its place. Written out: through `Instance.call` a small product takes 1.3 times as long. */
  run({ geometry, matrixBytes }: GemmPacking, a: Float32Array, c: Float32Array, bias: Place, epilogue: Epilogue, op: string): void {
    const { memory } = this.#instance;
    const [given, result] = [memory.place(a), memory.place(c)];
    const part = partFor(this.#instance, geometry, matrixBytes > 0, given, result);
    const mark = memory.mark();
    memory.reserve(op, roomFor(given) + roomFor(bias) + roomFor(result));
    try {
      const [from, added, to] = [memory.enter(given), memory.enter(bias), memory.enterResult(result)];
      multiply(this.#instance, geometry, part, from, this.#start, to, finishOf(epilogue, added), matrixBytes);
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  #check(packing: Packing): void {
    if (!this.#live || packing.key !== this.key) throw new Error('simdconv: the matrix was packed for another product, or is gone');
    this.#last = packing;
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
    this.#last = undefined;
  }
}

function fill(
  { kernels, memory, workspace }: Instance,
  { asIs, geometry, matrices, matrixBytes }: GemmPacking,
  from: number,
  to: number,
): void {
  const { m, n, k, b } = geometry;
  if (asIs) memory.copy(to, from, bLength(geometry) * 4);
  else {
    for (let index = 0; index < matrices; index++) {
      kernels.gemmPack(m, n, k, from + index * n * k * 4, b.row, b.column, to + index * matrixBytes, workspace);
    }
  }
}

/** Products with b packed once, and the bias beside it. */
export function planGemm(instance: Instance, g: GemmGeometry, b: Float32Array, epilogue: Epilogue, { op }: Job): EnginePlan {
  const packing = gemmPackingOf(instance, g);
  const packed = new PackedMatrix(instance, packing, b, epilogue.bias, op);
  return {
    algorithm: 'gemm',
    bytes: packed.bytes,
    run: (a, c) => packed.run(packing, a, c, packed.bias, epilogue, op),
    free: () => packed.free(),
  };
}
