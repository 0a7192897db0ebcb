/** `load` and `loadSync` where the runtime has compiled the builds beforehand, and lets nobody else compile. */
import { start } from './start/start.js';
import { startSync } from './start/start-sync.js';
import type { Kernels, LoadOptions } from './types.js';
import { supports, WASM_VARIANTS, type WasmVariant } from './wasm/support.js';

type Modules = Readonly<Partial<Record<WasmVariant, WebAssembly.Module>>>;

/** The options with the module that they ask for. */
function withModule(modules: Modules, options: LoadOptions = {}): LoadOptions {
  const { variant = 'auto', module, deterministic } = options;
  if (module !== undefined || variant === 'reference') return options;
  const named = deterministic ? 'simd' : variant;
  const taken = named === 'auto' ? WASM_VARIANTS.find((each) => modules[each] && supports(each)) : named;
  const own = taken && modules[taken];
  return own === undefined ? options : { ...options, module: own };
}

export const loadersOf = (modules: Modules) => ({
  load: (options?: LoadOptions): Promise<Kernels> => start(undefined, withModule(modules, options)),
  loadSync: (options?: LoadOptions): Kernels => startSync(undefined, withModule(modules, options)),
});
