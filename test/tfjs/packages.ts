/** TensorFlow.js and what runs its specs, in this folder only: neither the library nor `npm ci` at the root knows of them. */
import { fileURLToPath } from 'node:url';
import { installIn } from '../../scripts/install-in.js';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const MODULES = `${HERE}node_modules`;

export const installTfjs = (): void => installIn(HERE, 'TensorFlow.js (some 100 MB)');
