/**
 * Makes the `relaxed` build known to `loadSync`, which does not wait for it. `load` fetches it when it needs it, and in Node it is there already.
 *
 * @module simdconv/relaxed
 */
import { provideBuild } from './wasm/embedded.js';
import { relaxed } from './wasm/generated/relaxed.js';

provideBuild('relaxed', relaxed);
