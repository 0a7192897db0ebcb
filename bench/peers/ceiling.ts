/** Compiles bench/assembly/ceiling.ts, fused where this engine has relaxed SIMD, and runs it. */
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { Variant } from '../../src/types.js';

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
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      'ceiling.ts',
      ...['--outFile', 'ceiling.wasm', '--runtime', 'stub', '--use', 'abort=', '-O3', '--noAssert'],
      ...[
        '--enable',
        variant === 'relaxed' ? 'simd,relaxed-simd' : 'simd',
        '--baseDir',
        fileURLToPath(new URL('../assembly', import.meta.url)),
      ],
    ],
    {
      writeFile: (name, contents: unknown) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error || !binary) throw new Error(`bench: asc could not compile the ceiling\n${stderr}`);
  const { instance } = await WebAssembly.instantiate(binary);
  const { run, FLOPS } = instance.exports as unknown as Exports;
  return { run: () => run(TURNS, 0.5, 0.25), flops: FLOPS.value * TURNS };
}
