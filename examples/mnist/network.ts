/** Stacks layers into a network, and trains it by stochastic gradient descent with momentum. */
import type { Kernels, Tensor } from 'simdconv';
import { CLASSES, type Digits, gather, type Random, SIZE, shuffle } from './digits.js';
import { conv, dense, type Layer, type Param, poolRelu, softmaxCrossEntropy } from './layers.js';

export const BATCH = 40;
const RATE = 0.07;
const MOMENTUM = 0.9;

export interface Network {
  readonly layers: readonly Layer[];
  readonly x: Tensor;
  readonly logits: Tensor;
  /** The gradient of each layer's y, in the order of the layers. */
  readonly dys: readonly Tensor[];
  readonly params: readonly Param[];
}

/** [N, 1, 28, 28] → conv [N, 12, 24, 24] → pool [N, 12, 12, 12] → conv [N, 24, 8, 8] → pool [N, 24, 4, 4] → dense [N, 10] */
export function makeNetwork(kernels: Kernels, random: Random): Network {
  const x = kernels.tensor([BATCH, 1, SIZE, SIZE]);
  const conv1 = conv(kernels, x.shape, 12, 5, random);
  const pool1 = poolRelu(kernels, conv1.y.shape);
  const conv2 = conv(kernels, pool1.y.shape, 24, 5, random);
  const pool2 = poolRelu(kernels, conv2.y.shape);
  const output = dense(kernels, pool2.y.shape, CLASSES, random);
  const layers = [conv1, pool1, conv2, pool2, output];
  return {
    layers,
    x,
    logits: output.y,
    dys: layers.map(({ y }) => kernels.tensor(y.shape)),
    params: layers.flatMap(({ params }) => params),
  };
}

/** The logits of the images in `x`. */
function forward({ layers, x }: Network): void {
  let input = x;
  for (const layer of layers) {
    layer.forward(input);
    input = layer.y;
  }
}

/** From dlogits, the last of `dys`, down to the gradients of every param. The images themselves need none. */
function backward({ layers, dys }: Network): void {
  for (let i = layers.length - 1; i >= 0; i--) layers[i]?.backward(dys[i] as Tensor, dys[i - 1]);
}

/** velocity = momentum · velocity - rate · grad; value += velocity */
function descend({ params }: Network, rate: number): void {
  for (const { value, grad, velocity } of params) {
    const [to, from] = [value.data, grad.data];
    for (let i = 0; i < velocity.length; i++) {
      velocity[i] = MOMENTUM * (velocity[i] as number) - rate * (from[i] as number);
      to[i] = (to[i] as number) + (velocity[i] as number);
    }
  }
}

/**
 * One pass over the digits in random order, yielding after each batch its loss and how many of it were read right. The learning rate falls
 * in a straight line, to zero at the end of the last epoch.
 */
export function* trainEpoch(network: Network, digits: Digits, random: Random, epoch: number, epochs: number): Generator<Step> {
  const order = shuffle(Uint32Array.from(digits.labels.keys()), random);
  for (let start = 0; start + BATCH <= order.length; start += BATCH) {
    const step = look(network, digits, order.subarray(start, start + BATCH), random);
    backward(network);
    descend(network, RATE * (1 - (epoch + start / order.length) / epochs));
    yield step;
  }
}

/** What the network takes each image for. */
export function predict(network: Network, digits: Digits): number[] {
  const order = Uint32Array.from(digits.labels.keys());
  const starts = Array.from({ length: order.length / BATCH }, (_, i) => i * BATCH);
  return starts.flatMap((start) => look(network, digits, order.subarray(start, start + BATCH)).predictions);
}

export interface Step {
  readonly loss: number;
  readonly predictions: readonly number[];
  readonly right: number;
}

function look(network: Network, digits: Digits, indices: Uint32Array, jitter?: Random): Step {
  const labels = gather(digits, indices, network.x.data, jitter);
  forward(network);
  const { loss, predictions } = softmaxCrossEntropy(network.logits, labels, network.dys.at(-1) as Tensor);
  return { loss, predictions, right: predictions.filter((digit, i) => digit === labels[i]).length };
}
