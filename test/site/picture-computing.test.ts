import { describe, expect, it } from 'vitest';
import { filtered, largestDifference, obstacle, timed } from '../../site/src/picture/apply.js';
import { BORDERS, type Border, FILTERS } from '../../site/src/picture/filters.js';
import { pixelsOf, tensorOf } from '../../site/src/picture/pixels.js';
import { scene } from '../../site/src/picture/scene.js';
import { BILINEAR, decibels, enlarged, halved, Learner, meanSquare, NEAREST } from '../../site/src/picture/upsample.js';
import { loadSync, type Tensor } from '../../src/index.js';

const [kernels, reference] = [loadSync({ variant: 'simd' }), loadSync({ variant: 'reference' })];
const picture = scene(46, 34);
const borders = Object.keys(BORDERS) as Border[];

function seeded(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the picture of the page', () => {
  it('has values in [0, 1] of many kinds, and survives the bytes of a canvas', () => {
    expect(picture.shape).toEqual([1, 3, 34, 46]);
    expect(Math.min(...picture.data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...picture.data)).toBeLessThanOrEqual(1);
    expect(new Set(picture.data).size).toBeGreaterThan(1000);
    const pixels = pixelsOf(picture);
    expect(largestDifference(tensorOf(pixels), picture)).toBeLessThan(0.5 / 255 + 1e-6);
    expect(pixelsOf(tensorOf(pixels)).data).toEqual(pixels.data);
  });

  it('lies on white where it is transparent', () => {
    const { data } = tensorOf({ data: Uint8ClampedArray.of(0, 0, 0, 0, 255, 0, 0, 51), width: 2, height: 1 });
    expect([...data].map((value) => Math.round(value * 1000) / 1000)).toEqual([1, 1, 1, 0.8, 1, 0.8]);
  });
});

/** From the definition: the pixel that stands at an index beyond the edge. */
function beyond(index: number, size: number, border: Border): number {
  if (index >= 0 && index < size) return index;
  if (border === 'replicate') return index < 0 ? 0 : size - 1;
  if (border === 'reflect') return index < 0 ? -index : 2 * (size - 1) - index;
  if (border === 'circular') return (index + size) % size;
  return -1;
}

describe('a filter', () => {
  it.each(FILTERS.flatMap((filter) => borders.map((border) => ({ filter, border, name: filter.name }))))(
    '$name, $border, is Σ tap · pixel / divisor + offset',
    ({ filter, border }) => {
      const [, , height = 0, width = 0] = picture.shape;
      const y = filtered(kernels, picture, { filter, border, times: 1 });
      const reach = filter.size >> 1;
      const cut = border === 'none' ? reach : 0;
      expect(y.shape).toEqual([1, 3, height - 2 * cut, width - 2 * cut]);
      const [, , rows = 0, columns = 0] = y.shape;
      for (let i = 0; i < y.data.length; i++) {
        const [channel, row, column] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
        let sum = 0;
        filter.taps.forEach((tap, t) => {
          const from = beyond(row + cut + Math.floor(t / filter.size) - reach, height, border);
          const at = beyond(column + cut + (t % filter.size) - reach, width, border);
          if (from >= 0 && at >= 0) sum += tap * (picture.data[(channel * height + from) * width + at] as number);
        });
        expect(Math.abs((y.data[i] as number) - (sum / filter.divisor + filter.offset))).toBeLessThan(1e-5);
      }
    },
  );

  it('applied several times is that of what it made; the reference agrees', () => {
    const work = { filter: FILTERS[0] as (typeof FILTERS)[0], border: 'reflect' as const, times: 3 };
    const three = filtered(kernels, picture, work);
    const once = filtered(kernels, filtered(kernels, picture, { ...work, times: 2 }), { ...work, times: 1 });
    expect(three.data).toEqual(once.data);
    expect(largestDifference(three, filtered(reference, picture, work))).toBeLessThan(1e-6);
  });

  it('is timed', () => {
    const work = { filter: FILTERS[1] as (typeof FILTERS)[0], border: 'none' as const, times: 1 };
    const { milliseconds, gflops } = timed(reference, picture, work, 0);
    expect(gflops * milliseconds * 1e6).toBeCloseTo(2 * 9 * 3 * 32 * 44, 3);
  });

  it('says what a picture is too small for', () => {
    const five = FILTERS[0] as (typeof FILTERS)[0];
    for (const border of borders) {
      for (const size of [1, 2, 3, 4, 5, 6, 8, 9]) {
        const work = { filter: five, border, times: 2 };
        const tiny: Tensor = { data: new Float32Array(3 * size * size), shape: [1, 3, size, size] };
        const fits = obstacle(tiny.shape, work) === undefined;
        if (fits) expect(filtered(kernels, tiny, work).data.length).toBeGreaterThan(0);
        else expect(size).toBeLessThanOrEqual(border === 'none' ? 8 : 2);
      }
    }
  });
});

describe('enlarging', () => {
  const { high, low } = halved(kernels, scene(47, 35));

  it('halves by the mean of each square, without an odd last row or column', () => {
    expect(high.shape).toEqual([3, 1, 34, 46]);
    expect(low.shape).toEqual([3, 1, 17, 23]);
    const [a, b, c, d] = [0, 1, 46, 47].map((i) => high.data[i] as number) as [number, number, number, number];
    expect(low.data[0]).toBeCloseTo((a + b + c + d) / 4, 6);
  });

  it('by nearest and bilinear is what their names say, at the edges too', () => {
    const [nearest, bilinear] = [NEAREST, BILINEAR].map((kernel) => enlarged(kernels, low, kernel)) as [Tensor, Tensor];
    expect(nearest.shape).toEqual(high.shape);
    expect(bilinear.shape).toEqual(high.shape);
    const pixel = (row: number, column: number): number =>
      low.data[Math.min(16, Math.max(0, row)) * 23 + Math.min(22, Math.max(0, column))] as number;
    for (let row = 0; row < 34; row++) {
      for (let column = 0; column < 46; column++) {
        const [r, c] = [row >> 1, column >> 1];
        expect(nearest.data[row * 46 + column]).toBeCloseTo(pixel(r, c), 6);
        const [r2, c2] = [r + (row % 2 ? 1 : -1), c + (column % 2 ? 1 : -1)];
        const value = (9 * pixel(r, c) + 3 * pixel(r2, c) + 3 * pixel(r, c2) + pixel(r2, c2)) / 16;
        expect(bilinear.data[row * 46 + column]).toBeCloseTo(value, 5);
      }
    }
  });

  it.each([4, 6, 8])('a learned kernel %i×%i is the best there is', (size) => {
    const learner = new Learner(kernels, { high, low }, size, seeded());
    const losses = [learner.loss];
    while (learner.steps.taken < 3 * size * size && learner.step()) losses.push(learner.loss);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThanOrEqual((losses[i - 1] as number) * 1.0001);
    const y = enlarged(kernels, low, learner.kernel);
    const loss = meanSquare(y, high);
    expect(learner.loss).toBeCloseTo(loss, 6);
    expect(loss).toBeLessThan(meanSquare(enlarged(kernels, low, BILINEAR), high));
    expect(loss / leastSquares(low, high, size)).toBeLessThan(1.001);
    learner.dispose();
  });

  it('counts in decibels', () => expect(decibels(0.001)).toBeCloseTo(30, 9));

  it('gives all of its memory back', () => {
    const before = kernels.info.memory.liveBytes;
    const learner = new Learner(kernels, { high, low }, 4, seeded());
    learner.step();
    learner.dispose();
    expect(kernels.info.memory.liveBytes).toBe(before);
  });
});

/** The smallest loss of any kernel: the normal equations AᵀA w = Aᵀt in float64, A column by column from the reference. */
function leastSquares(low: Tensor, high: Tensor, size: number): number {
  const taps = size * size;
  const columns = Array.from({ length: taps }, (_, tap) => {
    const data = Float32Array.from({ length: taps }, (_, i) => (i === tap ? 1 : 0));
    return enlarged(reference, low, { data, shape: [1, 1, size, size] }).data;
  });
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  const rows = columns.map((a, i) => [...columns.map((b) => dot(a, b)), dot(columns[i] as Float32Array, high.data)]);
  for (let pivot = 0; pivot < taps; pivot++) {
    const top = rows[pivot] as number[];
    for (const row of rows.slice(pivot + 1)) {
      const factor = (row[pivot] as number) / (top[pivot] as number);
      for (let i = pivot; i <= taps; i++) row[i] = (row[i] as number) - factor * (top[i] as number);
    }
  }
  const w = new Float64Array(taps);
  for (let i = taps - 1; i >= 0; i--) {
    const row = rows[i] as number[];
    w[i] =
      ((row[taps] as number) - row.slice(i + 1, taps).reduce((sum, value, j) => sum + value * (w[i + 1 + j] as number), 0)) /
      (row[i] as number);
  }
  return meanSquare(enlarged(reference, low, { data: Float32Array.from(w), shape: [1, 1, size, size] }), high);
}
