/** Runs bench/assembly/ceiling.ts, fused where this engine has relaxed SIMD. */
import type { Variant } from '../../src/types.js';
import { compileBench } from './compile.js';

export interface Ceiling {
  run(): unknown;
  readonly flops: number;
}

interface Exports {
  readonly FLOPS: { readonly value: number };
  run(turns: number, from: number, to: number): number;
}

const TURNS = 4096;

export async function ceiling(variant: Variant): Promise<Ceiling> {
  const { instance } = await WebAssembly.instantiate(await compileBench('ceiling.ts', variant));
  const { run, FLOPS } = instance.exports as unknown as Exports;
  return { run: () => run(TURNS, 0.5, 0.25), flops: FLOPS.value * TURNS };
}
