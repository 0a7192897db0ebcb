import type {
  Axes,
  ElementwiseAxes,
  ElementwiseName,
  Engine,
  EngineBuffer,
  EnginePlan,
  Epilogue,
  GemmGeometry,
  Job,
  PackedWeight,
  Packing,
  Product,
  SumAxes,
} from '../engine.js';
import type { ConvGeometry } from '../geometry/index.js';
import { ArrayOps } from './array-ops.js';
import { directView } from './conv-view.js';
import { convolve, roomOf, weightGradient, wgradRoomOf } from './convolve.js';
import type { Use } from './cost-model.js';
import { gemm, savedByThreads } from './gemm.js';
import { type GemmPacking, gemmPackingOf, PackedMatrix, planGemm } from './gemm-packed.js';
import { type Borders, Instance, roomForBorders, type Threads } from './instance.js';
import { ABSENT, align, type Memory, roomFor } from './memory/memory.js';
import { type PackingProgram, packingOf, WasmPackedWeight } from './packed.js';
import { makePlan } from './plan.js';
import { dgradProgram, fpropProgram, wgradProgram } from './select.js';
import { Programs } from './select-cache.js';
import { maxPoolGrad, unroll } from './unroll.js';

/** The kernels on a memory. */
export const wasmEngine = (module: WebAssembly.Module, memory: Memory, threads?: Threads): WasmEngine =>
  new WasmEngine(new Instance(module, memory, threads));

/** Who asks when nobody says. */
export const ANYONE: Job = { op: 'engine', algorithm: 'auto' };

export class WasmEngine implements Engine {
  readonly variant: 'simd' | 'relaxed';
  readonly tile: readonly number[];
  readonly blocks: readonly number[];
  readonly workspaceBytes: number;
  readonly #instance: Instance;
  readonly #arrays: ArrayOps;
  readonly #fprop = new Programs((g, job) => fpropProgram(g, job, this.#use(false)));
  readonly #dgrad = new Programs((g, job) => dgradProgram(g, job, this.#use(false)));
  readonly #biasedDgrad = new Programs((g, job) => dgradProgram(g, job, this.#use(false, true)));
  readonly #wgrad = new Programs((g, job) => wgradProgram(g, job, this.#use(false)));
  readonly #packed: Readonly<Record<'fprop' | 'dgrad', Programs<PackingProgram>>> = {
    fprop: new Programs((g, job) => packingOf(this.#instance, 'fprop', g, fpropProgram(g, job, this.#use(true)))),
    dgrad: new Programs((g, job) => packingOf(this.#instance, 'dgrad', g, dgradProgram(g, job, this.#use(true, true)))),
  };
  readonly #packedGemm = new WeakMap<GemmGeometry, GemmPacking>();
  readonly #unroll = new Programs((g) => ({ views: [directView(g)] as const }));

  constructor(instance: Instance) {
    const { kernels } = instance;
    this.#instance = instance;
    this.#arrays = new ArrayOps(instance);
    this.variant = kernels.RELAXED.value ? 'relaxed' : 'simd';
    this.tile = [kernels.MR.value, kernels.NR.value];
    this.blocks = [kernels.MC.value, kernels.NC.value, kernels.KC.value];
    this.workspaceBytes = kernels.WORKSPACE.value;
  }

  get liveBytes(): number {
    return this.#instance.memory.liveBytes;
  }

  get capacityBytes(): number {
    return this.#instance.memory.capacityBytes;
  }

  get maxBytes(): number {
    return this.#instance.memory.maxBytes;
  }

  get generation(): number {
    return this.#instance.memory.generation;
  }

  owns(buffer: ArrayBufferLike): boolean {
    return this.#instance.memory.owns(buffer);
  }

  attach(array: Float32Array, byteOffset: number, length: number, generation: number): Float32Array {
    return this.#instance.memory.attach(array, byteOffset, length, generation);
  }

  prepare(products: readonly Product[]): void {
    const { memory } = this.#instance;
    const most = (shared: boolean): { readonly room: number; readonly op: string } =>
      products
        .map((product) => ({ room: this.#roomOf(product, shared), op: product.job.op }))
        .reduce((a, b) => (b.room > a.room ? b : a), { room: 0, op: ANYONE.op });
    if (this.#instance.threads > 1 && memory.canReserve(most(true).room)) return;
    const { room, op } = most(false);
    memory.reserve(op, room);
  }

  fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const { memory } = this.#instance;
    convolve(this.#instance, this.#fprop.of(g, job), memory.place(x), w, memory.place(y), epilogue, job.op, bordersOf('fprop', g));
  }

  dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const { memory } = this.#instance;
    const programs = epilogue.bias !== null ? this.#biasedDgrad : this.#dgrad;
    convolve(this.#instance, programs.of(g, job), memory.place(y), w, memory.place(x), epilogue, job.op, bordersOf('dgrad', g));
  }

  wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    weightGradient(
      this.#instance,
      this.#wgrad.of(g, job),
      memory.place(x),
      memory.place(y),
      memory.place(dw),
      job.op,
      bordersOf('wgrad', g),
    );
  }

  im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    const [image, result] = [memory.place(x), memory.place(columns)];
    this.#instance.call(job.op, image, ABSENT, ABSENT, result, 0, (px, _, __, to) =>
      unroll(this.#instance, 'im2col', view, px, to, [image, result]),
    );
  }

  col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    const [given, image] = [memory.place(columns), memory.place(x)];
    this.#instance.call(job.op, given, ABSENT, ABSENT, image, 0, (from, _, __, to) =>
      unroll(this.#instance, 'col2im', view, from, to, [given, image]),
    );
  }

  maxPoolGrad(g: ConvGeometry, x: Float32Array, dy: Float32Array, dx: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    const [image, upstream, result] = [memory.place(x), memory.place(dy), memory.place(dx)];
    this.#instance.call(job.op, image, upstream, ABSENT, result, 0, (px, py, _, to) =>
      maxPoolGrad(this.#instance, view, px, py, to, [image, upstream, result]),
    );
  }

  gemm(g: GemmGeometry, a: Float32Array, b: Float32Array, c: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    gemm(this.#instance, g, a, b, c, epilogue, job);
  }

  planGemm(g: GemmGeometry, b: Float32Array, epilogue: Epilogue, job = ANYONE): EnginePlan {
    return planGemm(this.#instance, g, b, epilogue, job);
  }

  gemmPacking(g: GemmGeometry): GemmPacking {
    const known = this.#packedGemm.get(g);
    if (known) return known;
    const packing = gemmPackingOf(this.#instance, g);
    this.#packedGemm.set(g, packing);
    return packing;
  }

  packGemm(g: GemmGeometry, b: Float32Array, job = ANYONE): PackedWeight {
    return new PackedMatrix(this.#instance, this.gemmPacking(g), b, null, job.op);
  }

  copy(axes: Axes, from: Float32Array, to: Float32Array, job = ANYONE): void {
    this.#arrays.copy(axes, from, to, job.op);
  }

  elementwise(
    f: ElementwiseName,
    axes: ElementwiseAxes,
    a: Float32Array,
    b: Float32Array | number,
    c: Float32Array | number,
    y: Float32Array,
  ): void {
    this.#arrays.elementwise(f, axes, a, b, c, y);
  }

  elementwiseAt(f: ElementwiseName, axes: ElementwiseAxes, a: number, b: number, c: number, y: number): void {
    this.#arrays.elementwiseAt(f, axes, a, b, c, y);
  }

  sum(axes: SumAxes, x: Float32Array, divisor: number, y: Float32Array): void {
    this.#arrays.sum(axes, x, divisor, y);
  }

  plan(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, epilogue: Epilogue, job = ANYONE): EnginePlan {
    const program = (direction === 'fprop' ? fpropProgram : dgradProgram)(g, job, this.#use(true, epilogue.bias !== null));
    return makePlan(this.#instance, program, w, epilogue, job, g.border);
  }

  packing(direction: 'fprop' | 'dgrad', g: ConvGeometry, job = ANYONE): Packing {
    return this.#packed[direction].of(g, job);
  }

  pack(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, job = ANYONE): PackedWeight {
    return new WasmPackedWeight(this.#instance, this.#packed[direction].of(g, job), w, job.op);
  }

  buffer(op: string, length: number): EngineBuffer {
    const { memory } = this.#instance;
    const bytes = align(length * 4);
    const start = memory.allocate(op, bytes);
    memory.floats.fill(0, start / 4, (start + bytes) / 4);
    let cached = memory.view(start, length);
    let taken = memory.generation;
    let live = true;
    return {
      bytes,
      view: () => {
        if (taken !== memory.generation) {
          cached = memory.view(start, length);
          taken = memory.generation;
        }
        return cached;
      },
      free: () => {
        if (live) memory.release(start, bytes);
        live = false;
      },
    };
  }

  get threads(): number {
    return this.#instance.threads;
  }

  get threadsReason(): string | undefined {
    return this.#instance.pool?.crew.reason;
  }

  waitForThreads(): void {
    this.#instance.pool?.crew.waitForStart();
  }

  async threadsStarted(): Promise<void> {
    await this.#instance.pool?.crew.started();
  }

  stopThreads(): void {
    this.#instance.pool?.crew.dispose();
  }

  dispose(): void {
    const { memory, pool } = this.#instance;
    if (pool) pool.crew.dispose(() => memory.clear());
    else memory.clear();
  }

  /** Picoseconds that the threads are done sooner with a product, its weight packed beforehand or not. */
  savedOf(direction: 'fprop' | 'dgrad', g: ConvGeometry, job: Job, planned: boolean): number {
    const program = planned ? this.#packed[direction].of(g, job) : (direction === 'fprop' ? this.#fprop : this.#dgrad).of(g, job);
    return this.#instance.scheduleOf(program, planned)?.saved ?? 0;
  }

  savedOfWgrad(g: ConvGeometry, job: Job): number {
    return this.#instance.wgradScheduleOf(this.#wgrad.of(g, job), true)?.saved ?? 0;
  }

  savedOfGemm(g: GemmGeometry, packed: boolean): number {
    return savedByThreads(g, this.#instance.threads, packed);
  }

  #use(planned: boolean, biased = false): Use {
    return { planned, fused: this.variant === 'relaxed', biased };
  }

  /** Bytes of the arena that a product takes, on the threads or on this one alone. */
  #roomOf({ direction, geometry, arrays, job }: Product, shared: boolean): number {
    const { memory } = this.#instance;
    const places = arrays.map((array) => memory.place(array));
    const borders = geometry.border ? roomForBorders(bordersOf(direction, geometry) as Borders) : 0;
    const operands = places.reduce((sum, place) => sum + roomFor(place), borders);
    if (direction === 'wgrad') return operands + wgradRoomOf(this.#instance, this.#wgrad.of(geometry, job), places, shared).scratch;
    const program = (direction === 'fprop' ? this.#fprop : this.#dgrad).of(geometry, job);
    const { packed, scratch } = roomOf(this.#instance, program, places, shared);
    return operands + packed + scratch;
  }
}

/** x is the first operand of two directions and the result of one. */
function bordersOf(direction: Product['direction'], { border }: ConvGeometry): Borders | undefined {
  if (border === undefined) return undefined;
  return direction === 'dgrad' ? { result: border } : { operand: border };
}
