/** The macro-kernel alone on panels that are packed and in cache: the speed that GEMM is held against. */
import { readFile } from 'node:fs/promises';
import type { Exports } from '../src/wasm/generated/exports.js';

export interface Panels {
  run(): void;
  readonly macs: number;
}

const PAGE = 65536;

/** One MC × NC block of C over a depth of KC, checked. */
export async function panels(wasmFile: URL): Promise<Panels> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
  const { instance } = await WebAssembly.instantiate(await readFile(wasmFile), { env: { memory } });
  const kernels = instance.exports as unknown as Exports;
  const [MR, NR, MC, NC, KC] = [kernels.MR, kernels.NR, kernels.MC, kernels.NC, kernels.KC].map(({ value }) => value) as Five;

  const ap = Math.ceil(kernels.HEAP_BASE.value / PAGE) * PAGE;
  const bp = ap + MC * KC * 4;
  const c = bp + NC * KC * 4;
  const tile = c + MC * NC * 4;
  memory.grow(Math.ceil((tile + MR * NR * 4) / PAGE));
  const view = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length);
  const [a, b, result] = [view(ap, MC * KC), view(bp, NC * KC), view(c, MC * NC)];
  a.forEach((_, i) => {
    a[i] = ((i * 7) % 13) - 6;
  });
  b.forEach((_, i) => {
    b[i] = ((i * 5) % 11) - 5;
  });
  result.fill(Number.NaN);
  const run = (): void => kernels.multiplyPanels(MC, NC, KC, ap, bp, c, NC, 1, false, tile);

  run();
  for (let i = 0; i < MC; i++) {
    for (let j = i % 17; j < NC; j += 17) {
      let sum = 0; // of small whole numbers: exact
      for (let k = 0; k < KC; k++) sum += panelElement(a, i, k, MR, KC) * panelElement(b, j, k, NR, KC);
      if (result[i * NC + j] !== sum) throw new Error(`bench: panels give ${result[i * NC + j]} at [${i}, ${j}]; expected ${sum}`);
    }
  }
  return { run, macs: MC * NC * KC };
}

type Five = [number, number, number, number, number];

/** Line `index` at depth `k` of micropanels of `width` lines each. */
const panelElement = (data: Float32Array, index: number, k: number, width: number, depth: number): number =>
  data[Math.floor(index / width) * width * depth + k * width + (index % width)] ?? Number.NaN;
