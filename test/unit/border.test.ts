import { describe, expect, it } from 'vitest';
import { convMatrix } from '../../src/arithmetic/index.js';
import { borderOf, convGeometry, forLines, type ImageShape, type Pair } from '../../src/geometry/index.js';
import type { Layout, PadMode } from '../../src/types.js';

type Mode = Exclude<PadMode, 'zeros'>;

/** Where position p of an endless continuation of `size` positions is read. */
const source: Record<Mode, (p: number, size: number) => number> = {
  reflect: (p, size) => (p < 0 ? -p : p >= size ? 2 * (size - 1) - p : p),
  replicate: (p, size) => Math.min(Math.max(p, 0), size - 1),
  circular: (p, size) => (p + size) % size,
};

/** The image that numbers its elements, continued by the copies of a border. */
function continued(mode: Mode, image: ImageShape, layout: Layout, pads: readonly Pair[]): { shape: readonly number[]; data: number[] } {
  const made = borderOf('conv', mode, image, layout, pads);
  if (made === null) throw new Error('no border');
  const data: number[] = Array(made.border.length).fill(-1);
  forLines(made.border.inside, (from, to, count, a, b) => {
    for (let i = 0; i < count; i++) data[to + i * b] = from + i * a;
  });
  for (const edge of made.border.edges) {
    forLines(edge, (from, to, count, a, b) => {
      for (let i = 0; i < count; i++) data[to + i * b] = data[from + i * a] as number;
    });
  }
  return { shape: made.image.space, data };
}

const MODES = ['reflect', 'replicate', 'circular'] as const;

describe('borderOf', () => {
  it('continues a line', () => {
    const line = (mode: Mode, pads: Pair) =>
      continued(mode, { batched: true, batch: 1, channels: 1, space: [4] }, 'channels-first', [pads]).data.join('');
    expect(line('reflect', [3, 3])).toBe('3210123210');
    expect(line('replicate', [2, 6])).toBe('000123333333');
    expect(line('circular', [4, 2])).toBe('0123012301');
    expect(line('reflect', [0, 2])).toBe('012321');
    // What a crop leaves is what goes on.
    expect(line('reflect', [-1, 2])).toBe('12321');
    expect(line('circular', [3, -1])).toBe('012012');
    expect(line('replicate', [-2, 2])).toBe('2333');
  });

  it.each(MODES)('%s: every element of images of three axes, in both layouts', (mode) => {
    for (const pads of [[[1, 2], [0, 3], [2, 1]], [[2, -1], [-1, 1], [1, 0]], [[0, 0], [0, 1], [0, 0]]] as const /* biome-ignore format: triples */) {
      for (const layout of ['channels-first', 'channels-last'] as const) {
        const [batch, channels, space] = [2, 3, [4, 5, 6]] as const;
        const { shape, data } = continued(mode, { batched: true, batch, channels, space }, layout, pads);
        const [d, h, w] = shape as [number, number, number];
        expect(data).toHaveLength(batch * channels * d * h * w);
        data.forEach((from, index) => {
          const pixel = layout === 'channels-first' ? index : Math.floor(index / channels);
          const at = [Math.floor(pixel / (h * w)) % d, Math.floor(pixel / w) % h, pixel % w];
          const [p, q, r] = at.map((position, axis) => {
            const [before, after] = pads[axis] as Pair;
            const crop = Math.max(0, -before);
            const kept = (space[axis] as number) - crop - Math.max(0, -after);
            return crop + source[mode](position - Math.max(0, before), kept);
          }) as [number, number, number];
          const image = Math.floor(index / (channels * d * h * w));
          const channel = layout === 'channels-first' ? Math.floor(index / (d * h * w)) % channels : index % channels;
          const place = (p * space[1] + q) * space[2] + r;
          const want =
            layout === 'channels-first' ? (image * channels + channel) * 120 + place : (image * 120 + place) * channels + channel;
          expect(from).toBe(want);
        });
      }
    }
  });

  it('there is none without positive pads', () => {
    const image = { batched: true, batch: 1, channels: 1, space: [4, 4] };
    expect(borderOf('conv', 'reflect', image, 'channels-first', [[0, 0], [-1, 0]])).toBeNull(); // biome-ignore format: one line
    const made = convGeometry('conv2d', 2, [1, 1, 4, 4], [1, 1, 2, 2], { padMode: 'reflect', padding: -1 });
    expect(made.geometry.border).toBeUndefined();
    expect(made.geometry.padBefore).toEqual([0, -1, -1]);
  });
});

describe('convMatrix with a border', () => {
  it('has the weight of every repetition in its element’s column', () => {
    const weight = { data: Float32Array.of(1, 10, 100), shape: [1, 1, 3] };
    const dense = (padMode: Mode): number[][] => {
      const made = convMatrix(weight, [1, 3], { padding: 1, padMode });
      const { data, shape } = made.toDense();
      expect([made.rows, made.cols, made.nnz]).toEqual([3, 3, 9]);
      expect(shape).toEqual([3, 3]);
      return [0, 1, 2].map((row) => [...data.slice(3 * row, 3 * row + 3)]);
    };
    expect(dense('reflect')).toEqual([[10, 101, 0], [1, 10, 100], [0, 101, 10]]); // biome-ignore format: rows
    expect(dense('replicate')).toEqual([[11, 100, 0], [1, 10, 100], [0, 1, 110]]); // biome-ignore format: rows
    expect(dense('circular')).toEqual([[10, 100, 1], [1, 10, 100], [100, 1, 10]]); // biome-ignore format: rows
  });

  it('keeps the columns of a row in order', () => {
    const { columns, rowPointers } = convMatrix({ data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 2, 2] }, [1, 3, 3], {
      padding: 2,
      padMode: 'circular',
    }).toCsr();
    for (let row = 0; row + 1 < rowPointers.length; row++) {
      const line = [...columns.slice(rowPointers[row], rowPointers[row + 1])];
      expect(line).toEqual([...line].sort((a, b) => a - b));
    }
  });
});
