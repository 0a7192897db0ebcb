/** What it takes to share work between threads, beside the work. */

/**
 * Picoseconds that a job takes beyond its parts, a part beyond its kernel, and a product that is not worth looking at (AMD EPYC, Zen 5, two cores; `npm run bench -- --threads 2`).
 * Tests set them to 0, so that whatever can be cut is.
 */
export const OVERHEAD = { job: 12e6, part: 0.7e6, small: 40e6 };

/**
 * Picoseconds that threads lose by so many values that this one copies in for them, or out: each comes from another core's cache, and a copy to shared memory takes up to twice as long as
 * another. A product of one row that reads a weight once took 4 times as long on two threads as on one, where that weight was copied in for it (AMD EPYC, Zen 5).
 */
export const costOfCopies = (values: number, threads: number): number => (COPIED * values * (threads - 1)) / threads;
const COPIED = 800;
