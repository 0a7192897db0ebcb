/** `simdconv` where files lie on a disk: both builds are there at once. */
import { provideBuild } from './wasm/embedded.js';
import { relaxed } from './wasm/generated/relaxed.js';

provideBuild('relaxed', relaxed);

export * from './index.js';
