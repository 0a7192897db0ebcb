/** All entries in one file, for CommonJS. */
export * as arithmetic from './arithmetic/index.js';
export * as convert from './convert/index.js';
export * as core from './core.js';
export * as index from './index.js';
export * as tfjs from './tfjs/index.js';
