import { readFileSync } from 'node:fs';
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
  /** Whether native code has AVX-512 on it; absent where the system does not tell. */
  readonly avx512?: boolean;
}

export function machine({ version, variant, threads }: Info): Machine {
  const processors = cpus();
  const avx512 = hasAvx512();
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
    ...(avx512 !== undefined && { avx512 }),
  };
}

/** As Linux lists it among the features of a processor. */
function hasAvx512(): boolean | undefined {
  try {
    return /\bavx512f\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return undefined;
  }
}

export const describeThreads = ({ threads = 1 }: Pick<Machine, 'threads'>): string => (threads === 1 ? 'one thread' : `${threads} threads`);

export const describeMachine = (m: Machine): string =>
  `simdconv ${m.simdconv} ${m.variant}, ${describeThreads(m)}, Node ${m.node} (V8 ${m.v8}), ${m.platform}, ${m.cores} × ${m.cpu}`;
