/** Calls of a job at most, and threads. */
export const MOST_ITEMS = 256;
export const MOST_THREADS = 64;
