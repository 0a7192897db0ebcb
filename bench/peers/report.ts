/**
 * `npm run bench:report`: the races in bench/results as tables in the README and docs/race.md, that of one thread on the newest Node as docs/race.svg, and all as pictures in
 * docs/pictures (git-ignored).
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { between, raceSection, readmeSection } from './markdown.js';
import { installPeers } from './packages.js';
import { overview, PICTURES, type Spec, toSvg } from './pictures.js';
import { type Race, threadsOf } from './results.js';

const RESULTS = new URL('../results/', import.meta.url);
const ROOT = new URL('../../', import.meta.url);

const files = (await readdir(RESULTS).catch((): string[] => [])).filter((name) => /^race-.*\.json$/.test(name)).sort();
if (files.length === 0) throw new Error('bench: no race in bench/results; `npm run bench:peers` makes one');
const read = await Promise.all(
  files.map(async (name) => ({ name, race: JSON.parse(await readFile(new URL(name, RESULTS), 'utf8')) as Race })),
);
// Those on one thread first; of each the newest Node is the last.
const sorted = read.sort((a, b) => threadsOf(a.race) - threadsOf(b.race));
const races = sorted.map(({ race }) => race);

for (const [document, section] of [
  ['README.md', readmeSection],
  ['docs/race.md', raceSection],
] as const) {
  const file = new URL(document, ROOT);
  await writeFile(file, between(await readFile(file, 'utf8'), section(races)));
  console.log(`written: ${document}`);
}

installPeers();
await draw('docs/race.svg', overview((races.filter((race) => threadsOf(race) === 1).at(-1) ?? races.at(-1)) as Race));
await mkdir(new URL('docs/pictures/', ROOT), { recursive: true });
for (const { name: file, race } of sorted) {
  for (const [name, picture] of Object.entries(PICTURES)) {
    await draw(`docs/pictures/${name}-${file.slice('race-'.length, -'.json'.length)}.svg`, picture(race));
  }
}

async function draw(path: string, spec: Spec): Promise<void> {
  await writeFile(new URL(path, ROOT), `${await toSvg(spec)}\n`);
  console.log(`written: ${path}`);
}
