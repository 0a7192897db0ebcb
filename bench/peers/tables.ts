/** The race as text: a line a case, and what it all comes to. */
import { geomean } from '../measure.js';
import { type Column, columnFor, digits, header, line } from '../table.js';
import { type CaseResult, closestWasm, NATIVE, type PeerAbout, peerOf, type Race, threadsOf, threadsOfPeer } from './results.js';
import { FIGURE_TITLES, figureCells } from './targets.js';

const right = (title: string, width: number): Column => ({ title, width: Math.max(width, title.length), align: 'right' });

/** GFLOP/s: ours resident in both layouts and on plain arrays, each peer; then ours over the closest wasm peer and over native. */
export const caseColumns = (names: readonly string[], peers: readonly PeerAbout[]): Column[] => [
  columnFor('case', names),
  right('first', 6),
  right('last', 6),
  right('plain', 6),
  ...peers.map(({ name }) => right(name, 6)),
  right('ceiling', 6),
  right(': wasm', 6),
  right(': native', 6),
];

export function caseCells(c: CaseResult, peers: readonly PeerAbout[]): string[] {
  const { ours, ceiling } = c;
  const ratio = (value: number | undefined): string => (value === undefined ? '-' : `${digits(value)}×`);
  const speed = (value: { gflops?: number } | undefined): string => (value?.gflops === undefined ? '-' : digits(value.gflops));
  const theirs = peers.map(({ name }) => {
    const result = c.peers.find((peer) => peer.name === name);
    return result && !result.right ? 'WRONG' : speed(result);
  });
  const ratios = [closestWasm({ peers }, c)?.ratio, peerOf(c, NATIVE)?.ratio].map(ratio);
  return [c.name, speed(ours['channels-first']), speed(ours['channels-last']), speed(ours.plain), ...theirs, speed(ceiling), ...ratios];
}

/** Names and versions, and which of them have fewer threads than the race. */
export const describePeers = (race: Pick<Race, 'machine' | 'peers'>): string =>
  race.peers.map((peer) => `${peer.name} ${peer.version}${threadsOfPeer(peer) < threadsOf(race) ? ' (one thread)' : ''}`).join(', ');

/** Geomean and worst case, the figures, the start, and what the peers could not run. */
export function closing(race: Race): string {
  const ran = race.cases.flatMap((c) => {
    const peer = closestWasm(race, c);
    return peer?.ratio === undefined ? [] : [{ name: c.name, peer: peer.name, ratio: peer.ratio }];
  });
  const [worst] = [...ran].sort((a, b) => a.ratio - b.ratio);
  const summary = worst
    ? `closest wasm peer over ${ran.length} cases: geomean ${digits(geomean(ran.map(({ ratio }) => ratio)))}×, ` +
      `worst ${digits(worst.ratio)}× (${worst.name}, ${worst.peer})`
    : 'no wasm peer ran';
  const start = Object.entries(race.startup).map(([name, ms]) => [name, `${digits(ms)} ms`]);
  const bytes = Object.entries(race.bytes).map(([name, { raw, gzip }]) => [name, `${digits(raw / 1000)} kB`, `${digits(gzip / 1000)} kB`]);
  return [
    `${summary}; each peer against ours in its own layout`,
    table(FIGURE_TITLES, figureCells(race)),
    table(['import to first result', ''], start),
    table(['wasm', 'raw', 'gzip'], bytes),
    `not run\n${notRun(race)}`,
  ].join('\n\n');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = titles.map((title, index) =>
    columnFor(
      title,
      rows.map((row) => row[index] ?? ''),
      index > 0 && index < 4 ? 'right' : 'left',
    ),
  );
  return [header(columns), ...rows.map((row) => line(columns, row))].join('\n');
}

function notRun({ cases }: Race): string {
  const reasons = new Map<string, number>();
  for (const { skipped, peers } of cases) {
    for (const [name, reason] of Object.entries(skipped)) reasons.set(`${name}: ${reason}`, (reasons.get(`${name}: ${reason}`) ?? 0) + 1);
    for (const { name } of peers.filter(({ right }) => !right)) reasons.set(`${name}: wrong`, (reasons.get(`${name}: wrong`) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `  ${reason} (${count})`).join('\n');
}
