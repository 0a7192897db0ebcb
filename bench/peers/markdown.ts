/** Tables of races in Markdown, and the place where a document keeps them. */
import { describeThreads, type Machine } from '../machine.js';
import { geomean } from '../measure.js';
import { digits } from '../table.js';
import { type CaseResult, chosen, closestWasm, NATIVE, peerOf, type Race, threadsOf, withoutFewerThreads } from './results.js';
import { describePeers } from './tables.js';
import { FIGURE_TITLES, figureCells } from './targets.js';

const BEGIN = '<!-- speed:begin -->';
const END = '<!-- speed:end -->';

export function between(document: string, content: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`expected ${BEGIN} and after it ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n${content}\n${document.slice(to)}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(row)].join('\n');

const shown = (value: number | undefined, unit = ''): string =>
  value === undefined || Number.isNaN(value) ? '-' : `${digits(value)}${unit}`;

export function readmeSection(races: readonly Race[]): string {
  return races.map((race) => [about(race), '', caseTable(race, chosen(race)), '', mean(race)].join('\n')).join('\n\n');
}

export function raceSection(races: readonly Race[]): string {
  return races
    .map((race) => [about(race), '', table(FIGURE_TITLES, figureCells(race)), '', caseTable(race, race.cases), '', mean(race)].join('\n'))
    .join('\n\n');
}

const about = (race: Race): string =>
  `${race.quick ? '**A quick run: not a measurement.** ' : ''}${where(race.machine)}. GFLOP/s, 2·MACs of the direct algorithm; ${describePeers(race)}.`;

const where = (machine: Machine): string =>
  `Node ${machine.node}, \`${machine.variant}\`, ${describeThreads(machine)} of ${machine.cpu}, ${machine.date.slice(0, 10)}`;

function caseTable(race: Race, cases: readonly CaseResult[]): string {
  const names = race.peers.map(({ name }) => name);
  const rows = cases.map((c) => [
    c.name,
    shown(c.ours['channels-first']?.gflops),
    shown(c.ours['channels-last']?.gflops),
    ...names.map((name) => shown(c.peers.find((peer) => peer.name === name)?.gflops)),
    shown(closestWasm(race, c)?.ratio, '×'),
    shown(peerOf(c, NATIVE)?.ratio, '×'),
  ]);
  return table(['case', 'channels-first', 'channels-last', ...names, 'over the closest wasm', 'over native'], rows);
}

/** Over all peers, and where some have fewer threads over the others alone. */
function mean(race: Race): string {
  const alike = withoutFewerThreads(race);
  const all = meanOver(race, 'the closest WebAssembly peer');
  return threadsOf(race) === 1 ? all : `${all} ${meanOver(alike, `the closest on ${describeThreads(race.machine)}`)}`;
}

function meanOver(race: Race, whom: string): string {
  const ran = race.cases.map((c) => closestWasm(race, c)?.ratio).filter((ratio) => ratio !== undefined);
  return `Over ${whom}, ${ran.length} cases: geomean ${shown(geomean(ran), '×')}, worst ${ran.length > 0 ? shown(Math.min(...ran), '×') : '-'}.`;
}
