import { cpus } from 'node:os';
import type { Info } from 'simdconv';

/** Where and with what a run was made. */
export interface Machine {
  readonly date: string;
  readonly simdconv: string;
  readonly variant: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

export function machine({ version, variant }: Info): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    simdconv: version,
    variant,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
  };
}

export const describeMachine = (m: Machine): string =>
  `simdconv ${m.simdconv} ${m.variant}, Node ${m.node} (V8 ${m.v8}), ${m.platform}, ${m.cores} × ${m.cpu}`;
