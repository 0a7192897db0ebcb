/** The part "Training". */
import { el } from '../ui/dom.js';
import { drawView } from './draw-view.js';
import { learnedView } from './learned-view.js';
import { progressView } from './progress-view.js';
import type { ToPage, ToWorker } from './protocol.js';
import './training.css';

/** Made from the package of the digits when the page is built. */
const DIGITS = new URL('../../generated/digits.bin', import.meta.url).href;

export function mount(host: HTMLElement): () => void {
  let worker: Worker | undefined;
  let image: Float32Array | undefined;
  const send = (message: ToWorker): void => worker?.postMessage(message);

  const progress = progressView({
    start(choices) {
      worker?.terminate();
      worker = new Worker(new URL('./training-worker.js', import.meta.url), { type: 'module' });
      worker.addEventListener('message', ({ data }: MessageEvent<ToPage>) => receive(data));
      worker.addEventListener('error', ({ message }) => progress.fail(message || 'the worker does not start'));
      send({ kind: 'start', digits: DIGITS, ...choices });
      if (image) send({ kind: 'read', image });
    },
    pause: () => send({ kind: 'pause' }),
    resume: () => send({ kind: 'resume' }),
  });
  const learned = learnedView();
  const draw = drawView((next) => {
    image = next;
    send({ kind: 'read', image });
  });
  function receive(message: ToPage): void {
    if (message.kind === 'ready') {
      progress.begin(message);
      learned.begin(message);
    } else if (message.kind === 'report') {
      progress.show(message);
      learned.show(message);
    } else if (message.kind === 'seen') draw.show(message);
    else progress.fail(message.message);
  }

  host.append(
    el(
      'div',
      { class: 'part training' },
      el('h1', {}, 'Training'),
      el('p', { class: 'about' }, 'A small network of convolutions learns in this browser, by the gradients of this library.'),
      progress.element,
      draw.element,
      learned.element,
    ),
  );
  return () => worker?.terminate();
}
