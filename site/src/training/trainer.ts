/** The network of `npm start`, trained step by step, with what can be told about it between two steps. */
import type { Kernels } from 'simdconv';
import { type Digits, PIXELS, type Random, type Sample, seeded, splitDigits } from '../../../examples/mnist/digits.js';
import { BATCH, makeNetwork, type Network, predict, trainEpoch } from '../../../examples/mnist/network.js';
import type { Ready, Report, Seen } from './protocol.js';
import { read } from './reading.js';

const HELD_OUT = 1000;
const SAMPLES = 20;
/** How often in an epoch the held-out digits are read. */
const COUNTS = 3;

export class Trainer {
  private readonly network: Network;
  private readonly train: Digits;
  private readonly test: Digits;
  private readonly random: Random;
  private readonly walk: Iterator<unknown>;
  private losses: number[] = [];
  private accuracy: number | undefined;
  private taken = 0;
  private milliseconds = 0;
  private isDone = false;

  constructor(
    private readonly kernels: Kernels,
    classes: readonly Sample[][],
    private readonly epochs: number,
    seed: number,
  ) {
    this.random = seeded(seed);
    const { train, test } = splitDigits(classes, this.random, HELD_OUT);
    this.train = train;
    this.test = test;
    this.network = makeNetwork(kernels, this.random);
    this.walk = this.steps();
  }

  get ready(): Ready {
    const { info } = this.kernels;
    return {
      kind: 'ready',
      info: { version: info.version, variant: info.variant },
      layers: this.network.layers.map(({ name, y, params }) => ({
        name,
        makes: y.shape.slice(1).join('×'),
        weights: params.reduce((sum, { velocity }) => sum + velocity.length, 0),
      })),
      learnFrom: this.train.labels.length,
      heldOut: HELD_OUT,
      steps: this.epochs * this.stepsOfEpoch,
      samples: this.samples,
      labels: [...this.test.labels.subarray(0, SAMPLES)],
    };
  }

  /** One batch; false when there was none left. */
  step(): boolean {
    if (this.walk.next().done) this.isDone = true;
    return !this.isDone;
  }

  /** What has happened since the last report. */
  report(): Report {
    const { losses, accuracy } = this;
    [this.losses, this.accuracy] = [[], undefined];
    return {
      kind: 'report',
      losses,
      steps: this.taken,
      imagesPerSecond: (this.taken * BATCH) / (this.milliseconds / 1000),
      filters: this.network.params[0]?.value.data.slice() ?? new Float32Array(),
      readings: read(this.network, this.samples),
      accuracy,
      isDone: this.isDone,
    };
  }

  look(image: Float32Array): Seen {
    const [reading] = read(this.network, image);
    const [first] = this.network.layers;
    if (!reading || !first) throw new Error('the network has no layers');
    const [, ...one] = first.y.shape;
    return {
      kind: 'seen',
      reading,
      maps: first.y.data.slice(
        0,
        one.reduce((product, size) => product * size, 1),
      ),
    };
  }

  private get samples(): Float32Array {
    return this.test.images.slice(0, SAMPLES * PIXELS);
  }

  private get stepsOfEpoch(): number {
    return Math.floor(this.train.labels.length / BATCH);
  }

  private *steps(): Generator<void> {
    const between = Math.ceil(this.stepsOfEpoch / COUNTS);
    for (let epoch = 0; epoch < this.epochs; epoch++) {
      let start = performance.now();
      for (const { loss } of trainEpoch(this.network, this.train, this.random, epoch, this.epochs)) {
        this.milliseconds += performance.now() - start;
        this.losses.push(loss);
        this.taken++;
        const isLast = this.taken === this.epochs * this.stepsOfEpoch;
        if (isLast || this.taken % between === 0) this.accuracy = this.heldOutRight();
        yield;
        start = performance.now();
      }
    }
  }

  private heldOutRight(): number {
    const { labels } = this.test;
    return predict(this.network, this.test).filter((digit, i) => digit === labels[i]).length / labels.length;
  }
}
