/** Imported before the specs: jasmine's globals, and tfjs on the backend that the specs are for. Bundled by specs.ts. */
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
import boot from 'jasmine-core/lib/jasmine-core/node_boot.js';
import { settings } from './settings.js';

export const jasmine = boot(jasmineRequire);
setWasmPaths(settings.wasmFolder);
setTestEnvs([{ name: settings.backend, backendName: settings.backend, isDataSync: true }]);
