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
import { type Finish, type Weight, WGRADS } from './algorithms.js';
import { ArrayOps } from './array-ops.js';
import { directView, type View } from './conv-view.js';
import type { Use } from './cost-model.js';
import { gemm, savedByThreads } from './gemm.js';
import { type GemmPacking, gemmPackingOf, PackedMatrix, planGemm } from './gemm-packed.js';
import { type Borders, finishOf, Instance, type Kernel, roomForBorders, type Threads } from './instance.js';
import { ABSENT, align, type Memory, type Place } from './memory/memory.js';
import { type PackingProgram, packingOf, WasmPackedWeight } from './packed.js';
import { makePlan } from './plan.js';
import type { Schedule } from './schedule.js';
import { dgradProgram, fpropProgram, type Program, type WgradProgram, wgradProgram } from './select.js';
import { Programs } from './select-cache.js';
import { allFinite, packWeights, runProgram, runWgrad } from './shared-run.js';
import { unroll } from './unroll.js';

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
    let [most, op] = [0, ANYONE.op];
    for (const product of products) {
      const room = this.#roomOf(product);
      if (room > most) [most, op] = [room, product.job.op];
    }
    memory.reserve(op, most);
  }

  fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const { memory } = this.#instance;
    this.#convolve(this.#fprop.of(g, job), memory.place(x), w, memory.place(y), epilogue, job.op, bordersOf('fprop', g));
  }

  dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const { memory } = this.#instance;
    const programs = epilogue.bias !== null ? this.#biasedDgrad : this.#dgrad;
    this.#convolve(programs.of(g, job), memory.place(y), w, memory.place(x), epilogue, job.op, bordersOf('dgrad', g));
  }

  wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array, job = ANYONE): void {
    const { workspace, memory } = this.#instance;
    const program = this.#wgrad.of(g, job);
    const room = this.#wgradRoom(program);
    const run: Kernel = (px, py, _, to, scratch) => runWgrad(this.#instance, program, px, py, to, room > 0 ? scratch : workspace);
    const borders = bordersOf('wgrad', g);
    const [from, upstream, to] = [memory.place(x), memory.place(y), memory.place(dw)];
    if (borders) this.#instance.callWithin(borders, job.op, from, upstream, ABSENT, to, room, run);
    else this.#instance.call(job.op, from, upstream, ABSENT, to, room, run);
  }

  im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    this.#instance.call(job.op, memory.place(x), ABSENT, ABSENT, memory.place(columns), 0, (px, _, __, to) =>
      unroll(this.#instance, 'im2col', view, px, to),
    );
  }

  col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array, job = ANYONE): void {
    const { memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    this.#instance.call(job.op, memory.place(columns), ABSENT, ABSENT, memory.place(x), 0, (from, _, __, to) =>
      unroll(this.#instance, 'col2im', view, from, to),
    );
  }

  maxPoolGrad(g: ConvGeometry, x: Float32Array, dy: Float32Array, dx: Float32Array, job = ANYONE): void {
    const { kernels, memory } = this.#instance;
    const [view] = this.#unroll.of(g, job).views;
    this.#instance.call(job.op, memory.place(x), memory.place(dy), ABSENT, memory.place(dx), 0, (px, py, _, to) =>
      kernels.maxPoolGrad(this.#instance.write(view), px, py, to),
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

  dispose(): void {
    this.#instance.pool?.crew.dispose();
    this.#instance.memory.clear();
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

  /** Bytes of the arena that a product takes. */
  #roomOf({ direction, geometry, arrays: [first, second, result], job }: Product): number {
    const { memory } = this.#instance;
    const borders = geometry.border ? roomForBorders(bordersOf(direction, geometry) as Borders) : 0;
    return (
      memory.roomOf(first) + memory.roomOf(second) + memory.roomOf(result) + align(this.#scratchOf(direction, geometry, job)) + borders
    );
  }

  #scratchOf(direction: Product['direction'], g: ConvGeometry, job: Job): number {
    if (direction === 'wgrad') return this.#wgradRoom(this.#wgrad.of(g, job));
    const program = (direction === 'fprop' ? this.#fprop : this.#dgrad).of(g, job);
    const schedule = this.#instance.scheduleOf(program, false);
    return this.#packedRoom(program, schedule) + this.#scratchRoom(program, schedule);
  }

  #wgradRoom(program: WgradProgram): number {
    const { kernels, workspaces } = this.#instance;
    const scratch = align(WGRADS[program.kernel].scratchBytes(kernels));
    return scratch > 0 && this.#instance.wgradScheduleOf(program, true) ? workspaces * scratch : scratch;
  }

  /** Bytes of packed weights, where the method takes them packed only: of one view after another, for threads of all views. */
  #packedRoom({ method, views }: Program, schedule: Schedule | undefined): number {
    if (method.plain) return 0;
    const { kernels } = this.#instance;
    const add = (room: number, view: View): number => {
      const bytes = align(method.packedBytes(kernels, view));
      return schedule ? room + bytes : Math.max(room, bytes);
    };
    return views.reduce(add, 0);
  }

  /** Bytes of its scratch, for threads of each. */
  #scratchRoom({ method }: Program, schedule: Schedule | undefined): number {
    const scratch = align(method.scratchBytes(this.#instance.kernels));
    return schedule ? this.#instance.workspaces * scratch : scratch;
  }

  /** A product with a weight as it lies in memory, packed on the way where the method needs it. */
  #convolve(program: Program, from: Place, w: Float32Array, to: Place, epilogue: Epilogue, op: string, borders?: Borders): void {
    const { workspace, memory } = this.#instance;
    const schedule = this.#instance.scheduleOf(program, false);
    const [packedRoom, scratchRoom] = [this.#packedRoom(program, schedule), this.#scratchRoom(program, schedule)];
    const [given, added] = [memory.place(w), memory.place(epilogue.bias)];
    const run: Kernel = (pf, pw, bias, pt, packed) => {
      const scratch = scratchRoom > 0 ? packed + packedRoom : workspace;
      const finish = finishOf(epilogue, bias);
      if (program.unlessFinite && !allFinite(this.#instance, pw, given.length)) this.#runPlain(program.unlessFinite, pf, pw, pt, finish);
      else if (schedule)
        runProgram(this.#instance, program, schedule, pf, this.#weightsOf(program, pw, packed, scratch), pt, finish, scratch);
      else this.#runInTurn(program, pf, pw, pt, finish, packed, scratch);
    };
    const room = packedRoom + scratchRoom;
    if (borders) this.#instance.callWithin(borders, op, from, given, added, to, room, run);
    else this.#instance.call(op, from, given, added, to, room, run);
  }

  /** What replaces a program if the weight is not finite: it reads that as it lies. */
  #runPlain(program: Program, from: number, w: number, to: number, finish: Finish): void {
    const weights = program.views.map((view) => ({ plain: w + view.wOffset * 4, packed: 0, spare: 0 }));
    runProgram(this.#instance, program, this.#instance.scheduleOf(program, false), from, weights, to, finish, this.#instance.workspace);
  }

  /** One view after another, each with its weight packed in the same place. */
  #runInTurn({ method, views }: Program, from: number, w: number, to: number, finish: Finish, packed: number, scratch: number): void {
    const { kernels } = this.#instance;
    for (const view of views) {
      const g = this.#instance.write(view);
      const plain = w + view.wOffset * 4;
      if (!method.plain) method.pack(kernels, g, plain, packed, scratch);
      const weight = { plain, packed: method.plain ? 0 : packed, spare: 0 };
      method.run(kernels, g, from, weight, to + view.yOffset * 4, finish, scratch);
    }
  }

  /** Each view's weight, packed in places of their own where the method needs it. */
  #weightsOf(program: Program, w: number, to: number, scratch: number): Weight[] {
    const { method, views } = program;
    let next = to;
    const weights = views.map((view): Weight => {
      const plain = w + view.wOffset * 4;
      if (method.plain) return { plain, packed: 0, spare: 0 };
      const packed = next;
      next += align(method.packedBytes(this.#instance.kernels, view));
      return { plain, packed, spare: 0 };
    });
    if (!method.plain) packWeights(this.#instance, program, w, weights, scratch);
    return weights;
  }
}

/** x is the first operand of two directions and the result of one. */
function bordersOf(direction: Product['direction'], { border }: ConvGeometry): Borders | undefined {
  if (border === undefined) return undefined;
  return direction === 'dgrad' ? { result: border } : { operand: border };
}
