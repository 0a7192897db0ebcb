/** Times the algorithms of a problem by turns: what disturbs the machine disturbs them alike, and what it does not is the shortest time of each. */
import type { ConvOptions, Kernels, ResidentTensor } from 'simdconv';
import { sizeOf } from '../src/geometry/index.js';
import { type ConvCase, resultShape } from './cases.js';
import { check } from './check.js';
import { operandsOf } from './problem.js';
import { chosen, fitting, type Name, type Problem } from './selector-problems.js';

/** Milliseconds of one call by each algorithm. */
export type Times = Partial<Record<Name, number>>;

export interface Timed {
  readonly problem: Problem;
  readonly times: Times;
}

export class WrongResult extends Error {}

/** Elements of each result that are compared with float64. */
const CHECKED = 24;
/** How far Winograd's transforms amplify roundings at worst: κ² of docs/accuracy.md. */
const AMPLIFIED = 14.7 ** 2;
/** An algorithm that takes so many times as long at its first call is not called again; in the second half the closest ones only. */
const HOPELESS = 6;
const CLOSE = 1.5;
/** Milliseconds that a sample lasts at least, that a problem takes in all, and turns. */
const SAMPLE = 0.08;
const EFFORT = 10;
const TURNS = [3, 8] as const;
const SHORT = 60;
const BRIEF = 1;
/** Turns more where the choice seems to lose so much, that no disturbance passes for a wrong choice. */
const DOUBT = 1.02;
const DOUBTED_TURNS = 12;

interface Candidate {
  readonly name: Name;
  readonly run: () => unknown;
  readonly dispose: () => void;
  calls: number;
  best: number;
}

/** The problems of one layer in one layout, which have their operands in common. */
export function timeProblems(kernels: Kernels, problems: readonly Problem[], quick: boolean): Timed[] {
  const [first] = problems;
  if (!first) return [];
  const operands = operandsOf(first.c);
  const resident = {
    input: kernels.tensor(operands.input.shape, operands.input.data),
    weight: kernels.tensor(operands.weight.shape, operands.weight.data),
    gradOutput: kernels.tensor(operands.gradOutput.shape, operands.gradOutput.data),
  };
  const results = new Map<string, ResidentTensor>();
  try {
    return problems.map((problem) => {
      const { c } = problem;
      const out = results.get(c.direction) ?? kernels.tensor(resultShape(c), new Float32Array(sizeOf(resultShape(c))));
      results.set(c.direction, out);
      return { problem, times: timesOf(kernels, problem, { ...resident, out }, quick) };
    });
  } finally {
    for (const tensor of [...Object.values(resident), ...results.values()]) tensor.dispose();
  }
}

type Tensors = Record<'input' | 'weight' | 'gradOutput' | 'out', ResidentTensor>;

function timesOf(kernels: Kernels, problem: Problem, tensors: Tensors, quick: boolean): Times {
  const fused = kernels.info.variant === 'relaxed';
  const times: Times = {};
  let candidates: Candidate[] = [];
  try {
    for (const name of fitting(problem, fused)) {
      const candidate = candidateOf(kernels, problem, tensors, name);
      candidates.push(candidate);
      begin(problem, tensors, candidate);
    }
    const fastest = (): number => Math.min(...candidates.map(({ best }) => best));
    const keep = (factor: number): void => {
      const limit = factor * fastest();
      for (const { name, best, dispose } of candidates.filter(({ best }) => best > limit)) {
        times[name] = best;
        dispose();
      }
      candidates = candidates.filter(({ best }) => best <= limit);
    };
    keep(HOPELESS);
    const cost = candidates.reduce((sum, { best, calls }) => sum + best * calls, 0);
    const turns = quick ? 2 : Math.round(Math.min(Math.max(EFFORT / cost, TURNS[0]), TURNS[1]));
    for (let turn = 0; turn < turns; turn++) {
      if (turn === turns >> 1) keep(CLOSE);
      for (const candidate of candidates) sample(candidate);
    }
    const auto = chosen(problem, 'auto', fused);
    const doubtful = (): boolean => {
      const [taken, best] = [candidates.find(({ name }) => name === auto)?.best, fastest()];
      return taken !== undefined && taken > DOUBT * best;
    };
    for (let turn = 0; turn < DOUBTED_TURNS && turn * cost < EFFORT && !quick && doubtful(); turn++) {
      for (const candidate of candidates) sample(candidate);
    }
    for (const { name, best } of candidates) times[name] = best;
    return times;
  } finally {
    for (const { dispose } of candidates) dispose();
  }
}

function candidateOf(kernels: Kernels, { c, planned }: Problem, { out, ...tensors }: Tensors, algorithm: Name): Candidate {
  const options: ConvOptions = { ...c.options, algorithm };
  const plan = planned ? kernels[c.op].plan({ ...options, input: c.input, weight: tensors.weight }) : undefined;
  const once = callOf(kernels, c, tensors, { ...options, out });
  const run = plan ? () => plan.run(tensors.input, out) : once;
  return { name: algorithm, run, dispose: () => plan?.dispose(), calls: 1, best: Number.POSITIVE_INFINITY };
}

function callOf(kernels: Kernels, c: ConvCase, { input, weight, gradOutput }: Omit<Tensors, 'out'>, options: ConvOptions): () => unknown {
  const op = kernels[c.op];
  if (c.direction === 'gradInput') return () => op.gradInput(gradOutput, weight, c.input, options);
  if (c.direction === 'gradWeight') return () => op.gradWeight(gradOutput, input, c.weight, options);
  return () => op(input, weight, options);
}

/** The first call, whose result is checked, and how many calls make a sample. */
function begin({ name, c }: Problem, { out, ...operands }: Tensors, candidate: Candidate): void {
  out.data.fill(Number.NaN);
  const first = elapsed(candidate.run, 1);
  const { ofBound } = check(c, operands, out.data, 0, CHECKED);
  if (!(ofBound <= (candidate.name === 'winograd' ? AMPLIFIED : 1)))
    throw new WrongResult(`${name} by ${candidate.name} is wrong: ${ofBound} of its bound`);
  // Again: the first one may make the memory grow, and what comes between is many times as long as a short one.
  const again = first < SHORT ? (first < BRIEF ? 12 : 2) : 1;
  candidate.best = Math.min(...Array.from({ length: again }, () => elapsed(candidate.run, 1)));
  candidate.calls = Math.ceil(SAMPLE / Math.max(candidate.best, SAMPLE / 64));
}

function sample(candidate: Candidate): void {
  // The first call after another algorithm's makes its program again.
  if (candidate.best < SAMPLE) candidate.run();
  candidate.best = Math.min(candidate.best, elapsed(candidate.run, candidate.calls) / candidate.calls);
}

/** Milliseconds, of the clock or of the processor: whichever are fewer, for others may take it away, and V8 may compile beside. */
function elapsed(run: () => unknown, calls: number): number {
  const used = process.cpuUsage();
  const start = performance.now();
  for (let call = 0; call < calls; call++) run();
  const passed = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return Math.min(passed, (user + system) / 1000);
}
