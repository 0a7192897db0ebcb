import { describe, expect, test } from 'vitest';
import { PIXELS, type Sample, SIZE } from '../../examples/mnist/digits.js';
import { readClasses } from '../../examples/mnist/files.js';
import { packed, unpacked } from '../../site/src/training/packed-digits.js';
import { imageOf, type Stroke } from '../../site/src/training/strokes.js';
import { Trainer } from '../../site/src/training/trainer.js';
import { loadSync } from '../../src/index.js';

const classes = readClasses();

test("the packed digits are the package's, to the last decimal", () => {
  const again = unpacked(packed(classes).buffer);
  expect(again.map((of) => of.length)).toEqual(classes.map((of) => of.length));
  const differs = ({ pixels }: Sample, other: Sample | undefined): boolean =>
    Array.from(pixels).some((value, i) => Math.fround(value) !== other?.pixels[i]);
  expect(classes.flatMap((of, label) => of.filter((sample, i) => differs(sample, again[label]?.[i]))).length).toBe(0);
});

describe('what is drawn', () => {
  const one: Stroke[] = [
    [
      { x: 200, y: 30 },
      { x: 190, y: 260 },
    ],
  ];
  const inked = (image: Float32Array): number[] => [...image.keys()].filter((i) => (image[i] as number) > 0.5);

  test('fills 20 pixels, in the middle, wherever and however large it was', () => {
    const image = imageOf(one);
    const small = imageOf(one.map((stroke) => stroke.map(({ x, y }) => ({ x: x / 7 + 3, y: y / 7 - 11 }))));
    expect(small.every((value, i) => Math.abs(value - (image[i] as number)) < 1e-5)).toBe(true);
    const rows = inked(image).map((i) => Math.floor(i / SIZE));
    expect(Math.max(...rows) - Math.min(...rows) + 1).toBeGreaterThanOrEqual(18);
    expect(Math.max(...rows) - Math.min(...rows) + 1).toBeLessThanOrEqual(21);
    const sum = image.reduce((total, value) => total + value, 0);
    const x = image.reduce((total, value, i) => total + value * ((i % SIZE) + 0.5), 0) / sum;
    const y = image.reduce((total, value, i) => total + value * (Math.floor(i / SIZE) + 0.5), 0) / sum;
    expect(Math.abs(x - SIZE / 2)).toBeLessThan(0.1);
    expect(Math.abs(y - SIZE / 2)).toBeLessThan(0.1);
  });

  test('is blank without strokes, and a dot for a dot', () => {
    expect(Math.max(...imageOf([]))).toBe(0);
    expect(inked(imageOf([[{ x: 5, y: 5 }]])).length).toBeGreaterThan(3);
  });
});

describe('the trainer', () => {
  test('counts, reports each loss once, and learns', () => {
    const kernels = loadSync({ variant: 'simd' });
    const few = classes.map((of) => of.slice(0, 180));
    const trainer = new Trainer(kernels, few, 2, 7);
    const { steps, learnFrom, samples, labels } = trainer.ready;
    expect([learnFrom, steps, samples.length / PIXELS, labels.length]).toEqual([800, 40, 20, 20]);
    const losses: number[] = [];
    const accuracies: number[] = [];
    const take = (): void => {
      const { losses: some, accuracy, filters, readings } = trainer.report();
      losses.push(...some);
      if (accuracy !== undefined) accuracies.push(accuracy);
      expect(filters.length).toBe(12 * 25);
      for (const { digit, probabilities } of readings) {
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(probabilities.indexOf(Math.max(...probabilities))).toBe(digit);
      }
    };
    take();
    while (trainer.step()) take();
    take();
    expect(losses.length).toBe(steps);
    expect(losses.slice(-5).every((loss) => loss < (losses[0] as number) / 2)).toBe(true);
    expect(accuracies.at(-1)).toBeGreaterThan(0.75);
    expect(trainer.report().isDone).toBe(true);
    const { reading, maps } = trainer.look(samples.slice(0, PIXELS));
    expect(reading).toEqual(trainer.report().readings[0]);
    expect(maps.length).toBe(12 * 24 * 24);
    kernels.dispose();
  });
});
