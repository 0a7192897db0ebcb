/** Where the picture comes from: the reader's by a file, a drop or a paste, or the one that the page paints. */
import { button } from '../ui/button.js';
import { el, uniqueId } from '../ui/dom.js';
import { Caller } from '../workers/caller.js';
import { decoded } from './paint.js';
import type { Pixels } from './pixels.js';
import type { SceneRequest } from './scene-worker.js';

/** Pixels of the longer side. */
const MOST = 1024;
const SCENE: SceneRequest = { width: 480, height: 320 };

export interface Source {
  readonly element: HTMLElement;
  dispose(): void;
}

export function pictureSource(host: HTMLElement, onPicture: (pixels: Pixels, name: string) => void): Source {
  const painter = new Caller<SceneRequest, Pixels>(new Worker(new URL('./scene-worker.js', import.meta.url), { type: 'module' }));
  const status = el('p', { class: 'soft', role: 'status' }, 'The page paints its picture …');
  /** Counts the pictures that were asked for: the last one is shown, whichever is ready first. */
  let turn = 0;

  async function take(picture: Promise<Pixels>, name: string): Promise<void> {
    const mine = ++turn;
    try {
      const pixels = await picture;
      if (mine !== turn) return;
      status.textContent = `${name}: ${pixels.width} × ${pixels.height} pixels`;
      onPicture(pixels, name);
    } catch {
      if (mine === turn) status.textContent = `${name} is no picture that this browser can read.`;
    }
  }
  const takeFile = (file: File | undefined): void => {
    if (file) void take(decoded(file, MOST), file.name || 'The pasted picture');
  };
  const paintScene = (): void => void take(painter.call(SCENE), "The page's picture");

  const id = uniqueId('file');
  const input = el('input', { id, type: 'file', accept: 'image/*' });
  input.addEventListener('change', () => takeFile(input.files?.[0]));
  const stops = [
    listen(document, 'paste', (event) => takeFile((event as ClipboardEvent).clipboardData?.files[0])),
    listen(host, 'dragover', (event) => event.preventDefault()),
    listen(host, 'drop', (event) => {
      event.preventDefault();
      takeFile((event as DragEvent).dataTransfer?.files[0]);
    }),
  ];
  paintScene();
  return {
    element: el(
      'div',
      { class: 'source' },
      el(
        'div',
        { class: 'row' },
        el('div', { class: 'field' }, el('label', { for: id }, 'Your picture (or drop one on this page, or paste it)'), input),
        button("The page's picture", paintScene),
      ),
      status,
      el('p', { class: 'soft' }, `It stays in this browser: nothing is uploaded. A side of more than ${MOST} pixels is made smaller.`),
    ),
    dispose() {
      for (const stop of stops) stop();
      painter.end();
    },
  };
}

function listen(target: EventTarget, type: string, listener: (event: Event) => void): () => void {
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
}
