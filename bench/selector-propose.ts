/**
 * New prices from times: first those that explain them, the least squares of the relative errors with no price below zero; then a search for those that choose
 * best, for between two algorithms that take about as long it is the comparison that counts.
 */
import type { ConvGeometry } from '../src/geometry/index.js';
import { choose, columnOf, type Offered, type Offers } from '../src/wasm/cost-model.js';
import { type MethodName, PRICES, type Price } from '../src/wasm/prices.js';
import { isDepthwise } from '../src/wasm/select.js';
import type { Work } from '../src/wasm/work.js';
import { geometryOf } from './cases.js';
import { offersOf } from './selector-problems.js';
import { type Summary, summary } from './selector-regret.js';
import type { Timed } from './selector-times.js';

/** A problem: what each algorithm would do, called and as it was used, and the picoseconds that it took. */
interface Row {
  readonly g: ConvGeometry;
  readonly planned: boolean;
  readonly last: boolean;
  /** Whether the times are of the work that is counted, which is of one image. */
  readonly whole: boolean;
  readonly called: Offers;
  readonly used: Offers;
  readonly times: ReadonlyMap<Offered, number>;
}

type Prices = Readonly<Record<MethodName, readonly Price[]>>;

const METHODS = Object.keys(PRICES) as MethodName[];
const LAYOUTS = [false, true] as const;

/** The table of src/wasm/prices.ts with new numbers for one variant, which are in use from now on, and what they would regret. */
export function propose(timed: readonly Timed[], fused: boolean): { prices: Prices; regret: Summary } {
  const rows = timed.filter(({ problem }) => !isDepthwise(geometryOf(problem.c))).map((each) => rowOf(each, fused));
  for (const last of LAYOUTS) {
    const mine = rows.filter((row) => row.last === last);
    for (const method of METHODS) explain(mine, method, columnOf(fused, last));
    improve(mine, fused, columnOf(fused, last));
  }
  return { prices: PRICES, regret: summary(regretsOf(rows, fused)) };
}

function rowOf({ problem, times }: Timed, fused: boolean): Row {
  return {
    g: geometryOf(problem.c),
    planned: problem.planned,
    last: problem.c.options.layout === 'channels-last',
    whole: problem.c.direction === 'gradWeight' || problem.c.input[0] === 1,
    called: offersOf({ ...problem, planned: false }, fused),
    used: offersOf(problem, fused),
    times: new Map(Object.entries(times).map(([name, ms]) => [name as Offered, ms * 1e9])),
  };
}

/** The table as it stands in src/wasm/prices.ts. */
export const tableOf = (prices: Prices): string =>
  METHODS.map((method) => {
    const lines = prices[method].map(
      ([what, ...numbers]) => `    ['${what}', ${numbers.map((n) => Number(n.toPrecision(3))).join(', ')}],`,
    );
    return [`  ${method}: [`, ...lines, '  ],'].join('\n');
  }).join('\n');

function explain(rows: readonly Row[], method: MethodName, column: 1 | 2 | 3 | 4): void {
  const beside = besides(rows);
  const samples = rows.flatMap(({ whole, planned, used, times }) =>
    [...(whole ? times : [])].flatMap(([name, time]) => {
      const offer = used[name];
      return offer?.method === method
        ? [{ work: offer.work.map((amount) => amount / time), share: 1 - (planned ? 0 : beside / time) }]
        : [];
    }),
  );
  if (samples.length < FEWEST) return;
  const found = robust(
    samples,
    PRICES[method].map((price) => price[column]),
  );
  for (const [index, price] of PRICES[method].entries()) price[column] = found[index] as number;
}

/** Samples from which there are prices. */
const FEWEST = 10;
const ROUNDS = 600;

/** What a call takes beside the work, by any algorithm (a plan takes next to nothing): most of the shortest. */
function besides(rows: readonly Row[]): number {
  return 0.8 * Math.min(...rows.filter(({ planned }) => !planned).flatMap(({ times }) => [...times.values()]));
}

interface Sample {
  readonly work: Work;
  readonly share: number;
}

/**
 * From the prices that stand, least squares again and again, in which a sample counts the less the farther it is from the last ones: where a method gave way to another,
 * or was disturbed, a single time of a tenth would draw a price down to its own.
 */
function robust(samples: readonly Sample[], prices: readonly number[]): number[] {
  let found = [...prices];
  for (let round = 0; round < 8; round++) {
    const weighted = samples.map(({ work, share }): Sample => {
      const ratio = work.reduce((sum, amount, i) => sum + amount * (found[i] as number), 1 - share);
      const weight = 1 / Math.hypot(1, Math.log(Math.max(ratio, 0.01)) / USUAL);
      return { work: work.map((amount) => amount * weight), share: share * weight };
    });
    found = leastSquares(weighted, found);
  }
  return found;
}

/** A logarithm of computed over measured that is nothing special. */
const USUAL = 0.5;

/** x ≥ 0 with the least Σ (work · x - share)², by coordinates. */
function leastSquares(samples: readonly Sample[], from: readonly number[]): number[] {
  const rows = samples.map(({ work }) => work);
  const width = from.length;
  const found = [...from];
  const rest = samples.map(({ work, share }) => work.reduce((sum, amount, i) => sum - amount * (found[i] as number), share));
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < width; i++) {
      let [along, square] = [0, 0];
      for (const [r, row] of rows.entries()) {
        const amount = row[i] as number;
        along += amount * (rest[r] as number);
        square += amount * amount;
      }
      const old = found[i] as number;
      const next = square > 0 ? Math.max(0, old + along / square) : 0;
      if (next === old) continue;
      found[i] = next;
      for (const [r, row] of rows.entries()) rest[r] = (rest[r] as number) - (next - old) * (row[i] as number);
    }
  }
  return found;
}

function regretsOf(rows: readonly Row[], fused: boolean): number[] {
  return rows.map(({ g, planned, called, used, times }) => {
    const taken = times.get(choose(g, { planned, fused }, (use) => (use.planned ? used : called)));
    return taken === undefined ? 1 : taken / Math.min(...times.values());
  });
}

/** The mean of the logarithms, and more for what is beyond the goal. */
const loss = (regrets: readonly number[]): number =>
  regrets.reduce(
    (sum, regret) => sum + Math.log(regret) + 4 * Math.max(0, Math.log(regret / 1.1)) + 16 * Math.max(0, Math.log(regret / 1.25)),
    0,
  ) / regrets.length;

const STEPS = [1.3, 0.75, 1.12, 0.9, 1.05, 0.96];

/** Tries each method's prices a little higher and lower, all together and one by one. */
function improve(rows: readonly Row[], fused: boolean, column: 1 | 2 | 3 | 4): void {
  for (const step of STEPS) {
    for (const method of METHODS) {
      const concerned = rows.filter(({ used }) => Object.values(used).some((offer) => offer.method === method));
      for (const lines of [PRICES[method], ...PRICES[method].map((line) => [line])]) {
        const before = loss(regretsOf(concerned, fused));
        for (const line of lines) line[column] *= step;
        if (loss(regretsOf(concerned, fused)) < before - 1e-9) continue;
        for (const line of lines) line[column] /= step;
      }
    }
  }
}
