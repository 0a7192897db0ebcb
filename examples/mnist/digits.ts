/** Handwritten digits: split by a seed, and gathered into batches. */

export const SIZE = 28;
export const CLASSES = 10;
export const PIXELS = SIZE * SIZE;

/** Images of 28x28 brightnesses in [0, 1], one after another, and which digit each one is. */
export interface Digits {
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}

export type Random = () => number;

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates. */
export function shuffle<Items extends { length: number; [index: number]: unknown }>(items: Items, random: Random): Items {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

export interface Sample {
  readonly pixels: ArrayLike<number>;
  readonly label: number;
}

/** `heldOut` digits, as many of each class, that training never sees, and up to `most` of the others. */
export function splitDigits(
  classes: readonly Sample[][],
  random: Random,
  heldOut: number,
  most = Number.POSITIVE_INFINITY,
): { train: Digits; test: Digits } {
  const train: Sample[] = [];
  const test: Sample[] = [];
  for (const unsorted of classes) {
    const samples = shuffle([...unsorted], random);
    test.push(...samples.slice(0, heldOut / CLASSES));
    train.push(...samples.slice(heldOut / CLASSES));
  }
  return { train: join(shuffle(train, random).slice(0, most)), test: join(shuffle(test, random)) };
}

/**
 * Copies the images at `indices` into `x` and returns their labels. With `jitter` each is moved by up to one pixel each way, so that a network
 * cannot learn places by heart. The margins are blank: moving the array moves the picture.
 */
export function gather(digits: Digits, indices: Uint32Array, x: Float32Array, jitter?: Random): Uint8Array {
  const step = () => (jitter ? Math.floor(3 * jitter()) - 1 : 0);
  indices.forEach((index, row) => {
    const from = digits.images.subarray(index * PIXELS, (index + 1) * PIXELS);
    const to = x.subarray(row * PIXELS, (row + 1) * PIXELS).fill(0);
    const move = step() * SIZE + step();
    if (move < 0) to.set(from.subarray(-move));
    else to.set(from.subarray(0, PIXELS - move), move);
  });
  return Uint8Array.from(indices, (index) => digits.labels[index] as number);
}

function join(samples: readonly Sample[]): Digits {
  const images = new Float32Array(samples.length * PIXELS);
  samples.forEach(({ pixels }, i) => {
    images.set(pixels, i * PIXELS);
  });
  return { images, labels: Uint8Array.from(samples, ({ label }) => label) };
}
