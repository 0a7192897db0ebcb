/** The explorer: one state, the model that the library computes of it, and panels that show and light it. */
import { type Kernels, load, UnsupportedRuntimeError } from 'simdconv';
import './explorer.css';
import { el } from '../ui/dom.js';
import { explore } from './explorer.js';

/** The build without relaxed SIMD has the same bits everywhere, and is in this page already. */
async function start(): Promise<Kernels> {
  try {
    return await load({ variant: 'simd' });
  } catch (error) {
    if (error instanceof UnsupportedRuntimeError) return load({ variant: 'reference' });
    throw error;
  }
}

export function mount(host: HTMLElement): () => void {
  const status = el('p', { role: 'status' }, 'Starting the kernels …');
  host.append(
    el('h1', {}, 'What a convolution does, cell by cell'),
    el(
      'p',
      { class: 'about' },
      'Point at a cell, or go to it with the keyboard: everything that it meets lights up, in every picture. All numbers are computed here, as you change them.',
    ),
    status,
  );
  let end = (): void => {};
  let ended = false;
  start().then(
    (kernels) => {
      if (ended) return;
      status.remove();
      end = explore(host, kernels);
    },
    (error: unknown) => {
      status.className = 'error';
      status.textContent = `The kernels do not start: ${error instanceof Error ? error.message : error}`;
    },
  );
  return () => {
    ended = true;
    end();
  };
}
