/** TensorFlow.js and the models that these examples run, in this folder only: neither the library nor `npm ci` at the root knows of them. */
import { fileURLToPath } from 'node:url';
import { installIn } from '../../scripts/install-in.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODULES = `${HERE}node_modules`;

/** Where a package lies, with a slash at the end. */
export const folderOf = (name: string): string => `${MODULES}/${name}/`;

export const installPackages = (): void => installIn(HERE, 'TensorFlow.js and the models (some 340 MB)');
