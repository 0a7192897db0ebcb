/** All entries in one file, for CommonJS. */
import { provideNode } from './threads/spawn.js';

declare const require: (name: string) => unknown;

export * as arithmetic from './arithmetic/index.js';
export * as convert from './convert/index.js';
export * as core from './core.js';
export * as index from './index.js';
export * as tfjs from './tfjs/index.js';

// Each by its name, for bundlers.
provideNode((name) => (name === 'node:os' ? require('node:os') : require('node:worker_threads')));
