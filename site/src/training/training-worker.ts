/** Trains away from the page's own thread, and looks for messages between steps. */
import { load } from 'simdconv';
import { scope } from '../workers/caller.js';
import { unpacked } from './packed-digits.js';
import type { ToPage, ToWorker } from './protocol.js';
import { Trainer } from './trainer.js';

/** Milliseconds from one report to the next. */
const PERIOD = 100;

let trainer: Trainer | undefined;
let image: Float32Array | undefined;
/** Fulfilled when the training may go on. */
let gate: Promise<void> = Promise.resolve();
let open = (): void => undefined;

const post = (message: ToPage): void => scope.postMessage(message);

async function start({ digits, epochs, seed }: ToWorker & { kind: 'start' }): Promise<void> {
  const [kernels, classes] = await Promise.all([load(), fetched(digits)]);
  trainer = new Trainer(kernels, classes, epochs, seed);
  post(trainer.ready);
  post(trainer.report());
  let reported = performance.now();
  while (trainer.step()) {
    if (performance.now() - reported < PERIOD) continue;
    tell(trainer);
    await turn();
    await gate;
    reported = performance.now();
  }
  tell(trainer);
}

function tell(from: Trainer): void {
  post(from.report());
  if (image) post(from.look(image));
}

async function fetched(url: string): Promise<ReturnType<typeof unpacked>> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`the digits do not load (${response.status})`);
  return unpacked(await new Response(response.body.pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer());
}

/** Lets messages in. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'start') start(data).catch((error: unknown) => post({ kind: 'failed', message: String(error) }));
  else if (data.kind === 'read') {
    image = data.image;
    if (image && trainer) post(trainer.look(image));
  } else if (data.kind === 'pause') {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  } else open();
});
