import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { allCases, type Case, type ConvName, casesOf, geometryOf, isConv, type Layer, matmul, resultShape } from '../../bench/cases.js';
import { check, oracle } from '../../bench/check.js';
import { measure, median, speedRatio } from '../../bench/measure.js';
import { operandsOf, plainRunner, residentRunner } from '../../bench/problem.js';
import { NET_LAYERS } from '../../bench/selector-layers.js';
import { type Problem, problemsOf } from '../../bench/selector-problems.js';
import { regretOf, summary } from '../../bench/selector-regret.js';
import { digits } from '../../bench/table.js';
import type { ConvGeometry } from '../../src/geometry/index.js';
import { loadSync } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'simdconv-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...args: string[]) => runScript('run', args);
const selector = (...args: string[]) => runScript('selector', args);

function runScript(name: string, args: readonly string[]) {
  const script = fileURLToPath(new URL(`../../bench/${name}.ts`, import.meta.url));
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });
}

const every: Pick<Layer, 'directions' | 'layouts'> = {
  directions: ['forward', 'gradInput', 'gradWeight'],
  layouts: ['channels-first', 'channels-last'],
};

/** Small, and no two sizes alike. */
const SMALL: readonly Case[] = [
  matmul(5, 7, 11),
  ...casesOf({
    ...every,
    name: 'conv2d',
    op: 'conv2d',
    input: [2, 6, 9, 8],
    weight: [4, 3, 3, 2],
    options: { stride: 2, padding: 1, groups: 2 },
  }),
  ...casesOf({ ...every, name: 'conv1d', op: 'conv1d', input: [2, 3, 11], weight: [5, 3, 4], options: { dilation: 2, padding: [[1, 2]] } }),
  ...casesOf({
    ...every,
    name: 'transposed',
    op: 'convTranspose2d',
    input: [2, 6, 4, 5],
    weight: [6, 2, 3, 2],
    options: { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2 },
  }),
];

describe('check', () => {
  const reference = loadSync({ variant: 'reference' });
  const kernels = loadSync();

  it.each(SMALL)('$name: its float64 elements are the reference', (c) => {
    const operands = operandsOf(c);
    const { data, shape } = plainRunner(reference, c, operands).run();
    expect(shape).toEqual(resultShape(c));
    const { element } = oracle(c, operands);
    expect([...data]).toEqual(Array.from(data, (_, index) => Math.fround(element(index).value)));
  });

  it.each(SMALL)('$name: plain and resident results pass, all of them looked at', (c) => {
    const operands = operandsOf(c);
    for (const runner of [plainRunner, residentRunner]) {
      const { run, dispose } = runner(kernels, c, operands);
      const { data } = run();
      expect(check(c, operands, data, 1e6)).toMatchObject({ right: true, checked: data.length, elements: data.length });
      dispose();
    }
    expect(kernels.info.memory.liveBytes).toBe(0);
  });

  it('refuses a wrong element, a missing one and what is no number', () => {
    const [c] = SMALL as [Case];
    const operands = operandsOf(c);
    const { data } = plainRunner(kernels, c, operands).run();
    expect(
      check(
        c,
        operands,
        data.map((value, i) => (i === 17 ? value + 1e-3 : value)),
        1e6,
      ).right,
    ).toBe(false);
    expect(check(c, operands, data.subarray(1), 1e6).right).toBe(false);
    expect(
      check(
        c,
        operands,
        data.map((value, i) => (i === 17 ? Number.NaN : value)),
        1,
      ).right,
    ).toBe(false);
  });

  it('refuses a long sum that lacks one of its products', () => {
    const c = matmul(2, 3, 4608);
    const operands = operandsOf(c);
    const { data } = plainRunner(kernels, c, operands).run();
    expect(check(c, operands, data, 1e6).right).toBe(true);
    const lost = operands.input.data.findIndex((a, k) => Math.abs(a * (operands.weight.data[3 * k] ?? 0)) > 0.25);
    const without = Float32Array.from(data);
    without[0] = (without[0] ?? 0) - (operands.input.data[lost] ?? 0) * (operands.weight.data[3 * lost] ?? 0);
    expect(check(c, operands, without, 1e6).right).toBe(false);
  });

  it('looks at elements in every part of a large result', () => {
    const c = matmul(64, 64, 16);
    const operands = operandsOf(c);
    const { data } = plainRunner(kernels, c, operands).run();
    expect(check(c, operands, data, 1)).toMatchObject({ right: true, checked: 64, elements: 4096 });
    for (let row = 0; row < 64; row++) {
      const broken = data.map((value, i) => (Math.floor(i / 64) === row ? value + 1 : value));
      expect(check(c, operands, broken, 1).right).toBe(false);
    }
  });
});

describe('cases', () => {
  it('have names of their own and whole, positive costs', () => {
    const cases = allCases();
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.every(({ macs }) => Number.isInteger(macs) && macs > 0)).toBe(true);
  });

  it('count the multiplications of the direct algorithm', () => {
    const macs = (name: string) => allCases().find((c) => c.name === name)?.macs;
    expect(macs('gemm 512')).toBe(512 ** 3);
    expect(macs('3x3 64-64 @56 channels-last gradWeight')).toBe(64 * 64 * 9 * 56 * 56);
    expect(macs('transposed 4x4 s2 512-256 @8')).toBe(512 * 256 * 16 * 8 * 8);
    expect(macs('depthwise 3x3 s2 192-192 @56')).toBe(192 * 9 * 28 * 28);
  });

  it('are all in one layout when asked', () => {
    const last = allCases('channels-last').filter(({ op }) => op !== 'matmul');
    expect(last.every(({ options }) => options.layout === 'channels-last')).toBe(true);
    expect(last.find(({ name }) => name === '1x1 256-64 @56 channels-last')).toMatchObject({
      input: [1, 56, 56, 256],
      weight: [1, 1, 256, 64],
    });
  });
});

describe('measure', () => {
  it('takes turns and gives positive times', () => {
    const order: string[] = [];
    const t = measure({ a: () => order.push('a'), b: () => order.push('b') }, { time: 6, rounds: 3 });
    expect(t.a.rounds).toHaveLength(3);
    expect(t.a.median).toBeGreaterThan(0);
    expect(speedRatio(t.a, t.b)).toBeGreaterThan(0);
    expect(order.lastIndexOf('a')).toBeGreaterThan(order.indexOf('b'));
    expect(order.at(-1)).toBe('b');
    measure({ a: () => order.push('a'), b: () => order.push('b') }, { time: 4, rounds: 2 });
    expect(order.at(-1)).toBe('a'); // each is first in every other round
  });

  it('has an ordinary median and three digits', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect([123.456, 12.3456, 1.23456, 0.0123456, 0].map((value) => digits(value))).toEqual(['123', '12.3', '1.23', '0.0123', '0']);
  });
});

describe('npm run bench', () => {
  interface Report {
    readonly machine: { readonly node: string };
    readonly results: readonly { name: string; gflops: number; timing: { median: number }; error: { ofBound: number; right: boolean } }[];
  }

  it.each([{ args: [] }, { args: ['--resident'] }, { args: ['--variant', 'reference'] }])(
    'writes finite speeds and errors within their bounds $args',
    ({ args }) => {
      const json = join(folder, 'results.json');
      const { status, stdout, stderr } = bench('--quick', '--filter', '^toy|^gemm 16$', '--json', json, ...args);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const { machine, results } = JSON.parse(readFileSync(json, 'utf8')) as Report;
      expect(machine.node).toBe(process.versions.node);
      expect(results.map(({ name }) => name)).toEqual([
        'gemm 16',
        ...['', ' gradInput', ' gradWeight'].map((direction) => `toy 3x3 1-1 @4${direction}`),
      ]);
      for (const { name, gflops, timing, error } of results) {
        expect(gflops).toBeGreaterThan(0);
        expect(Number.isFinite(gflops) && Number.isFinite(timing.median)).toBe(true);
        expect(error.right).toBe(true);
        expect(error.ofBound).toBeLessThanOrEqual(1);
        expect(stdout).toContain(name);
      }
    },
  );

  const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

  it.each([
    { file: 'simd', filter: '^toy|^gemm 16$', count: 4, says: ['The files are the same', 'the same bits in all'] },
    { file: 'tiny', filter: '^gemm 16$', count: 1, says: ['other bits in 1'] }, // whose blocks of k are smaller
  ])('times a build against another file: $file', ({ file, filter, count, says }) => {
    const json = join(folder, 'against.json');
    const against = ['--variant', 'simd', '--against', join(BUILD, `${file}.wasm`)];
    const { status, stdout, stderr } = bench('--quick', '--filter', filter, '--json', json, ...against);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: { ratio: number }[] };
    expect(results).toHaveLength(count);
    expect(results.every(({ ratio }) => ratio > 0 && Number.isFinite(ratio))).toBe(true);
    expect(stdout).toMatch(/\d cases: geomean \d+\.\d{3}×, worst \d+\.\d{3}× \(.+\); /);
    for (const each of says) expect(stdout).toContain(each);
  });

  it.each([{ args: [] }, { args: ['--resident'] }])('times two threads beside one $args', ({ args }) => {
    const json = join(folder, 'threads.json');
    const { status, stdout, stderr } = bench('--quick', '--threads', '2', '--filter', '^toy|^gemm 256$', '--json', json, ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { machine, results } = JSON.parse(readFileSync(json, 'utf8')) as {
      machine: { threads: number };
      results: { name: string; ratio: number; sameBits: boolean }[];
    };
    expect(machine.threads).toBe(2);
    expect(results.map(({ name }) => name)).toEqual([
      'gemm 256',
      ...['', ' gradInput', ' gradWeight'].map((each) => `toy 3x3 1-1 @4${each}`),
    ]);
    expect(results.every(({ ratio, sameBits }) => ratio > 0 && Number.isFinite(ratio) && sameBits)).toBe(true);
    expect(stdout).toMatch(/^simdconv \S+ \w+, 2 threads, Node /);
    expect(stdout).toMatch(/^one thread over 2, 4 cases: geomean \d+\.\d{3}×, worst \d+\.\d{3}× \(.+\); the same bits in all$/m);
    expect(stdout).toMatch(/^of more than 20 MFLOP, 1 cases: geomean \d+\.\d{3}×, worst \d+\.\d{3}× \(gemm 256\)$/m);
  });

  it('refuses threads where there are none, or where they are not for', () => {
    const reference = bench('--filter', '^toy', '--variant', 'reference', '--threads', '2');
    expect(reference).toMatchObject({ status: 2, stderr: expect.stringContaining('1 of 2 run: the reference runs on one thread') });
    for (const other of [['--figures'], ['--against', 'none']]) {
      const { status, stderr } = bench('--filter', '^toy', '--threads', '2', ...other);
      expect({ status, stderr }).toEqual({ status: 2, stderr: `bench: ${other[0]} is of one thread; --threads is not for it\n` });
    }
  });

  it('refuses to run against what this build cannot call', () => {
    const empty = join(folder, 'empty.wasm');
    writeFileSync(empty, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const toy = ['--filter', '^toy', '--variant', 'simd'];
    expect(bench(...toy, '--against', empty)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/it has no export '\w+', which this/),
    });
    expect(bench(...toy, '--against', join(folder, 'none'))).toMatchObject({ status: 2, stderr: expect.stringContaining('ENOENT') });
    const reference = bench('--filter', '^toy', '--variant', 'reference', '--against', empty);
    expect(reference).toMatchObject({ status: 2, stderr: 'bench: --against is of the wasm variants; this is the reference\n' });
  });

  it('measures the figures', () => {
    const json = join(folder, 'figures.json');
    expect(bench('--quick', '--figures', '--variant', 'simd', '--json', json)).toMatchObject({ status: 0, stderr: '' });
    const { figures } = JSON.parse(readFileSync(json, 'utf8')) as { figures: { name: string; value: number }[] };
    expect(figures).toHaveLength(14);
    expect(figures.filter(({ value }) => !(Number.isFinite(value) && value > 0))).toEqual([]);
  });

  it('lists its cases and explains itself', () => {
    expect(bench('--list', '--filter', '^stem').stdout).toMatch(/^stem 7x7 s2 3-64 @224 +118\.014$/m);
    const { stdout } = bench('--help');
    for (const option of ['--figures', '--against <file>', '--threads <n>']) expect(stdout).toContain(option);
  });

  it.each([
    ['--variant', 'fast'],
    ['--layout', 'NHWC'],
    ['--filter', '('],
    ['--filter', 'nothing is called this'],
    ['--threads', '1'],
    ['--threads', '2.5'],
    ['--speed'],
  ])('refuses %s %s', (...args) => {
    const { status, stderr } = bench(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^bench: .+\n$/);
  });
});

describe('npm run bench:selector', () => {
  it('has at least 900 layers, none twice', () => {
    const problems = NET_LAYERS.map(({ op, input, weight, options }) => JSON.stringify([op, input, weight, options]));
    expect(new Set(problems).size).toBe(problems.length);
    expect(new Set(NET_LAYERS.map(({ name }) => name)).size).toBe(problems.length);
    expect(problems.length).toBeGreaterThanOrEqual(900);
    const known = NET_LAYERS.find(({ name }) => name === 'HiFi-GAN 2d 32-128@67x11k5x1s3x1');
    expect(known).toMatchObject({ op: 'conv2d', input: [1, 32, 67, 11], weight: [128, 32, 5, 1], family: 'audio' });
    expect(known?.options).toEqual({ stride: [3, 1], padding: [2, 0], dilation: [1, 1], groups: 1 });
  });

  it('has layers of every kind that some algorithm is for', () => {
    const kinds: Readonly<Record<string, (op: ConvName, g: ConvGeometry) => boolean>> = {
      'one axis': (_, { kernel }) => kernel.filter((size) => size > 1).length === 1,
      '1xk and kx1 of an image': (op, { kernel: [, height = 0, width = 0] }) => op === 'conv2d' && (height === 1) !== (width === 1),
      '3x3x3': (_, { kernel }) => kernel.join() === '3,3,3',
      'holes in an image': (op, { dilation }) => op === 'conv2d' && Math.max(...dilation) > 1,
      'holes in a line': (op, { dilation }) => op === 'conv1d' && dilation[2] > 1,
      '3x3 with stride 2': (op, { kernel, stride }) => op === 'conv2d' && kernel.join() === '1,3,3' && stride.join() === '1,2,2',
      '5x5 with stride 2': (op, { kernel, stride }) => op === 'conv2d' && kernel.join() === '1,5,5' && stride.join() === '1,2,2',
      'transposed 4x4 with stride 2': (op, { kernel, stride }) =>
        op === 'convTranspose2d' && kernel.join() === '1,4,4' && stride.join() === '1,2,2',
      'transposed 5x5 to 7x7 with a stride': (op, { kernel, stride }) =>
        op === 'convTranspose2d' && kernel[1] >= 5 && kernel[1] <= 7 && stride[1] > 1,
    };
    const cases = NET_LAYERS.flatMap((layer) => casesOf(layer)).filter(isConv);
    const geometries = cases.map((c) => [c.op, geometryOf(c)] as const);
    for (const [kind, is] of Object.entries(kinds)) {
      const some = geometries.filter(([op, g]) => is(op, g));
      const wide = some.filter(([, { xChannels, yChannels }]) => Math.min(xChannels, yChannels) >= 32);
      expect({ kind, some: some.length > 8, wide: wide.length > 4 }).toEqual({ kind, some: true, wide: true });
    }
  });

  it('times what fits, writes the times and reads them, and proposes prices', () => {
    const json = join(folder, 'selector.json');
    const first = selector('--quick', '--variant', 'simd', '--filter', '^toy', '--json', json);
    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' });
    const { times } = JSON.parse(readFileSync(json, 'utf8')) as { times: Record<string, Record<string, number>> };
    expect(Object.keys(times).filter((name) => name.startsWith('toy 2d 1-1@4k3p0'))).toHaveLength(8);
    expect(Object.keys(times['toy 2d 1-1@4k3p0 gradInput'] ?? {}).sort()).toEqual(['direct', 'gemm', 'phases', 'winograd']);
    expect(Object.values(times).every((each) => Object.values(each).every((ms) => ms > 0 && Number.isFinite(ms)))).toBe(true);
    const again = selector('--from', json, '--filter', '^toy', '--propose');
    expect(again.status).toBe(0);
    expect(again.stdout.startsWith(first.stdout.slice(0, first.stdout.indexOf('written')).trimEnd())).toBe(true);
    expect(again.stdout).toMatch(/^ {2}gemm: \[\n {4}\['multiply-adds of whole tiles', [\d.]+, [\d.]+, [\d.]+, [\d.]+\],$/m);
  });

  it.each([['--part', '3/2'], ['--variant', 'reference'], ['--filter', 'nothing is called this'], ['--speed']])(
    'refuses %s %s',
    (...args) => {
      const { status, stderr } = selector(...args);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^bench: .+\n$/);
    },
  );
});

describe('regret', () => {
  it('is how many times as long as the fastest the choice takes', () => {
    const [layer] = NET_LAYERS as [(typeof NET_LAYERS)[number]];
    const problem = problemsOf(layer, 0)[0]?.[0] as Problem;
    const times = { gemm: 3, direct: 2, winograd: 5 };
    expect(regretOf({ problem, times }, 'gemm')).toMatchObject({ taken: 'gemm', best: 'direct', regret: 1.5 });
    expect(regretOf({ problem, times }, 'direct').regret).toBe(1);
    expect(() => regretOf({ problem, times }, 'phases')).toThrow('was not timed by phases');
    const { count, geomean, high, worst } = summary([...Array(98).fill(1), 2, 8]);
    expect([count, high, worst]).toEqual([100, 2, 8]);
    expect(geomean).toBeCloseTo(2 ** (4 / 100), 12);
  });
});
