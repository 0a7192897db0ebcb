/** Measures away from the page's own thread, one layer after the other. */
import { load } from 'simdconv';
import type { Effort } from '../../../bench/peers/rounds.js';
import { scope } from '../workers/caller.js';
import type { Choices } from './choices.js';
import { contest } from './contest.js';
import { ENTRANTS, type Entrant } from './entrant.js';
import { worksOf } from './layers.js';
import type { ToPage } from './protocol.js';

/** Rounds by turns. A sample is long beside the clock's steps of 0.1 ms. With threads processors are woken first. */
const effortOf = (threads: number): Effort => ({ rounds: 7, sample: 8, warmup: 40, budget: 500, lead: threads > 1 ? 10 : 0 });

const post = (message: ToPage): void => scope.postMessage(message);

async function run({ groups, peers, threads }: Choices): Promise<void> {
  const kernels = await load({ threads });
  const entrants: Entrant[] = [];
  const absent: Record<string, string> = {};
  for (const name of peers) {
    try {
      entrants.push(await ENTRANTS[name](threads));
    } catch (error) {
      absent[name] = error instanceof Error ? error.message : String(error);
    }
  }
  const works = worksOf(groups);
  const { version, variant, threads: running, threadsReason } = kernels.info;
  post({
    kind: 'loaded',
    info: { version, variant, threads: running, threadsReason },
    peers: entrants.map((each) => ({ name: each.name, version: each.version })),
    absent,
    layers: works.map(({ first }) => first.name),
  });
  for (const work of works) post({ kind: 'result', result: await contest(kernels, entrants, work, effortOf(threads)) });
  post({ kind: 'done' });
}

scope.addEventListener('message', ({ data }: MessageEvent<Choices>) => {
  run(data).catch((error: unknown) => post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }));
});
