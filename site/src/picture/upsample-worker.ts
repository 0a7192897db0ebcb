/** Halves a picture and learns to enlarge it, in steps, away from the page's own thread. */
import { type Kernels, load, type Tensor } from 'simdconv';
import { seeded } from '../../../examples/mnist/digits.js';
import { respond } from '../workers/caller.js';
import { type Pixels, tensorOf } from './pixels.js';
import { BILINEAR, decibels, enlarged, type Halved, halved, Learner, meanSquare, NEAREST } from './upsample.js';

export type UpsampleRequest =
  | { readonly kind: 'start'; readonly pixels: Pixels; readonly size: number; readonly seed: number }
  /** One step, or as many as fit into so many milliseconds. */
  | { readonly kind: 'learn'; readonly milliseconds: number };

/** A picture, and how near it is to the one that was halved. */
export interface Attempt {
  readonly tensor: Tensor;
  readonly loss: number;
  readonly decibels: number;
}

export interface UpsampleAnswer {
  /** After `start` only. */
  readonly fixed: { readonly high: Tensor; readonly low: Tensor; readonly nearest: Attempt; readonly bilinear: Attempt } | undefined;
  readonly learned: Attempt;
  readonly kernel: Tensor;
  readonly steps: number;
  /** Loss after each step that was taken for this request; after `start` that of the random kernel. */
  readonly losses: readonly number[];
  /** Whether more steps would gain nothing. */
  readonly isDone: boolean;
}

/** Learning ends when as many steps as the kernel is wide gained less than this part of the loss, or when exact numbers would have ended: after a step for each tap. */
const GAIN = 1e-3;

interface State {
  readonly halved: Halved;
  readonly learner: Learner;
  /** After each step so far. */
  readonly history: number[];
}

let kernels: Promise<Kernels> | undefined;
let state: State | undefined;

async function answer(request: UpsampleRequest): Promise<UpsampleAnswer> {
  kernels ??= load();
  const loaded = await kernels;
  if (request.kind === 'start') {
    state?.learner.dispose();
    const { high, low } = halved(loaded, tensorOf(request.pixels));
    state = { halved: { high, low }, learner: new Learner(loaded, { high, low }, request.size, seeded(request.seed)), history: [] };
    const by = (kernel: Tensor): Attempt => attempt(enlarged(loaded, low, kernel), high);
    return { fixed: { high, low, nearest: by(NEAREST), bilinear: by(BILINEAR) }, ...shown(loaded, state, [state.learner.loss], false) };
  }
  if (!state) throw new Error('learning has not started');
  const { learner, history } = state;
  const begin = performance.now();
  const losses: number[] = [];
  let isDone = false;
  do {
    isDone = !learner.step();
    losses.push(learner.loss);
    history.push(learner.loss);
    isDone ||= hasSettled(state);
  } while (!isDone && performance.now() - begin < request.milliseconds);
  return { fixed: undefined, ...shown(loaded, state, losses, isDone) };
}

function hasSettled({ learner, history }: State): boolean {
  const [, , wide = 0, high = 0] = learner.kernel.shape;
  const earlier = history.at(-1 - wide);
  return history.length >= wide * high || (earlier !== undefined && earlier < learner.loss * (1 + GAIN));
}

function shown(
  loaded: Kernels,
  { halved: { high, low }, learner }: State,
  losses: number[],
  isDone: boolean,
): Omit<UpsampleAnswer, 'fixed'> {
  const kernel = { data: learner.kernel.data.slice(), shape: learner.kernel.shape };
  return { learned: attempt(enlarged(loaded, low, kernel), high), kernel, steps: learner.steps.taken, losses, isDone };
}

function attempt(tensor: Tensor, high: Tensor): Attempt {
  const loss = meanSquare(tensor, high);
  return { tensor, loss, decibels: decibels(loss) };
}

respond(answer);
