/** `simdconv` where files lie on a disk: both builds are there at once. */
import { provideRelaxed } from './wasm/embedded.js';
import { relaxed } from './wasm/generated/relaxed.js';

provideRelaxed(relaxed);

export * from './index.js';
