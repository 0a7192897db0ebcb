/** For entries that Node, Deno and Bun alone import. */
import * as os from 'node:os';
import * as threads from 'node:worker_threads';
import { provideNode } from './spawn.js';

/** Gives its own modules to what starts workers. */
export const provideNodeModules = (): void => provideNode((name) => (name === 'node:os' ? os : threads));
