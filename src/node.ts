/** `simdconv` where files lie on a disk: both builds are there at once, and Node's own modules. */
import * as os from 'node:os';
import * as threads from 'node:worker_threads';
import { provideNode } from './threads/spawn.js';
import { provideBuild } from './wasm/embedded.js';
import { relaxed } from './wasm/generated/relaxed.js';

provideBuild('relaxed', relaxed);
provideNode((name) => (name === 'node:os' ? os : threads));

export * from './index.js';
