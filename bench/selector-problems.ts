/** What is chosen between: each layer in every direction and layout, called at once and planned. */
import type { Job } from '../src/engine.js';
import { OptionError } from '../src/errors.js';
import { directView, phaseCount, phaseViews } from '../src/wasm/conv-view.js';
import { dgradOffers, fpropOffers, type Offers, type Use, wgradOffers } from '../src/wasm/cost-model.js';
import { flattened, merged } from '../src/wasm/dense.js';
import { dgradProgram, FEW_PHASES, fpropProgram, isDepthwise, wgradProgram } from '../src/wasm/select.js';
import { type ConvCase, casesOf, type Direction, geometryOf, isConv } from './cases.js';
import { LAYOUTS } from './options.js';
import type { NetLayer } from './selector-layers.js';

export const ALGORITHMS = ['gemm', 'direct', 'winograd', 'fft', 'phases'] as const;
export type Name = (typeof ALGORITHMS)[number];

export interface Problem {
  /** Names a problem once and for all: what was timed is found again by it. */
  readonly name: string;
  readonly family: string;
  readonly c: ConvCase;
  readonly planned: boolean;
}

const DIRECTIONS: readonly Direction[] = ['forward', 'gradInput', 'gradWeight'];

/** Multiplications from which a layer stands for its like: in one layout only, either called or planned. */
const LARGE = 2e8;

/** The problems of the index-th layer, those of a layout together. */
export function problemsOf(layer: NetLayer, index: number): Problem[][] {
  return LAYOUTS.map((layout, at) => {
    const cases = casesOf({ ...layer, directions: DIRECTIONS, layouts: [layout] }).filter(isConv);
    return cases.flatMap((c) => {
      const large = c.macs >= LARGE;
      if (large && at !== index % 2) return [];
      const ways = c.direction !== 'forward' ? [false] : large ? [index % 4 < 2] : [false, true];
      return ways.map((planned) => ({ name: `${c.name}${planned ? ' planned' : ''}`, family: layer.family, c, planned }));
    });
  });
}

/** What becomes of an algorithm that is asked for; undefined where it does not fit. */
export function chosen({ c, planned }: Problem, algorithm: Job['algorithm'], fused: boolean): Name | undefined {
  const g = geometryOf(c);
  const job: Job = { op: 'bench', algorithm };
  const make = c.direction === 'gradWeight' ? wgradProgram : multipliesByC(c) ? fpropProgram : dgradProgram;
  try {
    return make(g, job, { planned, fused }).algorithm as Name;
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

const multipliesByC = ({ op, direction }: ConvCase): boolean => op.startsWith('convTranspose') === (direction === 'gradInput');

/** What the choice is between, with the work of each. */
export function offersOf({ c, planned }: Problem, fused: boolean): Offers {
  const g = geometryOf(c);
  const use: Use = { planned, fused };
  const flat = flattened(g);
  const product = merged(flat, g.layout);
  if (c.direction === 'gradWeight') return wgradOffers(product, directView(product), use);
  if (multipliesByC(c)) return fpropOffers(directView(flat), use);
  return dgradOffers(flat, phaseCount(flat) > FEW_PHASES ? [] : phaseViews(flat), use);
}

/**
 * The algorithms that fit, each under its own name, but for 'direct' where it would go an element at a time: that is hundreds of times as slow.
 */
export function fitting(problem: Problem, fused: boolean): Name[] {
  const names = ALGORITHMS.filter((name) => chosen(problem, name, fused) === name);
  return isDepthwise(geometryOf(problem.c)) || offersOf(problem, fused).direct ? names : names.filter((name) => name !== 'direct');
}
