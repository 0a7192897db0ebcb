import type { Job } from '../engine.js';
import type { ConvGeometry } from '../geometry/index.js';
import type { View } from './conv-view.js';

/** Most views of a program that is kept, some 1 kB each: the phases of stride 8x8. More take so long to run that making them again is nothing. */
const MOST_VIEWS = 64;

/** What was made for a geometry, for as long as that lives: the ops give the same one for the same problem. */
export class Programs<P extends { readonly views: readonly View[] }> {
  readonly #make: (g: ConvGeometry, job: Job) => P;
  readonly #made = new WeakMap<ConvGeometry, { readonly algorithm: Job['algorithm']; readonly program: P }>();

  constructor(make: (g: ConvGeometry, job: Job) => P) {
    this.#make = make;
  }

  of(g: ConvGeometry, job: Job): P {
    const { algorithm } = job;
    const made = this.#made.get(g);
    if (made?.algorithm === algorithm) return made.program;
    const program = this.#make(g, job);
    if (program.views.length <= MOST_VIEWS) this.#made.set(g, { algorithm, program });
    return program;
  }
}
