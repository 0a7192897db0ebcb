/** Pictures of a race as Vega-Lite specifications, which are data; drawing them needs the peers' packages. */
import { describeThreads } from '../machine.js';
import { importPeer } from './packages.js';
import { chosen, closestWasm, MAIN, NATIVE, peerOf, type Race } from './results.js';

export type Spec = Readonly<Record<string, unknown>>;

const base = (title: string, values: readonly object[]): Spec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  title,
  background: 'white',
  data: { values },
});

const quantity = (field: string, title: string, logarithmic = true): Spec => ({
  field,
  type: 'quantitative',
  title,
  scale: logarithmic ? { type: 'log' } : { zero: true },
});
const nominal = (field: string, sort: unknown = null): Spec => ({ field, type: 'nominal', title: null, sort, axis: { labelLimit: 300 } });
const text = (field: string): Spec => ({ mark: { type: 'text', align: 'left', dx: 4 }, encoding: { text: { field, format: '.3~s' } } });

/** Ours over each WebAssembly peer, case by case, with the line at which they are even. */
export function ratios(race: Race): Spec {
  const wasm = race.peers.filter(({ kind }) => kind !== 'js').map(({ name }) => name);
  const values = race.cases
    .filter((c) => closestWasm(race, c))
    .flatMap(({ name, peers }) => wasm.flatMap((peer) => ({ case: name, peer, ratio: peerOf({ peers }, peer)?.ratio })))
    .filter(({ ratio }) => ratio !== undefined);
  return {
    ...base(`simdconv ${race.machine.variant} over each peer, ${describeThreads(race.machine)}, Node ${race.machine.node}`, values),
    layer: [
      { mark: { type: 'rule', color: '#888' }, encoding: { x: { datum: 1 } } },
      {
        mark: { type: 'point', filled: true, size: 45 },
        encoding: { x: quantity('ratio', 'times as fast'), y: nominal('case'), color: nominal('peer'), shape: nominal('peer') },
      },
    ],
  };
}

/** GFLOP/s of square products against their size, the ceiling drawn. */
export function sizes(race: Race): Spec {
  const values = race.cases.flatMap((c) => {
    const size = Number(/^gemm (\d+)$/.exec(c.name)?.[1]);
    if (!size) return [];
    const rows = c.peers.map(({ name, gflops }) => ({ size, who: name, gflops }));
    rows.push(
      { size, who: 'simdconv', gflops: c.ours['channels-first']?.gflops },
      { size, who: 'SIMD ceiling', gflops: c.ceiling?.gflops },
    );
    return rows.filter(({ gflops }) => gflops !== undefined);
  });
  return {
    ...base(`GEMM n³, ${describeThreads(race.machine)}, Node ${race.machine.node}`, values),
    width: 480,
    height: 320,
    mark: { type: 'line', point: true },
    encoding: { x: quantity('size', 'n'), y: quantity('gflops', 'GFLOP/s'), color: nominal('who') },
  };
}

export function startupTimes({ startup, machine }: Race): Spec {
  const values = Object.entries(startup).map(([who, ms]) => ({ who, ms }));
  return bars(`import to first result, Node ${machine.node}`, values, quantity('ms', 'ms', false), 'ms');
}

export function bytes(race: Race): Spec {
  const values = Object.entries(race.bytes).map(([who, { gzip }]) => ({ who, gzip }));
  return bars('WebAssembly, gzipped', values, quantity('gzip', 'bytes'), 'gzip');
}

/** Points on a line: honest on a logarithmic axis, where a bar would have no foot. */
const bars = (title: string, values: readonly object[], x: Spec, field: string): Spec => ({
  ...base(title, values),
  width: 480,
  encoding: { x, y: nominal('who', 'x') },
  layer: [{ mark: { type: 'point', filled: true, size: 80 } }, text(field)],
});

/** Of what the README shows, on a ground that may be light or dark: no colour is far from the middle. */
const [INK, BLUE, GREY, ORANGE, RED] = ['#7a7a7a', '#2f81f7', '#8a8a8a', '#c9731a', '#d1477a'];

/** GFLOP/s of a few cases: bars in WebAssembly, ours of the slower layout, and a mark for native code. */
export function overview(race: Race): Spec {
  const native = `${NATIVE} (native)`;
  const values = chosen(race).flatMap((c) => {
    const ours = Math.min(...[c.ours['channels-first'], c.ours['channels-last']].flatMap((speed) => speed?.gflops ?? []));
    const rows = [
      { who: 'simdconv', gflops: ours },
      ...MAIN.map((name) => ({ who: name, gflops: peerOf(c, name)?.gflops })),
      { who: native, gflops: peerOf(c, NATIVE)?.gflops },
    ];
    return rows.flatMap(({ who, gflops }) => (gflops === undefined ? [] : [{ case: c.name, who, gflops: Number(gflops.toPrecision(3)) }]));
  });
  const { node, variant, cpu } = race.machine;
  const threads = describeThreads(race.machine);
  const title = `${race.quick ? 'a quick run, ' : ''}GFLOP/s on ${threads}; Node ${node}, ${variant}, ${cpu}`;
  const axis = { labelColor: INK, titleColor: INK, titleFontWeight: 'normal', domain: false, ticks: false };
  const who = { field: 'who', type: 'nominal' };
  const x = {
    ...quantity('gflops', title, false),
    axis: { ...axis, grid: true, gridColor: INK, gridOpacity: 0.3, tickCount: 5 },
  };
  const y = { ...nominal('case'), axis: { ...axis, labelLimit: 300 } };
  const color = {
    ...who,
    scale: { domain: ['simdconv', ...MAIN, native], range: [BLUE, GREY, ORANGE, RED] },
    legend: { orient: 'top', title: null, labelColor: INK, labelLimit: 300, symbolType: 'square', symbolOpacity: 1 },
  };
  return {
    ...base('', values),
    title: null,
    background: null,
    width: 420,
    height: 40 * chosen(race).length,
    config: { aria: false, view: { stroke: null } },
    layer: [
      {
        transform: [{ filter: { field: 'who', oneOf: ['simdconv', ...MAIN] } }],
        mark: { type: 'bar' },
        encoding: { x, y, yOffset: { ...who, sort: null }, color },
      },
      {
        transform: [{ filter: { field: 'who', equal: native } }],
        mark: { type: 'tick', thickness: 3, opacity: 1 },
        encoding: { x, y, color },
      },
    ],
  };
}

export const PICTURES: Readonly<Record<string, (race: Race) => Spec>> = { ratios, sizes, startup: startupTimes, bytes };

interface Vega {
  parse(spec: object): object;
  readonly View: new (runtime: object, options: { renderer: 'none' }) => { toSVG(): Promise<string> };
}

export async function toSvg(spec: Spec): Promise<string> {
  const [vega, lite] = await Promise.all([
    importPeer<Vega>('vega'),
    importPeer<{ compile(spec: Spec): { readonly spec: object } }>('vega-lite'),
  ]);
  return new vega.View(vega.parse(lite.compile(spec).spec), { renderer: 'none' }).toSVG();
}
