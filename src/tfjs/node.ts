/** `simdconv/tfjs` with Node's own modules. */
import { provideNodeModules } from '../threads/node.js';

provideNodeModules();

export * from './index.js';
