/** The project's own yardsticks: ratios within one run, sizes, and the time to a first result. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Kernels } from 'simdconv';
import { allCases, type Case } from './cases.js';
import { check } from './check.js';
import { measure, median, speedRatio, type Timing } from './measure.js';
import { UsageError } from './options.js';
import { panels } from './panels.js';
import { operandsOf, plainRunner, residentRunner } from './problem.js';
import { columnFor, digits, header, line } from './table.js';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
}

const GEMM = 'gemm 512';
const CONV = '3x3 64-64 @56';

export async function figures(kernels: Kernels, quick: boolean): Promise<Figure[]> {
  const all = [...(await speeds(kernels, quick)), ...(await sizes()), await start(quick ? 3 : 7)];
  const cells = all.map(({ name, value, unit, target = '' }) => [name, digits(value), unit, target]);
  const columns = ['figure', 'value', 'unit', 'target'].map((title, column) =>
    columnFor(
      title,
      cells.map((row) => row[column] ?? ''),
      title === 'value' ? 'right' : 'left',
    ),
  );
  console.log([header(columns), ...cells.map((row) => line(columns, row))].join('\n'));
  return all;
}

async function speeds(kernels: Kernels, quick: boolean): Promise<Figure[]> {
  const { variant, blocks } = kernels.info;
  if (variant === 'reference') throw new UsageError('--figures are of the wasm variants; this is the reference');
  const bare = await panels(new URL(`../dist/wasm/${variant}.wasm`, import.meta.url));
  const [gemm, conv] = [caseNamed(GEMM), caseNamed(CONV)];
  const t = measure(
    {
      bare: bare.run,
      gemm: checked(kernels, gemm, plainRunner),
      gemmResident: checked(kernels, gemm, residentRunner),
      conv: checked(kernels, conv, plainRunner),
      convResident: checked(kernels, conv, residentRunner),
    },
    quick ? { time: 60, rounds: 3 } : { time: 2000, rounds: 20 },
  );
  const speed = (name: string, { macs }: { macs: number }, timing: Timing): Figure => ({
    name,
    value: (2 * macs) / (timing.median * 1e6),
    unit: 'GFLOP/s',
  });
  const ratio = (name: string, of: Timing, to: Timing, macs: number, target: number): Figure => ({
    name,
    value: speedRatio(of, to) * macs,
    unit: '×',
    target: `≥ ${target}`,
  });
  const [toBare, toGemm] = [gemm.macs / bare.macs, conv.macs / gemm.macs];
  return [
    speed(`micro-kernel on packed panels, ${blocks.join('×')}`, bare, t.bare),
    speed(`${GEMM}, plain arrays`, gemm, t.gemm),
    speed(`${GEMM}, resident`, gemm, t.gemmResident),
    speed(`conv2d ${CONV}, plain arrays`, conv, t.conv),
    speed(`conv2d ${CONV}, resident, planned`, conv, t.convResident),
    ratio(`${GEMM} : micro-kernel, plain arrays`, t.gemm, t.bare, toBare, 0.8),
    ratio(`${GEMM} : micro-kernel, resident`, t.gemmResident, t.bare, toBare, 0.8),
    ratio(`conv2d ${CONV} : ${GEMM}, plain arrays`, t.conv, t.gemm, toGemm, 0.7),
    ratio(`conv2d ${CONV} : ${GEMM}, resident`, t.convResident, t.gemmResident, toGemm, 0.7),
  ];
}

function caseNamed(name: string): Case {
  const found = allCases().find((each) => each.name === name);
  if (!found) throw new Error(`bench: no case ${name}`);
  return found;
}

/** The case as a task, after its result was found right. */
function checked(kernels: Kernels, c: Case, runner: typeof plainRunner): () => unknown {
  const operands = operandsOf(c);
  const { run } = runner(kernels, c, operands);
  const { right, ofBound } = check(c, operands, run().data, 1e7);
  if (!right) throw new Error(`bench: ${c.name} is wrong, an error is ${ofBound} of its bound`);
  return run;
}

async function sizes(): Promise<Figure[]> {
  const each = await Promise.all(
    ['simd', 'relaxed'].map(async (variant): Promise<Figure[]> => {
      const bytes = await readFile(new URL(`../dist/wasm/${variant}.wasm`, import.meta.url));
      return [
        { name: `${variant}.wasm`, value: bytes.length / 1000, unit: 'kB', target: '≤ 100' },
        { name: `${variant}.wasm, gzipped`, value: gzipSync(bytes, { level: 9 }).length / 1000, unit: 'kB', target: '≤ 36' },
      ];
    }),
  );
  return each.flat();
}

/** From before the import to the result of a first conv2d, each time in a fresh process. */
async function start(times: number): Promise<Figure> {
  const script = `
    const from = performance.now();
    const { load } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
    const kernels = await load();
    const filled = (shape, value) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)).fill(value), shape });
    const { data } = kernels.conv2d(filled([1, 1, 4, 4], 1), filled([1, 1, 3, 3], 1));
    const to = performance.now();
    console.log(data.every((value) => value === 9) ? to - from : NaN);`;
  const results: number[] = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    results.push(Number(stdout));
  }
  return { name: `import to first result, median of ${times}`, value: median(results), unit: 'ms', target: '≤ 15' };
}
