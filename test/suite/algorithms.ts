import type { Algorithm } from '../../src/index.js';
import {
  denseCases,
  depthwiseCases,
  phaseCases,
  stripCases,
  WINOGRAD_HEIGHTS,
  winogradChannels,
  winogradKernels,
  winogradKernelsLarge,
  winogradLarge,
  winogradPads,
  winogradPhases,
  winogradSizes,
} from './algorithm-cases.js';
import { borderCases, cropCases, depthwiseCropCases, winogradCrops } from './algorithm-crops.js';
import { everyWay } from './algorithm-ways.js';
import type { Backend, Define } from './backend.js';
import { close, equal } from './check.js';
import {
  type ConvCase,
  channelsLast,
  floatProblem,
  integerProblem,
  isTransposed,
  type Problem,
  type ResultName,
  title,
} from './problem.js';
import { truth, wanted } from './truth.js';
import { winogradTolerance, winogradWeightTolerance } from './winograd-bound.js';
import { winogradShapes } from './winograd-shapes.js';
import { mayTransform, winogradFits } from './winograd-taps.js';

/** Which algorithms compute a result of these cases: products y = C x, products x = Cᵀ y, gradients of the weight. */
interface Fitting {
  readonly fprop: readonly Algorithm[];
  readonly dgrad: readonly Algorithm[];
  readonly wgrad: readonly Algorithm[];
}

const PHASES: Fitting = { fprop: ['gemm', 'auto'], dgrad: ['gemm', 'phases', 'auto'], wgrad: [] };
const ANY: Fitting = {
  fprop: ['gemm', 'direct', 'auto'],
  dgrad: ['gemm', 'phases', 'direct', 'auto'],
  wgrad: ['gemm', 'direct', 'auto'],
};

/** Every algorithm wherever it applies, in both layouts, every direction and every way of calling it. */
export function algorithms(define: Define, backend: Backend): void {
  for (const [kind, cases, fitting] of [
    ['phases', phaseCases(), PHASES],
    ['direct', [...depthwiseCases(), ...denseCases(), ...stripCases], ANY],
    ['crops', cropCases(), ANY],
    ['depthwise crops', depthwiseCropCases(), ANY],
    ['borders', borderCases(), ANY],
  ] as const) {
    for (const [what, each] of chunks(cases)) {
      for (const layout of LAYOUTS) {
        define(`algorithm ${kind} ${layout}: exact, ${what}`, () => run(each, layout, (c, seed) => exactCase(backend, c, seed, fitting)));
        define(`algorithm ${kind} ${layout}: floats, ${what}`, () => run(each, layout, (c, seed) => floatCase(backend, c, seed, fitting)));
      }
    }
  }
  const [, , KC = 8] = backend.kernels.info.blocks;
  for (const [what, cases] of [
    ...WINOGRAD_HEIGHTS.map((height) => [`height ${height}`, winogradSizes(height)] as const),
    ['every pad', winogradPads()] as const,
    ['crops', winogradCrops()] as const,
    ['channels', winogradChannels(KC)] as const,
    ['several blocks of tiles', winogradLarge()] as const,
    ...chunks(winogradKernels()).map(([what, cases]) => [`larger kernels, ${what}`, cases] as const),
    ['larger kernels, channels and tiles', winogradKernelsLarge(KC)] as const,
    ...chunks(winogradPhases(KC)).map(([what, cases]) => [`phases of a stride, ${what}`, cases] as const),
    ...winogradShapes(KC).flatMap(([shapes, all]) => chunks(all).map(([what, cases]) => [`${shapes}, ${what}`, cases] as const)),
  ]) {
    for (const layout of LAYOUTS) {
      define(`algorithm winograd ${layout}: ${what}`, () => run(cases, layout, (c, seed) => winogradCase(backend, c, seed, KC)));
    }
  }
}

const LAYOUTS = ['channels-first', 'channels-last'] as const;

/** Tables in pieces, so that a test takes no second and its name says where to look. */
function chunks(cases: readonly ConvCase[]): (readonly [string, readonly ConvCase[]])[] {
  const size = 20;
  return Array.from(
    { length: Math.ceil(cases.length / size) },
    (_, i) => [`cases from ${i * size}`, cases.slice(i * size, (i + 1) * size)] as const,
  );
}

/** An error says which case of the table it was. */
function run(cases: readonly ConvCase[], layout: (typeof LAYOUTS)[number], body: (c: ConvCase, seed: number) => void): void {
  for (const [seed, first] of cases.entries()) {
    const c = layout === 'channels-last' ? channelsLast(first) : first;
    try {
      body(c, seed);
    } catch (error) {
      throw new Error(`${title(c)}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

function resultsOf({ op }: ConvCase, { fprop, dgrad, wgrad }: Fitting): { name: ResultName; by: readonly Algorithm[] }[] {
  const transposed = isTransposed(op);
  return [
    { name: 'output', by: transposed ? dgrad : fprop } as const,
    { name: 'gradInput', by: transposed ? fprop : dgrad } as const,
    { name: 'gradWeight', by: wgrad } as const,
  ].filter(({ by }) => by.length > 0);
}

/** Small whole numbers: `===`, but where 'auto' may take Winograd, within its bound. */
function exactCase(backend: Backend, c: ConvCase, seed: number, fitting: Fitting): void {
  const [, , KC = 8] = backend.kernels.info.blocks;
  const p = integerProblem(backend.kernels, c, seed);
  const results = resultsOf(c, fitting);
  const want = wanted(
    backend,
    p,
    results.map(({ name }) => name),
  );
  for (const { name, by } of results) {
    const tolerance = by.includes('auto') && mayTransform(p) ? toleranceOf(p, name, KC) : undefined;
    for (const algorithm of by) {
      everyWay(backend, p, algorithm, name, (got, what) => {
        if (tolerance && algorithm === 'auto') close(got, want[name], tolerance, what);
        else equal(got, want[name], what);
      });
    }
  }
}

const toleranceOf = (p: Problem, name: ResultName, KC: number): Float64Array =>
  name === 'gradWeight' ? winogradWeightTolerance(p) : winogradTolerance(p, name as 'output' | 'gradInput', KC);

/** None of these algorithms adds more than the definition does: the tolerance of the plain sum holds. 'auto' is one of the others. */
function floatCase(backend: Backend, c: ConvCase, seed: number, fitting: Fitting): void {
  const p = floatProblem(backend.kernels, c, seed);
  const results = resultsOf(c, fitting);
  const wants = truth(
    backend,
    p,
    results.map(({ name }) => name),
  );
  for (const { name, by } of results) {
    const { want, tolerance } = wants[name];
    for (const algorithm of by.filter((each) => each !== 'auto'))
      everyWay(backend, p, algorithm, name, (got, what) => close(got, want, tolerance, what));
  }
}

function winogradCase(backend: Backend, c: ConvCase, seed: number, KC: number): void {
  const p = floatProblem(backend.kernels, c, seed);
  const [fprop, dgrad] = isTransposed(c.op) ? (['gradInput', 'output'] as const) : (['output', 'gradInput'] as const);
  const results: readonly ResultName[] = [
    ...(winogradFits(p, false) ? ([fprop, 'gradWeight'] as const) : []),
    ...(winogradFits(p, true) ? [dgrad] : []),
  ];
  const want = wanted(backend, p, results);
  for (const name of results) {
    const tolerance = toleranceOf(p, name, KC);
    for (const algorithm of ['winograd', 'auto'] as const) {
      everyWay(backend, p, algorithm, name, (got, what) => close(got, want[name], tolerance, what));
    }
  }
}
