/** `npm run bench -- --against <file>`: this build's cases beside those of another wasm file. */
import { readFile } from 'node:fs/promises';
import { type Kernels, load } from 'simdconv';
import type { Case } from './cases.js';
import { type BenchOptions, UsageError } from './options.js';
import { type Comparison, closing, compareCases } from './side-by-side.js';

/** Prints a line a case, then what they come to. */
export async function compareWithFile(
  kernels: Kernels,
  file: string,
  cases: readonly Case[],
  options: BenchOptions,
): Promise<Comparison[]> {
  const old = await loadOther(kernels, file);
  try {
    const results = compareCases([kernels, old], 'before', cases, options);
    console.log(`\n${closing(results, 'before over now')}`);
    return results;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const why = `a kernel trapped (${error.message}); are the structs of that file laid out as those of this build?`;
    throw new UsageError(`--against ${file}: ${why}`, { cause: error });
  }
}

/** The kernels of another file under this build's TypeScript, if they take what it gives them. */
async function loadOther({ info: { variant } }: Kernels, file: string): Promise<Kernels> {
  if (variant === 'reference') throw new UsageError('--against is of the wasm variants; this is the reference');
  const mine = await readFile(new URL(`../dist/wasm/${variant}.wasm`, import.meta.url));
  try {
    const bytes = await readFile(file);
    const module = new WebAssembly.Module(bytes);
    const theirs = argumentCounts(module);
    for (const [name, count] of argumentCounts(new WebAssembly.Module(mine))) {
      const other = theirs.get(name);
      if (other === undefined) throw new Error(`it has no export '${name}', which this build has`);
      if (other !== count) throw new Error(`its '${name}' takes ${other} arguments, that of this build ${count}`);
    }
    const old = await load({ variant, module });
    if (bytes.equals(mine)) console.log('The files are the same: what differs is noise.\n');
    return old;
  } catch (error) {
    throw new UsageError(`--against ${file}: ${(error as Error).message}`, { cause: error }); // of readFile, of WebAssembly, of `load`, or from here
  }
}

/** Of each exported function; -1 for a number. */
function argumentCounts(module: WebAssembly.Module): Map<string, number> {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65536 }) } });
  return new Map(Object.entries(exports).map(([name, each]) => [name, typeof each === 'function' ? each.length : -1]));
}
