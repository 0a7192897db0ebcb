/** Lines of a pen to what the network reads: prepared as the digits that it learned from were. */
import { PIXELS, SIZE } from '../../../examples/mnist/digits.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** Where the pen went from down to up. */
export type Stroke = readonly Point[];

/** Pixels of the longer side of a digit, and half of its lines' width. */
const [INK, RADIUS] = [20, 1.25];

/** A digit fills 20x20 of the 28x28 pixels, with its centre of mass in the middle. Blank without strokes. */
export function imageOf(strokes: readonly Stroke[]): Float32Array {
  const points = strokes.flat();
  if (points.length === 0) return new Float32Array(PIXELS);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  const scale = extent === 0 ? 1 : (INK - 2 * RADIUS) / extent;
  const scaled = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: (x - left) * scale + 4 + RADIUS, y: (y - top) * scale + 4 + RADIUS })),
  );
  const { x, y } = centreOf(inked(scaled));
  return inked(scaled.map((stroke) => stroke.map((point) => ({ x: point.x + SIZE / 2 - x, y: point.y + SIZE / 2 - y }))));
}

/** Full within the lines, falling to zero over the pixel at their edge. */
function inked(strokes: readonly Stroke[]): Float32Array {
  const image = new Float32Array(PIXELS);
  for (let i = 0; i < PIXELS; i++) {
    const [x, y] = [(i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5];
    const distance = Math.min(...strokes.map((stroke) => distanceTo(stroke, x, y)));
    image[i] = Math.min(1, Math.max(0, RADIUS + 0.5 - distance));
  }
  return image;
}

function distanceTo(stroke: Stroke, x: number, y: number): number {
  const [first] = stroke;
  let least = first ? Math.hypot(x - first.x, y - first.y) : Number.POSITIVE_INFINITY;
  for (let i = 1; i < stroke.length; i++) {
    const [a, b] = [stroke[i - 1] as Point, stroke[i] as Point];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = dx * dx + dy * dy;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
    least = Math.min(least, Math.hypot(x - a.x - t * dx, y - a.y - t * dy));
  }
  return least;
}

function centreOf(image: Float32Array): Point {
  let [sum, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    sum += value;
    x += value * ((i % SIZE) + 0.5);
    y += value * (Math.floor(i / SIZE) + 0.5);
  });
  return { x: x / sum, y: y / sum };
}
