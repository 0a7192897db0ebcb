/** Training on handwritten digits with model.fit: on the cpu and wasm backends as they come, and accelerated. */
import { plot } from 'asciichart';
import { Presets, SingleBar } from 'cli-progress';
import { median } from '../../bench/measure.js';
import { CLASSES, type Digits, SIZE, seeded, splitDigits } from '../mnist/digits.js';
import { readClasses } from '../mnist/files.js';
import { heading, indent, paint, sideBySide, table } from '../terminal.js';
import { type Model, makeNetwork, NETWORKS, type NetworkName } from './networks.js';
import { enter, SIDES, type Side, tf } from './tfjs.js';

export interface Training {
  readonly only: NetworkName | undefined;
  readonly seed: number;
  readonly quick: boolean;
}

/** Of a network's training. The sides take turns of a few steps, so that what disturbs the machine disturbs them alike. */
interface Plan {
  readonly batch: number;
  /** Steps in a turn of plain cpu. */
  readonly steps: number;
  /** Of an accelerated side: the first after another side's turn take longer, up to ten times where the engine's compiler has to start again. */
  readonly fastSteps: number;
  /** Turns of the accelerated sides alone, after the first of all: their steps are 200 to 400 short calls, which are compiled after some 100 steps. */
  readonly early: number;
  /** Turns of every side. The first warms plain cpu, whose steps are long loops. */
  readonly turns: number;
}

const FULL: Plan = { batch: 16, steps: 4, fastSteps: 16, early: 8, turns: 7 };
const QUICK: Plan = { batch: 4, steps: 2, fastSteps: 3, early: 1, turns: 2 };
const RACERS = [SIDES.plainCpu, SIDES.fastCpu, SIDES.fastWasm];

/**
 * Losses that are one but for rounding differ by some 1e-7 of their size. Seldom a relu or the largest of a pooling window is so near the edge that
 * rounding decides: then the curves part, on any two backends, and another seed shows them together.
 */
const SAME = 1e-4;

/** Trains, prints what happened, and says whether the losses were the same. */
export async function train({ only, seed, quick }: Training): Promise<boolean> {
  const plan = quick ? QUICK : FULL;
  console.log(heading('Training with model.fit'));
  let good = true;
  for (const name of only ? [only] : (Object.keys(NETWORKS) as NetworkName[])) good = (await trainNetwork(name, seed, plan)) && good;
  return good;
}

async function trainNetwork(name: NetworkName, seed: number, plan: Plan): Promise<boolean> {
  const { title, loss } = NETWORKS[name];
  const { batch, fastSteps, early, turns } = plan;
  const { train: digits, test } = splitDigits(readClasses(), seeded(seed), 500, batch * fastSteps * (early + turns));
  console.log(`\n${paint('bold', `  ${title}`)}\n  ${batch} images in a step, seed ${seed}\n`);
  console.log(`  ${SIDES.plainWasm.name}: ${await failure(name, seed, digits, plan)}\n`);

  const lanes: Lane[] = [];
  for (const side of RACERS) lanes.push(await makeLane(side, name, seed, digits));
  const bar = new SingleBar({ format: '  {bar} {percentage}%  {side}', hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
  bar.start(early + turns, 0, { side: '' });
  for (let turn = 0; turn < early + turns; turn++) {
    for (const lane of lanes) {
      if (turn > 0 && turn <= early && !lane.side.accelerated) continue;
      bar.update(turn, { side: lane.side.name });
      await takeTurn(lane, plan);
    }
  }
  bar.stop();
  const good = report(lanes, turns);
  if (loss !== 'meanSquaredError') console.log(`\n  ${await reading(lanes.at(-1) as Lane, test)}`);
  for (const { model, x, y, side } of lanes) {
    await enter(side);
    model.dispose();
    tf.dispose([x, y]);
  }
  return good;
}

type Tensor = import('@tensorflow/tfjs').Tensor;

interface Lane {
  readonly side: Side;
  readonly model: Model;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly losses: number[];
  /** Milliseconds of a step, one of each turn. */
  readonly times: number[];
}

async function makeLane(side: Side, name: NetworkName, seed: number, digits: Digits): Promise<Lane> {
  await enter(side);
  const [x, y] = tensors(name, digits);
  return { side, model: makeNetwork(name, seed), x, y, losses: [], times: [] };
}

/** Images, and what a network is to make of them: their labels, or themselves. */
function tensors(name: NetworkName, { images, labels }: Digits): [Tensor, Tensor] {
  const x = tf.tensor4d(images, [labels.length, SIZE, SIZE, 1]);
  return [x, NETWORKS[name].loss === 'meanSquaredError' ? x.clone() : tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES).toFloat()];
}

async function takeTurn({ side, model, x, y, losses, times }: Lane, { batch, steps, fastSteps }: Plan): Promise<void> {
  await enter(side);
  const images = batch * (side.accelerated ? fastSteps : steps);
  const [part, goal] = [x, y].map((all) => tf.slice(all, losses.length * batch, images)) as [Tensor, Tensor];
  const took: number[] = [];
  let begin = 0;
  await model.fit(part, goal, {
    batchSize: batch,
    epochs: 1,
    shuffle: false,
    verbose: 0,
    yieldEvery: 'never',
    callbacks: {
      onBatchBegin: async () => {
        begin = performance.now();
      },
      onBatchEnd: async (_, logs) => {
        took.push(performance.now() - begin);
        losses.push(logs?.loss as number);
      },
    },
  });
  times.push(median(took));
  tf.dispose([part, goal]);
}

/** What plain wasm says to the same call. */
async function failure(name: NetworkName, seed: number, digits: Digits, plan: Plan): Promise<string> {
  const lane = await makeLane(SIDES.plainWasm, name, seed, digits);
  tf.engine().startScope(); // fit is left half-way, with its tensors
  try {
    await takeTurn(lane, plan);
    return 'trains';
  } catch (error) {
    return paint('red', (error as Error).message);
  } finally {
    tf.engine().endScope();
    tf.dispose([lane.x, lane.y]);
    lane.model.dispose();
  }
}

function report(lanes: readonly Lane[], turns: number): boolean {
  const plain = lanes[0] as Lane;
  const common = plain.losses.length;
  const speeds = lanes.map(({ side, times, losses }) => {
    const own = times.slice(1 - turns);
    const ratio = median(own.map((ms, turn) => (plain.times[turn + 1] as number) / ms));
    return [
      side.name,
      String(losses.length),
      (median(own) / 1000).toFixed(4),
      ratio.toFixed(1),
      far(losses, plain.losses).toExponential(1),
    ];
  });
  console.log(indent(table(['side', '>steps', '>seconds a step', '>times plain cpu', '>loss differs by'], speeds)));

  const longest = Math.max(...lanes.map(({ losses }) => losses.length));
  const shown = [1, 2, 5, 10, common, 50, 100, longest].filter(
    (step, i, all) => step <= longest && (i === 0 || step > (all[i - 1] as number)),
  );
  const rows = shown.map((step) => [String(step), ...lanes.map(({ losses }) => losses[step - 1]?.toFixed(6) ?? '')]);
  console.log(`\n${indent(table(['>loss in step', ...lanes.map(({ side }) => `>${side.name}`)], rows))}`);

  console.log(`\n  The first ${common} steps\n`);
  const curves = lanes.map(({ side, losses }) => [side.name, ...plot(losses.slice(0, common), { height: 5 }).split('\n')]);
  console.log(indent(sideBySide(curves)));

  const good = lanes.every(({ losses }) => far(losses, plain.losses) < SAME);
  console.log(`\n  The losses are ${good ? paint('green', 'the same') : paint('red', 'NOT THE SAME')} (within ${SAME} of their size)`);
  return good;
}

/** The largest difference between losses of the same step, as a part of them. */
const far = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...b.map((loss, step) => Math.abs((a[step] as number) - loss) / loss));

async function reading({ side, model, losses }: Lane, test: Digits): Promise<string> {
  await enter(side);
  const [x, y] = tensors('cnn', test);
  const scores = model.evaluate(x, y) as Tensor[];
  const share = (scores[1] as Tensor).dataSync()[0] as number;
  tf.dispose([x, y, ...scores]);
  return `After ${losses.length} steps ${side.name} reads ${(100 * share).toFixed(0)} % of ${test.labels.length} held-out digits`;
}
