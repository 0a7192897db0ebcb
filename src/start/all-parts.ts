/** A file of its own in a bundle of `load`. */
import { referenceEngine } from '../reference/index.js';
import { HostMemory } from '../wasm/memory/host.js';
import { SHARING } from '../wasm/sharing.js';

export const PARTS = { sharing: SHARING, referenceEngine, HostMemory } as const;

export type Parts = typeof PARTS;
