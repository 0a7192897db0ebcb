/** What a network takes images for, and how sure it is. */
import { CLASSES, PIXELS } from '../../../examples/mnist/digits.js';
import { BATCH, type Network, predict } from '../../../examples/mnist/network.js';

export interface Reading {
  readonly digit: number;
  /** Of each digit: softmax of the logits. */
  readonly probabilities: readonly number[];
}

/** Of a batch of images at most. */
export function read(network: Network, images: Float32Array): Reading[] {
  const count = images.length / PIXELS;
  if (count > BATCH) throw new RangeError(`read takes ${BATCH} images at most, and was given ${count}`);
  const batch = new Float32Array(BATCH * PIXELS);
  batch.set(images);
  const digits = predict(network, { images: batch, labels: new Uint8Array(BATCH) });
  const logits = network.logits.data;
  return digits.slice(0, count).map((digit, i) => ({ digit, probabilities: softmax(logits.slice(i * CLASSES, (i + 1) * CLASSES)) }));
}

function softmax(logits: Float32Array): number[] {
  const top = Math.max(...logits);
  const exps = Array.from(logits, (logit) => Math.exp(logit - top));
  const sum = exps.reduce((total, value) => total + value, 0);
  return exps.map((value) => value / sum);
}
