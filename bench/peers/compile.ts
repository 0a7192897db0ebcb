/** Compiles a file of bench/assembly, which is measured and never shipped. */
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { Variant } from '../../src/types.js';

export async function compileBench(file: string, variant: Variant, options: readonly string[] = []): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      file,
      ...['--outFile', 'bench.wasm', '--runtime', 'stub', '--use', 'abort=', '-O3', '--noAssert'],
      ...['--enable', variant === 'relaxed' ? 'simd,relaxed-simd' : 'simd'],
      ...['--baseDir', fileURLToPath(new URL('../assembly', import.meta.url))],
      ...options,
    ],
    {
      writeFile: (name, contents: unknown) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error || !binary) throw new Error(`bench: asc could not compile ${file}\n${stderr}`);
  return binary;
}
