/** Paints the picture that comes with the page, away from the page's own thread. */
import { respond } from '../workers/caller.js';
import { type Pixels, pixelsOf } from './pixels.js';
import { scene } from './scene.js';

export interface SceneRequest {
  readonly width: number;
  readonly height: number;
}

respond(async ({ width, height }: SceneRequest): Promise<Pixels> => pixelsOf(scene(width, height)));
