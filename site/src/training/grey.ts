/** Grey pictures of numbers, pixel by pixel, on canvases that are shown larger. */
import { el } from '../ui/dom.js';

/** Brightness of a value, 0 to 1. */
export type Tone = (value: number) => number;

/** Ink on paper: 0 is white. */
export const ink: Tone = (value) => 1 - value;

/** From black, for the least of the numbers, to white for the largest; of both signs alike, so that 0 is grey. */
export function signed(values: Float32Array): Tone {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  return (value) => 0.5 + (0.5 * value) / most;
}

export function greyCanvas(size: number, label: string): HTMLCanvasElement {
  return el('canvas', { width: size, height: size, role: 'img', 'aria-label': label, class: 'grey' });
}

export function paintGrey(canvas: HTMLCanvasElement, values: Float32Array, tone: Tone): void {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.fill(255 * tone(values[i] as number), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
