/** `npm run accuracy`: measures, prints the table and writes it into docs/accuracy.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadSync, UnsupportedRuntimeError } from 'simdconv';
import { type Accuracy, accuracyTable, measureAccuracy } from './accuracy.js';

const PAGE = fileURLToPath(new URL('../docs/accuracy.md', import.meta.url));
const [BEGIN, END] = ['<!-- accuracy:begin -->', '<!-- accuracy:end -->'];

const measured = new Map<string, Accuracy[]>();
for (const variant of ['simd', 'relaxed'] as const) {
  try {
    const kernels = loadSync({ variant });
    measured.set(variant, measureAccuracy(kernels));
    kernels.dispose();
  } catch (error) {
    if (!(error instanceof UnsupportedRuntimeError)) throw error;
    console.error(`no ${variant}: ${error.message}`);
  }
}

const machine = `Node ${process.versions.node}, ${arch()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
const block = `${accuracyTable([...measured.keys()], [...measured.values()])}\n\n${machine}.`;
console.log(block);

const page = await readFile(PAGE, 'utf8');
const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`${PAGE} has no ${BEGIN} before an ${END}`);
await writeFile(PAGE, `${page.slice(0, begin)}${BEGIN}\n${block}\n${page.slice(end)}`);
