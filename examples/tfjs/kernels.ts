/** Each kernel that is replaced, by itself: the one that was there before and the one that took its place, on calls from tiny to large. */
import { type Effort, race, ratioOf, type Timing } from '../../bench/peers/rounds.js';
import { accelerate, type BackendName, type KernelCall, type KernelConfig, type TensorInfo } from '../../dist/tfjs/index.js';
import { heading, indent, paint, table } from '../terminal.js';
import { type Input, type KernelShape, SHAPES } from './shapes.js';
import { tf } from './tfjs.js';

const THOROUGH: Effort = { rounds: 15, sample: 4, warmup: 40, budget: 400 };
const QUICK: Effort = { rounds: 1, sample: 0.1, warmup: 0.1, budget: 0.1 };
/** What the cpu backend's own gradients take some 100 ms for. */
const CPU_OPERATIONS = 2e6;
const QUICK_OPERATIONS = 1e4;
/** Of a result's largest value. */
const TOLERANCE = 1e-4;
/** How many of the slowest are listed once more. */
const SLOWEST = 15;

type KernelFunction = (call: KernelCall) => TensorInfo | TensorInfo[];

/** Of tfjs's backends. */
interface Backend {
  write(values: Float32Array | Int32Array, shape: readonly number[], dtype: string): object;
  readSync(dataId: object): Float32Array | Int32Array;
  disposeData(dataId: object): boolean;
}

/** Prints the table of each backend, and says whether each kernel gave what the one before it gives. */
export async function raceKernels({ quick }: { readonly quick: boolean }): Promise<boolean> {
  console.log(heading('Kernels'));
  console.log(
    '\n  Each kernel that is replaced, called as TensorFlow.js does; µs of the one before it and of the one here, and how many times as fast.',
  );
  await tf.setBackend('wasm');
  let good = true;
  for (const name of ['wasm', 'cpu'] as const) good = (await raceBackend(name, quick)) && good;
  return good;
}

interface Result {
  readonly shape: KernelShape;
  /** Microseconds. */
  readonly plain: number | undefined;
  readonly fast: number;
  readonly times: number;
}

/** A call, and who computes it. */
interface Match {
  readonly shape: KernelShape;
  /** Where there is one, and it takes this call: some of the wasm backend throw for images in NCHW. */
  readonly plain: KernelFunction | undefined;
  readonly fast: KernelFunction;
}

async function raceBackend(name: BackendName, quick: boolean): Promise<boolean> {
  const plain = functionsOf(name);
  const { info, restore } = await accelerate(tf, { backend: name });
  const fast = functionsOf(name);
  const most = quick ? QUICK_OPERATIONS : name === 'cpu' ? CPU_OPERATIONS : Number.POSITIVE_INFINITY;
  const matches: Match[] = [];
  for (const shape of SHAPES) {
    if (!info.kernels.includes(shape.kernel) || shape.operations > most) continue;
    const before = plain.get(shape.kernel);
    const taken = before && takes(shape, name, before);
    matches.push({ shape, plain: taken ? before : undefined, fast: fast.get(shape.kernel) as KernelFunction });
  }

  // All before the first is timed: so each is timed in code that has seen other shapes, as a model's is.
  const wrong = matches.filter((match) => !isSame(match, name));
  const results: Result[] = [];
  for (const match of matches) results.push(await raceOne(match, name, quick ? QUICK : THOROUGH));
  restore();
  report(name, results);
  const unknown = info.kernels.filter((kernel) => !matches.some(({ shape }) => shape.kernel === kernel));
  if (unknown.length > 0) console.log(paint('red', `\n  NOT MEASURED: ${unknown.join(', ')}`));
  const shown = wrong.map(({ shape }) => `${shape.kernel} ${shape.title}`).join('; ');
  console.log(`\n  The results are ${wrong.length === 0 ? paint('green', 'the same') : paint('red', `NOT THE SAME: ${shown}`)}`);
  return wrong.length === 0 && unknown.length === 0;
}

const backendOf = (name: BackendName): Backend => tf.findBackend(name) as unknown as Backend;

/** Of a backend that has not been used yet, too. */
function functionsOf(name: BackendName): Map<string, KernelFunction> {
  tf.findBackend(name);
  return new Map((tf.getKernelsForBackend(name) as KernelConfig[]).map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
}

/** Compares with the kernel before; where there is none, or it is wrong, with the cpu backend's, if that is quick enough. */
function isSame({ shape, plain, fast }: Match, name: BackendName): boolean {
  const asked = plain && !(shape.wrong && name === 'wasm');
  if (!asked && shape.operations > CPU_OPERATIONS) return true;
  const want = asked ? compute(shape, name, plain) : compute(shape, 'cpu', functionsOf('cpu').get(shape.kernel) as KernelFunction);
  // The second time, a filter is packed.
  return [1, 2].every((calls) => {
    const got = compute(shape, name, fast, calls);
    return got.length === want.length && got.every((values, i) => far(values, want[i] as Float32Array) < TOLERANCE);
  });
}

/** Whether a kernel takes a call at all: some of those of the wasm backend throw for images in NCHW. */
function takes(shape: KernelShape, name: BackendName, run: KernelFunction): boolean {
  try {
    compute(shape, name, run);
    return true;
  } catch {
    return false;
  }
}

function compute(shape: KernelShape, name: BackendName, run: KernelFunction, calls = 1): (Float32Array | Int32Array)[] {
  const backend = backendOf(name);
  const inputs = makeInputs(shape, backend);
  let found: (Float32Array | Int32Array)[] = [];
  for (let call = 0; call < calls; call++) {
    const outputs = [run({ inputs, attrs: shape.attributes, backend })].flat();
    found = outputs.map(({ dataId }) => backend.readSync(dataId).slice());
    dispose(backend, outputs);
  }
  dispose(backend, Object.values(inputs));
  return found;
}

/** The largest difference, as a part of the largest value; NaN if there is one: no comparison with it holds. */
function far(a: Float32Array | Int32Array, b: Float32Array | Int32Array): number {
  let [most, off] = [Number.MIN_VALUE, 0];
  for (let i = 0; i < b.length; i++) {
    most = Math.max(most, Math.abs(b[i] as number));
    off = Math.max(off, Math.abs((a[i] as number) - (b[i] as number)));
  }
  return off / most;
}

async function raceOne({ shape, plain, fast }: Match, name: BackendName, effort: Effort): Promise<Result> {
  const backend = backendOf(name);
  const lanes = [fast, plain].flatMap((run) => (run ? [{ run, inputs: makeInputs(shape, backend) }] : []));
  const contestants = lanes.map(({ run, inputs }) => ({ run: caller(shape, backend, run, inputs) }));
  const [own, before] = await race(contestants, effort);
  for (const { inputs } of lanes) dispose(backend, Object.values(inputs));
  const timing = own as Timing;
  return { shape, plain: before && before.median * 1000, fast: timing.median * 1000, times: before ? ratioOf(timing, before) : Number.NaN };
}

/** One call, whose output is disposed; and, where a step of training has a new filter, that filter made and disposed too. */
function caller(
  { attributes: attrs, fresh }: KernelShape,
  backend: Backend,
  run: KernelFunction,
  inputs: Record<string, TensorInfo>,
): () => void {
  const once = (given: Record<string, TensorInfo>): void => {
    const out = run({ inputs: given, attrs, backend });
    if (Array.isArray(out)) dispose(backend, out);
    else backend.disposeData(out.dataId);
  };
  if (fresh === undefined) return () => once(inputs);
  const { dataId, shape, dtype } = inputs[fresh] as TensorInfo;
  const values = backend.readSync(dataId).slice();
  return () => {
    const anew = { dataId: backend.write(values, shape, dtype), shape, dtype };
    once({ ...inputs, [fresh]: anew });
    backend.disposeData(anew.dataId);
  };
}

function dispose(backend: Backend, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

function makeInputs({ inputs }: KernelShape, backend: Backend): Record<string, TensorInfo> {
  const made = Object.entries(inputs).map(([name, { shape, dtype }], seed) => {
    const values = valuesOf(name, { shape, dtype }, seed);
    return [name, { dataId: backend.write(values, shape, dtype), shape: [...shape], dtype }] as const;
  });
  // Inputs without names come in an array.
  return Object.assign('0' in inputs ? [] : {}, Object.fromEntries(made)) as Record<string, TensorInfo>;
}

/** Numbers around 0 that no two inputs have alike; a variance is not negative, and a divisor not 0. */
function valuesOf(name: string, { shape, dtype }: Input, seed: number): Float32Array | Int32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  if (dtype === 'int32') return Int32Array.from({ length }, (_, i) => (i * 7) % 10);
  const positive = name === 'variance' || name === 'b';
  return Float32Array.from({ length }, (_, i) => {
    const value = Math.sin((i + 1) * (seed + 1.7));
    return positive ? Math.abs(value) + 0.1 : value;
  });
}

function report(name: BackendName, results: readonly Result[]): void {
  console.log(`\n  ${paint('bold', name)}\n`);
  const kernels = [...new Set(results.map(({ shape }) => shape.kernel))];
  const sorted = kernels.flatMap((kernel) => results.filter(({ shape }) => shape.kernel === kernel).sort((a, b) => a.times - b.times));
  const rows = sorted.map((result, i) => row(result, sorted[i - 1]?.shape.kernel !== result.shape.kernel));
  console.log(indent(table(['kernel', 'call', '>before', '>here', '>times'], rows)));
  const slowest = results.filter(({ plain }) => plain !== undefined).sort((a, b) => a.times - b.times);
  const below = slowest.filter(({ times }) => times < 1).length;
  console.log(`\n  ${paint('bold', `${below} of ${slowest.length} below 1; the slowest`)}\n`);
  const shown = slowest.slice(0, SLOWEST).map((result) => row(result, true));
  console.log(indent(table(['kernel', 'call', '>before', '>here', '>times'], shown)));
}

const row = ({ shape, plain, fast, times }: Result, named: boolean): string[] => [
  named ? shape.kernel : '',
  shape.title,
  plain?.toFixed(1) ?? 'none',
  fast.toFixed(1),
  plain === undefined ? '' : times.toFixed(2),
];
