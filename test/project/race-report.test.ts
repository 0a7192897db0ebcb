import { describe, expect, it, vi } from 'vitest';
import { allCases, matmul } from '../../bench/cases.js';
import { describeMachine } from '../../bench/machine.js';
import { type Group, groupOf } from '../../bench/peers/groups.js';
import { between, raceSection, readmeSection } from '../../bench/peers/markdown.js';
import { modelOf } from '../../bench/peers/onnx.js';
import { overview, PICTURES } from '../../bench/peers/pictures.js';
import { type CaseResult, closestWasm, type PeerAbout, type Race } from '../../bench/peers/results.js';
import { ratioOf, race as runRace } from '../../bench/peers/rounds.js';
import { closing } from '../../bench/peers/tables.js';
import { figuresOf, verdictOf } from '../../bench/peers/targets.js';

const speed = (gflops: number) => ({ gflops, ms: 1, spread: 0 });

const product: CaseResult = {
  ...matmul(512, 512, 512),
  group: 'gemm',
  ours: { 'channels-first': speed(60), plain: speed(50) },
  peers: [
    { name: 'a', layout: 'channels-first', ...speed(40), ratio: 1.5, error: 0, right: true },
    { name: 'b', layout: 'channels-first', error: 1, right: false },
    { name: 'onnxruntime-node', layout: 'channels-first', ...speed(120), ratio: 0.5, error: 0, right: true },
  ],
  skipped: { c: 'no such thing' },
  ceiling: { gflops: 64, ratio: 60 / 64 },
};

/** Made up: one case, peers a and b in WebAssembly. */
const made: Race = {
  machine: {
    date: '2026-01-01T00:00:00.000Z',
    simdconv: '0.0.0',
    variant: 'relaxed',
    node: '99.0.0',
    v8: '99',
    platform: 'none',
    cpu: 'a processor',
    cores: 1,
  },
  quick: false,
  peers: [
    { name: 'a', kind: 'wasm', version: '1.0.0', layout: 'channels-first' },
    { name: 'b', kind: 'wasm', version: '2.0.0', layout: 'channels-last' },
    { name: 'onnxruntime-node', kind: 'native', version: '3.0.0', layout: 'channels-first' },
  ],
  absent: {},
  cases: [product],
  startup: { simdconv: 10, a: 200 },
  bytes: { 'simdconv simd': { raw: 10_000, gzip: 5000 }, a: { raw: 1e6, gzip: 4e5 } },
  workspaceBytes: 2 ** 20,
};

describe('the report of a race', () => {
  it('compares with the wasm peer that comes closest, and none that is wrong', () => {
    expect(closestWasm(made, product)?.name).toBe('a');
  });

  it('judges the figures', () => {
    const verdicts = Object.fromEntries(figuresOf(made).map((figure) => [figure.name, verdictOf(figure)]));
    expect(verdicts).toMatchObject({
      'all cases: closest wasm peer, geomean': 'not met',
      'all cases: closest wasm peer, worst': 'met',
      'GEMM 256-1024: SIMD ceiling': 'met',
      'depthwise: closest wasm peer': 'not measured',
      'import to first result': 'met',
      workspace: 'met',
    });
    expect(verdictOf({ name: '', values: [1, 9], limit: 2, atLeast: true, unit: '' })).toBe('met in the mean');
  });

  it('holds each family to its figure, forwards alone', () => {
    const [, b, native] = made.peers as [PeerAbout, PeerAbout, PeerAbout];
    const peers: PeerAbout[] = [{ ...b, name: 'onnxruntime-web', layout: 'channels-first' }, b, native];
    const over = (group: Group, web: number, closest: number, direction: CaseResult['direction'] = 'forward'): CaseResult => ({
      ...product,
      ...{ group, direction, op: 'conv2d' },
      peers: [
        { name: 'onnxruntime-web', layout: 'channels-first', ratio: web, error: 0, right: true },
        { name: 'b', layout: 'channels-last', ratio: closest, error: 0, right: true },
        { name: 'onnxruntime-node', layout: 'channels-first', ratio: 0.7, error: 0, right: true },
      ],
    });
    const cases = [
      over('3x3 s2', 2, 1.5),
      over('3x3 s2', 1.7, 1.8),
      over('3x3 s2', 9, 9, 'gradInput'),
      over('transposed', 1.5, 20),
      over('transposed 4x4 s2', 2.1, 20),
      over('one axis', 1.9, 2),
    ];
    const figures = (race: Race) => new Map(figuresOf(race).map((figure) => [figure.name, figure]));
    const relaxed = figures({ ...made, peers, cases });
    const values = (name: string) => relaxed.get(name)?.values;
    expect(values('3x3 s2: closest wasm peer')).toEqual([1.5, 1.7]);
    expect(values('transposed 4x4 s2, ≥ 64 channels: onnxruntime-web')).toEqual([2.1]);
    expect(values('transposed: onnxruntime-web')).toEqual([1.5, 2.1]);
    expect(values('1-D, 1xk and kx1, k ≥ 3, ≥ 64 channels: closest wasm peer')).toEqual([1.9]);
    expect(values('3x3x3, ≥ 32 channels: closest wasm peer')).toEqual([]);
    expect(values('all cases: onnxruntime-node, geomean')).toEqual([expect.closeTo(0.7)]);
    const simd = figures({ ...made, machine: { ...made.machine, variant: 'simd' }, peers, cases });
    expect([relaxed, simd].map((each) => each.get('3x3 s2: closest wasm peer')?.limit)).toEqual([1.6, 1.3]);
    const native512 = figures({ ...made, machine: { ...made.machine, avx512: true }, peers, cases });
    const verdicts = [relaxed, native512].map((each) => each.get('all cases: onnxruntime-node, geomean'));
    expect(verdicts.map((figure) => figure && verdictOf(figure))).toEqual(['not met', 'met']);
  });

  it('tells it all as text', () => {
    expect(closing(made)).toContain('b: wrong (1)');
    expect(closing(made)).toContain('worst 1.50× (gemm 512, a)');
  });

  it('writes tables between the markers, again and again the same', () => {
    const document = 'above\n<!-- speed:begin -->\nold\n<!-- speed:end -->\nbelow\n';
    const once = between(document, readmeSection([made]));
    expect(once).toContain('| gemm 512 | 60.0 | - | 40.0 | - | 120 | 1.50× | 0.500× |');
    expect(once).not.toContain('old');
    expect(between(once, readmeSection([made]))).toBe(once);
    expect(raceSection([made])).toContain('| workspace | ≤ 4 MiB | 1.00 MiB | 1.00 MiB | met |');
    expect(() => between('no markers', '')).toThrow('speed:begin');
  });

  it('says on how many threads, and of whom on fewer', () => {
    const machine = { ...made.machine, threads: 2 };
    const [a, b, native] = made.peers as [PeerAbout, PeerAbout, PeerAbout];
    const two: Race = { ...made, machine, peers: [{ ...a, threads: 2 }, b, { ...native, threads: 2 }] };
    expect(readmeSection([made])).toContain(
      'one thread of a processor, 2026-01-01. GFLOP/s, 2·MACs of the direct algorithm; a 1.0.0, b 2.0.0,',
    );
    const section = readmeSection([two]);
    expect(section).toContain(
      '2 threads of a processor, 2026-01-01. GFLOP/s, 2·MACs of the direct algorithm; a 1.0.0, b 2.0.0 (one thread),',
    );
    expect(section).toContain('Over the closest on 2 threads, 1 cases: geomean 1.50×, worst 1.50×.');
    const slower = { ...two, peers: [a, b, native] };
    expect(readmeSection([slower])).toContain('Over the closest on 2 threads, 0 cases: geomean -, worst -.');
    const ceiling = figuresOf(two).find(({ name }) => name === 'GEMM 256-1024: SIMD ceiling');
    expect(ceiling?.values).toEqual([]);
    const gains = [[1.8, 1.9], [1.6, 1.5], [0.9, undefined]].map(([ours = 0, native]) => ({ ...product, overOneThread: { ours, native } })); // biome-ignore format: pairs
    const small = { ...product, macs: 1e6, overOneThread: { ours: 0.5 } };
    const figures = Object.fromEntries(figuresOf({ ...two, cases: [...gains, small] }).map((figure) => [figure.name, figure.values]));
    expect(figures['threads over one, above 20 MFLOP: geomean']).toEqual([expect.closeTo((1.8 * 1.6 * 0.9) ** (1 / 3))]);
    expect(figures['threads over one, above 20 MFLOP: worst']).toEqual([0.9]);
    expect(figures["threads over one: share of onnxruntime-node's own gain"]).toEqual([
      expect.closeTo(Math.sqrt((1.8 * 1.6) / (1.9 * 1.5))),
    ]);
    expect(figures['threads over one, any case: worst']).toEqual([0.5]);
    expect(figuresOf(made).filter(({ name }) => name.startsWith('threads'))).toEqual([]);
    expect(JSON.stringify(overview(two))).toContain('GFLOP/s on 2 threads; Node 99.0.0');
    expect(describeMachine(machine)).toBe('simdconv 0.0.0 relaxed, 2 threads, Node 99.0.0 (V8 99), none, 1 × a processor');
    expect(describeMachine(made.machine)).toContain('relaxed, one thread, Node');
  });

  it('draws for the README ours in the slower layout, and no peer that was wrong or absent', () => {
    const ours = { ...product.ours, 'channels-last': speed(18.04) };
    const tfjs = { ...speed(9), name: 'tfjs-wasm', layout: 'channels-last', ratio: 2, error: 0, right: true } as const;
    const wrong = { name: 'onnxruntime-web', layout: 'channels-first', error: 1, right: false } as const;
    const { data } = overview({ ...made, cases: [{ ...product, ours, peers: [...product.peers, tfjs, wrong] }] });
    expect(data).toEqual({
      values: [
        { case: 'gemm 512', who: 'simdconv', gflops: 18 },
        { case: 'gemm 512', who: 'tfjs-wasm', gflops: 9 },
        { case: 'gemm 512', who: 'onnxruntime-node (native)', gflops: 120 },
      ],
    });
  });

  it.each(Object.entries(PICTURES))('has numbers for the picture of %s', (_, picture) => {
    const { data } = picture(made) as unknown as { data: { values: object[] } };
    expect(data.values.length).toBeGreaterThan(0);
  });
});

describe('the groups of cases', () => {
  const forwards = (group: Group): string[] =>
    allCases('channels-first').flatMap((c) => (c.direction === 'forward' && groupOf(c) === group ? [c.name] : []));

  it.each<[Group, string[]]>([
    ['3x3', ['3x3 64-64 @56', '3x3 128-128 @28', '3x3 256-256 @14', '3x3 512-512 @7', 'batch 8 3x3 64-64 @28']],
    ['3x3 s2', ['3x3 s2 64-128 @56', '3x3 s2 128-128 @56', '3x3 s2 128-256 @28', '3x3 s2 256-256 @28', '3x3 s2 512-512 @14']],
    ['dilated 3x3', ['dilated 2 3x3 64-64 @56', 'dilated 2 3x3 128-128 @28', 'dilated 4 3x3 256-256 @28']],
    [
      'one axis',
      [
        ...['1x7 128-128 @17', '7x1 128-128 @17', '1x3 384-384 @8'],
        ...['audio k3 64-64 @1024', 'audio k5 128-128 @512', 'audio k7 64-64 @8192', 'audio k3 d4 64-64 @1024', 'audio k7 d4 64-64 @8192'],
      ],
    ],
    ['3x3x3', ['volume 3x3x3 32-32 @8x28x28', 'volume 3x3x3 64-64 @4x14x14']],
    [
      'transposed 4x4 s2',
      ['512-256 @8', '256-128 @8', '256-128 @16', '128-64 @16', '128-64 @32'].map((each) => `transposed 4x4 s2 ${each}`),
    ],
  ])('%s', (group, names) => expect(forwards(group)).toEqual(names));

  it('are of either layout and of every direction', () => {
    expect(allCases('channels-last').map(groupOf)).toEqual(allCases('channels-first').map(groupOf));
    expect(forwards('transposed')).toContain('transposed 4x4 s2 64-32 @28');
    expect(forwards('depthwise')).toHaveLength(4);
    expect(forwards('other')).toEqual(
      expect.arrayContaining(['toy 3x3 1-1 @4', '1x1 256-64 @56', '5x5 s2 64-128 @32', 'grouped 32 3x3 128-128 @56']),
    );
  });
});

it('an ONNX model is protobuf: one node, its weight and its sizes', () => {
  const weight = { data: Float32Array.of(1), shape: [1, 1] };
  const model = Buffer.from(modelOf({ type: 'MatMul', attributes: { axis: 300, pads: [1] }, input: [1, 1], output: [1, 1], weight }));
  expect([...model.subarray(0, 3)]).toEqual([0x08, 8, 0x3a]); // ir_version, then the graph
  expect(model[3]).toBe(model.length - 4 - 4); // the graph's length: after it the opset's four bytes
  expect(model.includes(Buffer.from([0x0a, 1, 0x78, 0x0a, 1, 0x77, 0x12, 1, 0x79]))).toBe(true); // inputs x and w, output y
  expect(model.includes(Buffer.from([0x18, 0xac, 0x02]))).toBe(true); // i = 300
});

it('contestants run by turns, promises awaited, the slow ones once', async () => {
  let clock = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
  const order: string[] = [];
  let left = 0;
  const pass = (ms: number): void => {
    clock += ms;
  };
  const fast = { run: () => pass(0.5), enter: () => order.push('fast'), leave: () => left++ };
  const slow = { run: () => Promise.resolve(30).then(pass), enter: () => order.push('slow') };
  const [a, b] = await runRace([fast, slow], { rounds: 4, sample: 1, warmup: 1, budget: 20 }).finally(() => now.mockRestore());
  expect([a?.rounds, b?.rounds]).toEqual([[0.5, 0.5, 0.5, 0.5], [30]]);
  expect(order).toEqual(['fast', 'slow', 'fast', 'fast', 'fast', 'fast']);
  expect(left).toBe(5);
  expect(a && b && ratioOf(a, b)).toBe(60);
});
