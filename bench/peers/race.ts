/** `npm run bench:peers`: simdconv beside what else JavaScript has, case by case, in one process. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Variant } from '../../src/types.js';
import { allCases, type Case } from '../cases.js';
import { loadOn } from '../load.js';
import { describeMachine, machine } from '../machine.js';
import { UsageError } from '../options.js';
import { header, line } from '../table.js';
import { ceiling } from './ceiling.js';
import { contest, type Heat } from './contest.js';
import { lineup, PEERS } from './lineup.js';
import { HELP, readArguments } from './options.js';
import { installPeers } from './packages.js';
import { type CaseResult, NATIVE, type PeerAbout, type Race } from './results.js';
import type { Effort } from './rounds.js';
import { startup, wasmBytes } from './start.js';
import { caseCells, caseColumns, closing, describePeers } from './tables.js';

const THOROUGH: Effort = { rounds: 21, sample: 3, warmup: 150, budget: 2000 };
const QUICK: Effort = { rounds: 3, sample: 2, warmup: 20, budget: 100 };
const LEAD = 10;

/** Every case once, in channels-first; the same one in channels-last runs beside it. */
export function heats(): Heat[] {
  const [firsts, lasts] = [allCases('channels-first'), allCases('channels-last')];
  return firsts.map((first, index) => ({
    first,
    last: first.op === 'matmul' ? undefined : lasts[index],
    forward: first.direction === 'forward' ? undefined : firsts.find(({ name }) => `${name} ${first.direction}` === first.name),
  }));
}

async function main(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  const chosen = heats().filter(({ first }) => options.filter.test(first.name));
  if (options.help) console.log(HELP);
  if (options.list)
    console.log(
      [
        'cases',
        ...chosen.map(({ first }: { first: Case }) => `  ${first.name}`),
        'peers',
        ...Object.keys(PEERS).map((name) => `  ${name}`),
      ].join('\n'),
    );
  if (options.help || options.list) return 0;
  if (chosen.length === 0) throw new UsageError(`--filter ${options.filter} matches no case; --list prints them`);

  installPeers();
  const kernels = await loadOn(options);
  const about = machine(kernels.info);
  const { threads } = options;
  const { peers, absent } = await lineup(options.peers, threads);
  const native = peers.some(({ name }) => name === NATIVE) ? PEERS[NATIVE]?.(1) : undefined;
  const one = threads > 1 ? { kernels: await loadOn({ variant: kernels.info.variant as Variant }), native: await native } : undefined;
  const known: PeerAbout[] = peers.map(({ name, kind, version, layout, threads = 1 }) => ({ name, kind, version, layout, threads }));
  console.log(`${describeMachine(about)}\n${describePeers({ machine: about, peers: known })}`);
  for (const [name, reason] of Object.entries(absent)) console.log(`${name} does not load: ${reason}`);
  const top = await ceiling(kernels.info.variant);

  const columns = caseColumns(
    chosen.map(({ first }) => first.name),
    known,
  );
  console.log(`\n${header(columns)}`);
  const cases: CaseResult[] = [];
  for (const heat of chosen) {
    const result = await contest(kernels, peers, top, heat, { ...(options.quick ? QUICK : THOROUGH), ...(one && { lead: LEAD }) }, one);
    cases.push(result);
    console.log(line(columns, caseCells(result, known)));
  }
  const names = peers.map(({ name }) => name);
  const race: Race = {
    ...{ machine: about, quick: options.quick, peers: known, absent, cases },
    startup: await startup(names, options.quick ? 2 : 9, threads),
    bytes: await wasmBytes(names),
    workspaceBytes: kernels.info.memory.workspaceBytes,
  };
  console.log(`\n${closing(race)}`);
  const version = process.versions.node.split('.')[0];
  const name = ['race', `node${version}`, about.variant, ...(threads > 1 ? [threads, 'threads'] : [])].join('-');
  const json = options.json ?? fileURLToPath(new URL(`../results/${name}.json`, import.meta.url));
  await mkdir(dirname(json), { recursive: true });
  await writeFile(json, `${JSON.stringify(race, null, 2)}\n`);
  console.log(`\nwritten: ${relative('.', json)}`);
  return cases.some((c) => c.peers.some(({ right }) => !right)) ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
