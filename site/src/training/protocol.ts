/** What the page and the worker that trains tell each other. */
import type { Info } from 'simdconv';
import type { Reading } from './reading.js';

export type ToWorker =
  | { readonly kind: 'start'; readonly digits: string; readonly epochs: number; readonly seed: number }
  | { readonly kind: 'pause' | 'resume' }
  /** 28x28 brightnesses, to be read now and after every report; none to read no more. */
  | { readonly kind: 'read'; readonly image: Float32Array | undefined };

/** A layer of the network, its output without the batch, and how many numbers it learns. */
export interface LayerFacts {
  readonly name: string;
  readonly makes: string;
  readonly weights: number;
}

export interface Ready {
  readonly kind: 'ready';
  readonly info: Pick<Info, 'version' | 'variant'>;
  readonly layers: readonly LayerFacts[];
  readonly learnFrom: number;
  readonly heldOut: number;
  /** Of all epochs. */
  readonly steps: number;
  /** Some held-out digits, one after another, and what they are. */
  readonly samples: Float32Array;
  readonly labels: readonly number[];
}

export interface Report {
  readonly kind: 'report';
  /** Of each step since the last report. */
  readonly losses: readonly number[];
  readonly steps: number;
  /** In the steps alone: forward, backward, descent. */
  readonly imagesPerSecond: number;
  /** The 12 kernels of the first layer, 5x5 each, one after another. */
  readonly filters: Float32Array;
  /** Of the samples. */
  readonly readings: readonly Reading[];
  /** Share of all held-out digits that are read right, when that was counted since the last report. */
  readonly accuracy: number | undefined;
  readonly isDone: boolean;
}

/** The image of the last `read`, and what the first layer makes of it: 12 pictures of 24x24. */
export interface Seen {
  readonly kind: 'seen';
  readonly reading: Reading;
  readonly maps: Float32Array;
}

export type ToPage = Ready | Report | Seen | { readonly kind: 'failed'; readonly message: string };
