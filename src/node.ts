/** `simdconv` where files lie on a disk: both builds are there at once, and Node's own modules. */
import { provideNodeModules } from './threads/node.js';
import { provideBuild } from './wasm/embedded.js';
import { relaxed } from './wasm/generated/relaxed.js';

provideBuild('relaxed', relaxed);
provideNodeModules();

export * from './index.js';
