import { cpus } from 'node:os';
import type { Info } from 'simdconv';

/** Where and with what a run was made. */
export interface Machine {
  readonly date: string;
  readonly simdconv: string;
  readonly variant: string;
  /** Absent in what was written before there were several: one. */
  readonly threads?: number;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

export function machine({ version, variant, threads }: Info): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    simdconv: version,
    variant,
    threads,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
  };
}

export const describeThreads = ({ threads = 1 }: Pick<Machine, 'threads'>): string => (threads === 1 ? 'one thread' : `${threads} threads`);

export const describeMachine = (m: Machine): string =>
  `simdconv ${m.simdconv} ${m.variant}, ${describeThreads(m)}, Node ${m.node} (V8 ${m.v8}), ${m.platform}, ${m.cores} × ${m.cpu}`;
