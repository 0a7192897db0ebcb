/** The kernels at work: a small convolutional network learns to read handwritten digits. */
import { plot } from 'asciichart';
import { Presets, SingleBar } from 'cli-progress';
import type { Kernels, Tensor } from 'simdconv';
import { COLUMNS, heading, indent, paint, picture, prose, sideBySide, table } from '../terminal.js';
import { type Digits, SIZE, seeded, splitDigits } from './digits.js';
import { readClasses } from './files.js';
import type { Layer } from './layers.js';
import { BATCH, makeNetwork, type Network, predict, trainEpoch } from './network.js';

const HELD_OUT = 1000;

export interface Run {
  readonly epochs: number;
  readonly seed: number;
  readonly quick: boolean;
}

/** Trains, prints what happened, and says whether enough of the held-out digits were read. */
export function trainOnDigits(kernels: Kernels, { epochs, seed, quick }: Run): boolean {
  const started = performance.now();
  const random = seeded(seed);
  const { train, test } = splitDigits(readClasses(), random, HELD_OUT, quick ? 2000 : undefined);
  const network = makeNetwork(kernels, random);
  introduce(network, train, epochs);

  const history = learn(network, train, test, random, epochs);
  const { accuracy, predictions } = history.epochs.at(-1) as Epoch;
  const rows = history.epochs.map((epoch, i) => [
    String(i + 1),
    epoch.loss.toFixed(4),
    percent(epoch.training),
    percent(epoch.accuracy),
    String(Math.round(train.labels.length / epoch.seconds)),
    epoch.seconds.toFixed(1),
  ]);
  console.log(indent(table(['>epoch', '>loss', '>training', '>held out', '>images/s', '>seconds'], rows)));
  console.log(`\n${paint('bold', `  Loss, over ${history.losses.length} batches, on a logarithmic scale`)}\n`);
  console.log(indent(lossCurve(history.losses)));
  console.log(`\n${paint('bold', '  Held-out digits, and what the network takes them for')}\n`);
  console.log(indent(drawn(test, predictions)));

  const wanted = quick ? 0.8 : 0.97;
  const good = accuracy >= wanted;
  const seconds = history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const speed = Math.round((train.labels.length * epochs) / seconds);
  const total = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`
  ${percent(accuracy)} of ${HELD_OUT} held-out digits read right (${percent(wanted)} wanted): ${paint(good ? 'green' : 'red', good ? 'good' : 'NOT ENOUGH')}
  ${speed} images/s in training, ${total} s in all`);
  return good;
}

function introduce({ layers, x }: Network, train: Digits, epochs: number): void {
  const shape = (tensor: Tensor) => tensor.shape.slice(1).join('x');
  const weights = ({ params }: Layer) => params.reduce((sum, { velocity }) => sum + velocity.length, 0);
  console.log(heading('2. The kernels at work'));
  const text = `A network learns to read handwritten digits. The convolutions, the matrix product and all of their gradients are
    simdconv's; relu, pooling, softmax and gradient descent are plain TypeScript.`;
  console.log(`\n${prose(text)}\n`);
  const rows = layers.map((layer) => [layer.name, shape(layer.y), String(weights(layer) || '')]);
  console.log(indent(table(['layer', '>makes', '>weights'], [['image', shape(x), ''], ...rows])));
  console.log(`\n  ${train.labels.length} digits to learn from, ${HELD_OUT} held out; epochs: ${epochs}, in batches of ${BATCH}\n`);
}

interface Epoch {
  readonly loss: number;
  /** Share of digits read right, while learning and of those held out. */
  readonly training: number;
  readonly accuracy: number;
  readonly predictions: readonly number[];
  readonly seconds: number;
}

/** The training loop, with a progress bar where there is a terminal. */
function learn(network: Network, train: Digits, test: Digits, random: () => number, count: number): { losses: number[]; epochs: Epoch[] } {
  const format = '  {bar} {percentage}%  epoch {epoch}  loss {loss}  {speed} images/s';
  const bar = new SingleBar({ format, barsize: 20, hideCursor: true, clearOnComplete: true, gracefulExit: true }, Presets.shades_classic);
  const losses: number[] = [];
  const epochs: Epoch[] = [];
  bar.start(count * Math.floor(train.labels.length / BATCH), 0, { epoch: 1, loss: '-', speed: '-' });
  for (let epoch = 0; epoch < count; epoch++) {
    const [first, begin] = [losses.length, performance.now()];
    let [right, seconds] = [0, 0];
    for (const step of trainEpoch(network, train, random, epoch, count)) {
      losses.push(step.loss);
      right += step.right;
      seconds = (performance.now() - begin) / 1000;
      const seen = (losses.length - first) * BATCH;
      bar.increment({ epoch: epoch + 1, loss: mean(losses.slice(-20)).toFixed(3), speed: Math.round(seen / seconds) });
    }
    const predictions = predict(network, test);
    const accuracy = mean(predictions.map((digit, i) => (digit === test.labels[i] ? 1 : 0)));
    const own = losses.slice(first);
    epochs.push({ loss: mean(own), training: right / (own.length * BATCH), accuracy, predictions, seconds });
  }
  bar.stop();
  return { losses, epochs };
}

/** Three digits that were read right and two, if there are, that were not. */
function drawn({ images, labels }: Digits, predictions: readonly number[]): string[] {
  const all = predictions.map((digit, i) => ({ digit, i, right: digit === labels[i] }));
  const wrong = all.filter(({ right }) => !right).slice(0, 2);
  const shown = [...all.filter(({ right }) => right).slice(0, 5 - wrong.length), ...wrong];
  const blocks = shown.map(({ digit, i, right }) => {
    const lines = picture(images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE), SIZE);
    // Digits fill the middle 20x20 pixels of their 28x28, two rows to a line.
    const middle = lines.slice(2, 12).map((line) => line.slice(4, 24));
    return [right ? paint('green', `read as ${digit}`) : paint('red', `read as ${digit}, is ${labels[i]}`), ...middle];
  });
  return sideBySide(blocks, 0);
}

/** Columns of the labels of a plot, and its indent. */
const LABELS = 12;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** At most as many columns as fit beside the labels, each the mean of neighbouring batches. */
function lossCurve(losses: readonly number[]): string[] {
  const size = Math.ceil(losses.length / (COLUMNS - LABELS));
  const columns = Array.from({ length: Math.ceil(losses.length / size) }, (_, i) => mean(losses.slice(i * size, (i + 1) * size)));
  const label = (exponent: number) => (10 ** exponent).toFixed(3).padStart(7);
  return plot(columns.map(Math.log10), { height: 10, format: label })
    .split('\n')
    .map((line) => line.trimEnd());
}
