/** `npx tsx test/digests/write.ts`: writes table.json anew, where what `deterministic: true` computes was changed on purpose. */
import { writeFileSync } from 'node:fs';
import { load } from '../../src/index.js';
import { digests } from './digests.js';

const table = digests(await load({ deterministic: true }));
writeFileSync(new URL('table.json', import.meta.url), `${JSON.stringify(table, null, 2)}\n`);
console.log(`${Object.keys(table).length} digests`);
