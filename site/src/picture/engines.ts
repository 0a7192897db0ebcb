/** The engines side by side, each in a worker of its own, so that a slow one holds up none. */
import { Caller } from '../workers/caller.js';
import type { Work } from './apply.js';
import type { EngineAnswer, EngineRequest } from './engine-worker.js';
import type { Pixels } from './pixels.js';

export const ENGINES = ['one', 'threads', 'reference'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What each loads, and milliseconds for its timing: the reference, which is slow, runs once. */
const SETTINGS: Readonly<Record<EngineName, Pick<EngineRequest, 'load'> & { readonly budget: number }>> = {
  one: { load: {}, budget: 60 },
  threads: { load: { threads: 'auto' }, budget: 60 },
  reference: { load: { variant: 'reference' }, budget: 0 },
};

export interface Job {
  readonly pixels: Pixels;
  readonly work: Work;
}

export interface Engines {
  /** By the first engine, without a timing. */
  apply(job: Job): Promise<EngineAnswer>;
  measure(engine: EngineName, job: Job): Promise<EngineAnswer>;
  dispose(): void;
}

export function startEngines(): Engines {
  const callers = new Map<EngineName, Caller<EngineRequest, EngineAnswer>>();
  const callerOf = (name: EngineName): Caller<EngineRequest, EngineAnswer> => {
    const caller = callers.get(name) ?? new Caller(new Worker(new URL('./engine-worker.js', import.meta.url), { type: 'module' }));
    callers.set(name, caller);
    return caller;
  };
  return {
    apply: (job) => callerOf('one').call({ load: SETTINGS.one.load, ...job }),
    measure: (engine, job) => callerOf(engine).call({ ...SETTINGS[engine], ...job }),
    dispose() {
      for (const caller of callers.values()) caller.end();
    },
  };
}
