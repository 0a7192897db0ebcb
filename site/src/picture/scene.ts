/** The picture that comes with the page, made by code: a bay with hills, water, a lighthouse and a sail. */
import type { Tensor } from 'simdconv';

type Colour = readonly [red: number, green: number, blue: number];

/** [1, 3, H, W] in [0, 1]. Each pixel is the mean of some points in it, so that edges are as soft as a camera's. */
export function scene(width: number, height: number): Tensor {
  const data = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    for (const [dx, dy] of POINTS) {
      const colour = colourAt((column + dx) / height, (row + dy) / height, width / height);
      for (let channel = 0; channel < 3; channel++) {
        const at = channel * width * height + i;
        data[at] = (data[at] as number) + Math.min(1, Math.max(0, colour[channel] as number)) / POINTS.length;
      }
    }
  }
  return { data, shape: [1, 3, height, width] };
}

const POINTS = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75],
] as const;

/** Where the water begins, from the top. */
const SHORE = 0.66;

/** Of a point `x` from the left and `y` from the top, in heights of the picture, which is `wide` of them. */
function colourAt(x: number, y: number, wide: number): Colour {
  return sail(x - 0.7 * wide, y) ?? lighthouse(x - 0.2 * wide, y) ?? (y < SHORE ? land(x, y, wide) : water(x, y, wide));
}

function land(x: number, y: number, wide: number): Colour {
  for (const { height, rough, colour } of HILLS) {
    const line = SHORE - height * (0.35 + 0.65 * fractal(x * rough, height * 100));
    if (y > line) return shaded(colour, 0.72 + 0.5 * fractal(x * 36, y * 36 + 40 * height) + 0.3 * Math.max(0, 0.05 - (y - line)) * 10);
  }
  return sky(x, y, wide);
}

/** From the nearest. */
const HILLS: readonly { readonly height: number; readonly rough: number; readonly colour: Colour }[] = [
  { height: 0.16, rough: 6, colour: [0.24, 0.36, 0.2] },
  { height: 0.34, rough: 4, colour: [0.36, 0.42, 0.42] },
  { height: 0.52, rough: 3, colour: [0.52, 0.56, 0.66] },
];

function sky(x: number, y: number, wide: number): Colour {
  const sun = Math.hypot(x - 0.52 * wide, y - 0.15);
  if (sun < 0.06) return [1, 0.95, 0.78];
  const glow = 0.28 * Math.exp(-6 * sun);
  const cloud = 0.55 * Math.max(0, fractal(x * 3, y * 9 + 70) - 0.5);
  return [0.5 + 0.4 * y + glow + cloud, 0.66 + 0.2 * y + 0.7 * glow + cloud, 0.86 - 0.05 * y + cloud];
}

/** What is above, mirrored and moved by ripples that are finer the farther away they are. */
function water(x: number, y: number, wide: number): Colour {
  const near = (y - SHORE) / (1 - SHORE);
  const ripple = Math.sin(14 / (0.08 + near) + 9 * fractal(x * 5, near * 12)) * (0.01 + 0.04 * near);
  const [red, green, blue] = land(x + ripple, Math.max(0, SHORE - 0.9 * (y - SHORE) + ripple), wide);
  return [0.62 * red + 0.02, 0.68 * green + 0.06, 0.72 * blue + 0.12];
}

/** A tower with red bands on a rock; `x` from its middle. */
function lighthouse(x: number, y: number): Colour | undefined {
  const [top, foot] = [0.3, 0.72];
  if (Math.hypot(x, (y - foot - 0.03) * 2.2) < 0.14 + 0.03 * fractal(x * 20, y * 20))
    return shaded([0.34, 0.31, 0.28], 0.6 + fractal(x * 50, y * 50));
  const half = 0.022 + 0.02 * ((y - top) / (foot - top));
  if (y > top && y < foot && Math.abs(x) < half) {
    const band = Math.floor(((y - top) / (foot - top)) * 7) % 2 === 0;
    return shaded(band ? [0.96, 0.94, 0.9] : [0.8, 0.16, 0.14], 1 - 0.35 * Math.max(0, x / half));
  }
  if (y > top - 0.045 && y <= top && Math.abs(x) < 0.02) return Math.abs(x) < 0.013 && y < top - 0.01 ? [1, 0.9, 0.45] : [0.15, 0.16, 0.2];
  return y > top - 0.08 && y <= top - 0.045 && Math.abs(x) < (y - top + 0.08) * 0.8 ? [0.7, 0.14, 0.13] : undefined;
}

/** A boat whose sail has thin stripes; `x` from its mast. */
function sail(x: number, y: number): Colour | undefined {
  const [top, foot] = [0.42, 0.84];
  if (y > foot && y < foot + 0.045 && Math.abs(x) < 0.15 - (y - foot)) return [0.3, 0.17, 0.1];
  if (y < top || y > foot) return undefined;
  if (Math.abs(x) < 0.004) return [0.25, 0.2, 0.16];
  const reach = ((y - top) / (foot - top)) * (x < 0 ? 0.09 : 0.15);
  if (Math.abs(x) > reach || y > foot - 0.02) return undefined;
  return x > 0 && Math.floor((y - 0.6 * x) * 60) % 4 === 0 ? [0.16, 0.3, 0.55] : [0.97, 0.95, 0.88];
}

const shaded = ([red, green, blue]: Colour, light: number): Colour => [red * light, green * light, blue * light];

/** Five octaves of smooth noise, about in [0, 1]. */
function fractal(x: number, y: number): number {
  let sum = 0;
  for (let octave = 0, size = 1, weight = 0.5; octave < 5; octave++, size *= 2, weight /= 2) sum += weight * noise(x * size, y * size);
  return sum;
}

/** Random numbers at whole coordinates, smoothly between. */
function noise(x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = smooth(x - left);
  const upper = hash(left, top) * (1 - across) + hash(left + 1, top) * across;
  const lower = hash(left, top + 1) * (1 - across) + hash(left + 1, top + 1) * across;
  const down = smooth(y - top);
  return upper * (1 - down) + lower * down;
}

const smooth = (t: number): number => t * t * (3 - 2 * t);

function hash(x: number, y: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}
