/**
 * An engine in a memory of one thread, beside one of several threads in a memory of its own: products go there for which threads gain more than copying takes. The bits are the
 * same in both.
 */
import type { Epilogue, GemmGeometry, Job, PackedWeight, Packing } from '../engine.js';
import { type ConvGeometry, sizeOf, xLength, yLength } from '../geometry/index.js';
import { ANYONE, WasmEngine } from './engine.js';
import type { GemmPacking } from './gemm-packed.js';
import { Instance } from './instance.js';
import type { Memory } from './memory/memory.js';
import { costOfCopies } from './overhead.js';

export class EngineBeside extends WasmEngine {
  readonly #several: WasmEngine;
  readonly #gains = { fprop: new WeakMap<ConvGeometry, boolean>(), dgrad: new WeakMap<ConvGeometry, boolean>() };

  constructor(module: WebAssembly.Module, memory: Memory, several: WasmEngine) {
    super(new Instance(module, memory));
    this.#several = several;
  }

  override get threads(): number {
    return this.#several.threads;
  }

  override get threadsReason(): string | undefined {
    return this.#several.threadsReason;
  }

  override async threadsStarted(): Promise<void> {
    await this.#several.threadsStarted();
  }

  override fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const gains = this.#several.savedOf('fprop', g, job, false) > this.#copying(x.length + w.length + y.length);
    if (gains) this.#several.fprop(g, x, w, y, epilogue, job);
    else super.fprop(g, x, w, y, epilogue, job);
  }

  override dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const gains = this.#several.savedOf('dgrad', g, job, false) > this.#copying(y.length + w.length + x.length);
    if (gains) this.#several.dgrad(g, y, w, x, epilogue, job);
    else super.dgrad(g, y, w, x, epilogue, job);
  }

  override wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array, job = ANYONE): void {
    const gains = this.#several.savedOfWgrad(g, job) > this.#copying(x.length + y.length + dw.length);
    if (gains) this.#several.wgrad(g, x, y, dw, job);
    else super.wgrad(g, x, y, dw, job);
  }

  override gemm(g: GemmGeometry, a: Float32Array, b: Float32Array, c: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const gains = this.#several.savedOfGemm(g, false) > this.#copying(a.length + b.length + c.length);
    if (gains) this.#several.gemm(g, a, b, c, epilogue, job);
    else super.gemm(g, a, b, c, epilogue, job);
  }

  override gemmPacking(g: GemmGeometry): GemmPacking {
    return this.#gainsPacked(g) ? this.#several.gemmPacking(g) : super.gemmPacking(g);
  }

  override packGemm(g: GemmGeometry, b: Float32Array, job = ANYONE): PackedWeight {
    return this.#gainsPacked(g) ? this.#several.packGemm(g, b, job) : super.packGemm(g, b, job);
  }

  override packing(direction: 'fprop' | 'dgrad', g: ConvGeometry, job = ANYONE): Packing {
    return this.#gainsPlanned(direction, g, job) ? this.#several.packing(direction, g, job) : super.packing(direction, g, job);
  }

  override pack(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, job = ANYONE): PackedWeight {
    return this.#gainsPlanned(direction, g, job) ? this.#several.pack(direction, g, w, job) : super.pack(direction, g, w, job);
  }

  #copying(values: number): number {
    return costOfCopies(values, this.#several.threads);
  }

  /** Decided once for a geometry: what was packed is where it is multiplied. */
  #gainsPlanned(direction: 'fprop' | 'dgrad', g: ConvGeometry, job: Job): boolean {
    let gains = this.#gains[direction].get(g);
    if (gains === undefined) {
      gains = this.#several.savedOf(direction, g, job, true) > this.#copying(xLength(g) + yLength(g));
      this.#gains[direction].set(g, gains);
    }
    return gains;
  }

  #gainsPacked(g: GemmGeometry): boolean {
    const { m, n, k, batch } = g;
    return this.#several.savedOfGemm(g, true) > this.#copying(sizeOf(batch) * (m * k + m * n));
  }
}
