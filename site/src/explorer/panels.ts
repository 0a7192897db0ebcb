/** All panels of a model, in the order in which they are read. */
import type { Kernels } from 'simdconv';
import { copyPanel } from './copy-panel.js';
import { directOf } from './direct.js';
import { directPanel } from './direct-panel.js';
import { matrixPanel } from './matrix-panel.js';
import type { Model } from './model.js';
import { overlapPanel } from './overlap-panel.js';
import { relationshipPanel } from './relationship-panel.js';
import type { Selection } from './selection.js';
import { sharePanel } from './share-panel.js';
import type { State } from './state.js';
import { type Actions, viewOf } from './view.js';
import { windowPanel } from './window-panel.js';

export interface Panels {
  readonly model: Model;
  readonly elements: readonly HTMLElement[];
  light(selection: Selection): void;
  /** Ends what plays. */
  stop(): void;
}

/** @throws what the library refuses to compute */
export function panelsOf(kernels: Kernels, model: Model, actions: Actions, change: (part: Partial<State>) => void): Panels {
  const window = windowPanel(model, actions);
  const direct = directOf(kernels, model);
  const overlap = overlapPanel(model, actions);
  const matrix = matrixPanel(model, actions, change);
  // Of a gradient the matrix is asked about first, of a transposed convolution the direct one, as in the guide.
  const asDirect = direct ? [directPanel(model, direct, actions, change)] : [];
  const wide = model.state.op === 'transposed' ? [...asDirect, matrix] : [matrix, ...asDirect];
  const [copy, share] = [copyPanel(model), sharePanel()];
  for (const element of [window.element, ...wide.map((each) => each.element), copy, share]) element.classList.add('wide');
  return {
    model,
    elements: [window.element, relationshipPanel(model), overlap.element, ...wide.map(({ element }) => element), copy, share],
    light(selection) {
      const view = viewOf(model, selection);
      for (const each of [window, overlap, ...wide]) each.light(view);
    },
    stop: window.stop,
  };
}
