/** Sides of TensorFlow.js, checked against each other and then timed by turns in one process. */
import { type Effort, race, ratioOf, type Timing } from '../../bench/peers/rounds.js';
import { table } from '../terminal.js';
import { enter, type Side, tf } from './tfjs.js';

export const THOROUGH: Effort = { rounds: 9, sample: 100, warmup: 300, budget: 4000 };
export const QUICK: Effort = { rounds: 1, sample: 1, warmup: 1, budget: 1 };

type Tensor = import('@tensorflow/tfjs').Tensor;
type Computation = () => Tensor[] | Promise<Tensor[]>;

export interface Comparison {
  /** A table: each side's milliseconds, and how many times the speed of the first side that is. */
  readonly lines: string[];
  /** Of each side. */
  readonly milliseconds: readonly number[];
  /** How many times the speed of the first side the last one has. */
  readonly ratio: number;
  /** The largest between a result of the first side and one of another, as a part of the result's largest value. */
  readonly difference: number;
}

/** The first side is what the others are measured by. */
export async function compare(sides: readonly Side[], compute: Computation, effort: Effort): Promise<Comparison> {
  const results: Float32Array[][] = [];
  for (const side of sides) {
    await enter(side);
    results.push(await read(compute));
  }
  const differences = results.map((result) => distance(results[0] as Float32Array[], result));

  const contestants = sides.map((side) => ({
    run: () => read(compute),
    enter: async () => {
      await enter(side);
      // Kernels that were put in place anew pack a filter when it comes for the second time.
      for (let call = 0; side.accelerated && call < 2; call++) await read(compute);
    },
  }));
  const timings = await race(contestants, effort);
  const rows = timings.map((timing, i) => [
    sides[i]?.name ?? '',
    timing.median.toFixed(1),
    i === 0 ? '' : ratioOf(timing, timings[0] ?? timing).toFixed(2),
    i === 0 ? '' : (differences[i] as number).toExponential(1),
  ]);
  return {
    lines: table(['side', '>ms', `>times ${sides[0]?.name}`, '>differs by'], rows),
    milliseconds: timings.map(({ median }) => median),
    ratio: ratioOf(timings.at(-1) as Timing, timings[0] as Timing),
    difference: Math.max(...differences),
  };
}

async function read(compute: Computation): Promise<Float32Array[]> {
  const tensors = await compute();
  const values = tensors.map((tensor) => tensor.dataSync<'float32'>());
  tf.dispose(tensors);
  return values;
}

/** NaN if there is one: no comparison with it holds. */
function distance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  const parts = a.map((values, k) => {
    const most = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    return values.reduce((far, value, i) => Math.max(far, Math.abs(value - (b[k]?.[i] as number))), 0) / most;
  });
  return Math.max(...parts);
}
