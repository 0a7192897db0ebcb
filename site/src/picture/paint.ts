/** Pictures on canvases. */
import { type Child, el } from '../ui/dom.js';
import type { Pixels } from './pixels.js';

export interface Shown {
  readonly element: HTMLElement;
  readonly caption: HTMLElement;
  /** `about` is what a screen reader reads in place of the picture. */
  show(pixels: Pixels, about: string): void;
}

/** A picture with what it is under it; `isDetail` shows its pixels as squares. */
export function shownPicture(title: Child, about: string, isDetail = false): Shown {
  const canvas = el('canvas', { width: 3, height: 2, role: 'img', 'aria-label': about, class: isDetail ? 'detail' : undefined });
  const caption = el('figcaption', {}, title);
  return {
    element: el('figure', { class: 'shown' }, canvas, caption),
    caption,
    show(pixels, now) {
      canvas.setAttribute('aria-label', now);
      paint(canvas, pixels);
    },
  };
}

export function paint(canvas: HTMLCanvasElement, { data, width, height }: Pixels): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
}

/** A picture file, no longer than `most` pixels on its longer side. */
export async function decoded(file: Blob, most: number): Promise<Pixels> {
  const bitmap = await createImageBitmap(file);
  const pixels = scaled(bitmap, bitmap.width, bitmap.height, most);
  bitmap.close();
  return pixels;
}

/** The same, no longer than `most` pixels. */
export function within(pixels: Pixels, most: number): Pixels {
  if (Math.max(pixels.width, pixels.height) <= most) return pixels;
  const canvas = el('canvas');
  paint(canvas, pixels);
  return scaled(canvas, pixels.width, pixels.height, most);
}

function scaled(source: CanvasImageSource, width: number, height: number, most: number): Pixels {
  const scale = Math.min(1, most / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const context = Object.assign(el('canvas'), size).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser gives no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, size.width, size.height);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  return { data: new Uint8ClampedArray(data), ...size };
}
