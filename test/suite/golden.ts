import type { ConvOptions, Kernels, MatmulOptions, Tensor, UnfoldOptions } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, close } from './check.js';
import { absolute, filled, sizeOf } from './data.js';
import { CONVS, type ConvName, compute, mapProblem, type Problem, RESULTS, TRANSPOSES } from './problem.js';
import { lengths, tolerances } from './truth.js';

/** The files that test/golden/make.py wrote, by op. */
export type Golden = Record<GoldenOp, GoldenFile>;
export type GoldenOp = ConvName | 'unfold' | 'fold' | 'matmul';
export const GOLDEN_OPS: readonly GoldenOp[] = [...CONVS, ...TRANSPOSES, 'unfold', 'fold', 'matmul'];

export interface GoldenFile {
  readonly torch: string;
  /** Numbers are stored as integers: operands over 2^operandBits, results over 2^resultBits. */
  readonly operandBits: number;
  readonly resultBits: number;
  readonly cases: readonly GoldenCase[];
}

interface Stored {
  readonly data: readonly number[];
  readonly shape: readonly number[];
}

interface GoldenCase {
  readonly name: string;
  readonly options: object;
  readonly input: Stored;
  readonly weight?: Stored;
  readonly bias?: Stored;
  readonly gradOutput?: Stored;
  readonly output: Stored;
  readonly gradInput?: Stored;
  readonly gradWeight?: Stored;
  readonly gradBias?: Stored;
  readonly kernelSize?: readonly number[];
  readonly outputSize?: readonly number[];
}

export interface GoldenError {
  readonly absolute: number;
  /** To the largest magnitude of the same result. */
  readonly relative: number;
}

/** The largest errors that the golden tier saw: `${backend} ${op} ${result}`. */
export const goldenErrors = new Map<string, GoldenError>();

export function golden(define: Define, backend: Backend): void {
  for (const op of GOLDEN_OPS) {
    const file = backend.golden[op];
    const check = (result: string, got: Tensor, want: Stored | undefined, tolerance: Float64Array): void => {
      if (!want) throw new Error(`the golden case has no ${result}`);
      const exact = { shape: want.shape, data: want.data.map((value) => value / 2 ** file.resultBits) };
      const error = close(got, exact, tolerance, result);
      note(`${backend.name} ${op} ${result}`, error, exact.data);
    };
    for (const c of file.cases) {
      define(`golden ${op}: ${c.name}`, () => {
        const operand = (stored: Stored | undefined): Tensor => {
          if (!stored) throw new Error('the golden case lacks an operand');
          return filled(stored.shape, (i) => at(stored.data, i) / 2 ** file.operandBits);
        };
        if (op === 'matmul') checkMatmul(backend, c, operand, check);
        else if (op === 'unfold' || op === 'fold') checkFold(backend, op, c, operand, check);
        else checkConv(backend, op, c, operand, check);
      });
    }
  }
}

type Operand = (stored: Stored | undefined) => Tensor;
type Check = (result: string, got: Tensor, want: Stored | undefined, tolerance: Float64Array) => void;

function checkConv({ kernels, oracle }: Backend, op: ConvName, c: GoldenCase, operand: Operand, check: Check): void {
  const { activation, ...shapeOptions } = c.options as ConvOptions;
  const linear = { ...shapeOptions, ...(c.bias ? { bias: operand(c.bias) } : {}) };
  const options = activation === undefined ? linear : { ...linear, activation };
  const p: Problem = {
    op,
    input: operand(c.input),
    weight: operand(c.weight),
    gradOutput: operand(c.gradOutput),
    shapeOptions,
    options,
  };
  const magnitude = mapProblem({ ...p, options: linear }, absolute);
  const counts = lengths(p);
  for (const result of RESULTS) {
    const got = compute[result](kernels, p);
    check(result, got, c[result], tolerances(counts[result], compute[result](oracle, magnitude).data));
  }
}

function checkFold({ kernels, oracle }: Backend, op: 'unfold' | 'fold', c: GoldenCase, operand: Operand, check: Check): void {
  const kernelSize = c.kernelSize ?? [];
  const size = c.outputSize ?? c.input.shape.slice(-kernelSize.length);
  const options = c.options as UnfoldOptions;
  const unfold = (k: Kernels, t: Tensor): Tensor => k.unfold(t, kernelSize, options);
  const fold = (k: Kernels, t: Tensor): Tensor => k.fold(t, size, kernelSize, options);
  const [forward, backward] = op === 'unfold' ? [unfold, fold] : [fold, unfold];
  // Each is the other's adjoint, so its gradient too. At most one product by 1 for each tap.
  const [x, dy] = [operand(c.input), operand(c.gradOutput)];
  const taps = sizeOf(kernelSize);
  check('output', forward(kernels, x), c.output, tolerances(taps, forward(oracle, absolute(x)).data));
  check('gradInput', backward(kernels, dy), c.gradInput, tolerances(taps, backward(oracle, absolute(dy)).data));
}

function checkMatmul({ kernels, oracle }: Backend, c: GoldenCase, operand: Operand, check: Check): void {
  const { activation, ...transposes } = c.options as MatmulOptions;
  const [a, b] = [operand(c.input), operand(c.weight)];
  const bias = c.bias ? { bias: operand(c.bias) } : {};
  const got = kernels.matmul(a, b, { ...transposes, ...bias, ...(activation === undefined ? {} : { activation }) });
  const positive = { ...transposes, ...(c.bias ? { bias: absolute(operand(c.bias)) } : {}) };
  const k = at(a.shape, transposes.transposeA ? a.shape.length - 2 : a.shape.length - 1);
  check('output', got, c.output, tolerances(k, oracle.matmul(absolute(a), absolute(b), positive).data));
}

function note(key: string, error: number, want: readonly number[]): void {
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const before = goldenErrors.get(key) ?? { absolute: 0, relative: 0 };
  goldenErrors.set(key, {
    absolute: Math.max(before.absolute, error),
    relative: Math.max(before.relative, largest > 0 ? error / largest : 0),
  });
}
