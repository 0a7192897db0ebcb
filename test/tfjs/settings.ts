/** What specs.ts tells the process that runs the specs. */
export interface Settings {
  readonly backend: 'cpu' | 'wasm';
  readonly wasmFolder: string;
  /** simdconv/tfjs as it was built, where the backend is to be accelerated. */
  readonly adapter?: string;
  /** On how many threads, in a heap that they share; 1 in tfjs's own. */
  readonly threads: number;
}

export const settings = JSON.parse(process.argv[2] as string) as Settings;
