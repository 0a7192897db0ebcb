/** Small whole numbers to compute with, so that every sum is exact and can be followed by hand. */
import type { Fill } from './state.js';

export interface FillChoice {
  readonly value: Fill;
  readonly label: string;
}

export const FILL_CHOICES: readonly FillChoice[] = [
  { value: 'digits', label: 'small digits' },
  { value: 'count', label: '1, 2, 3, …' },
  { value: 'ones', label: 'ones' },
  { value: 'single', label: 'a single 1' },
];

/** The digits of π, which have no order that could be mistaken for the convolution's. */
const PI = '314159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651';
/** Of e, for the kernel: without zeros, so that every tap is seen in the matrix. */
const E = '271828182845945235368747135266249775724793699959574966967627724766353547594571382178525166427427466391932';

/** As a tensor's elements in memory order: `planes` images of `space` positions. */
export function filled(fill: Fill, space: readonly number[], planes: number, kind: 'input' | 'kernel' | 'gradient'): Float32Array {
  const size = space.reduce((product, length) => product * length, 1);
  const centre = space.reduce((index, length) => index * length + Math.floor(length / 2), 0);
  const digits = kind === 'input' ? PI : E;
  const most = kind === 'input' ? 6 : 4;
  const first = kind === 'gradient' ? 31 : 0;
  const element: Readonly<Record<Fill, (index: number) => number>> = {
    digits: (index) => 1 + (Number(digits[(index + first) % digits.length]) % most),
    count: (index) => index + 1,
    ones: () => 1,
    single: (index) => (index % size === centre ? 1 : 0),
  };
  return Float32Array.from({ length: planes * size }, (_, index) => element[fill](index));
}
