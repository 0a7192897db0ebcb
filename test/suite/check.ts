/** Assertions that run anywhere: each throws an Error that says where, what was got and what was expected. */

export interface Values {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

export function that(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

export function sameShape(got: readonly number[], want: readonly number[], what: string): void {
  that(got.length === want.length && got.every((size, axis) => size === want[axis]), `${what}: shape [${got}], expected [${want}]`);
}

/** `===` on every element; NaN equals NaN. */
export function equal(got: Values, want: Values, what: string): void {
  sameShape(got.shape, want.shape, what);
  compare(got, want, what, (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b)), 'exactly');
}

/** The same bits, so that -0 differs from 0. Only for results of one backend. */
export function sameBits(got: Values, want: Values, what: string): void {
  sameShape(got.shape, want.shape, what);
  compare(got, want, what, Object.is, 'the same bits');
}

/** |got - want| within the tolerance of each element. Returns the largest error. */
export function close(got: Values, want: Values, tolerance: ArrayLike<number>, what: string): number {
  sameShape(got.shape, want.shape, what);
  that(tolerance.length === want.data.length, `${what}: ${tolerance.length} tolerances for ${want.data.length} elements`);
  let largest = 0;
  for (let i = 0; i < want.data.length; i++) {
    const error = Math.abs(at(got.data, i) - at(want.data, i));
    if (!(error <= at(tolerance, i))) {
      fail(what, i, got, want, `error ${error}, tolerance ${at(tolerance, i)}`);
    }
    largest = Math.max(largest, error);
  }
  return largest;
}

/** Runs `run` and returns what it threw, which must be an instance of `error`. */
export function throws<E extends Error>(run: () => unknown, error: new (...args: never[]) => E, what: string): E {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof error) return thrown;
    throw new Error(`${what}: threw ${String(thrown)}; expected ${error.name}`);
  }
  throw new Error(`${what}: nothing was thrown; expected ${error.name}`);
}

export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`index ${index} of ${values.length}`);
  return value;
}

function compare(got: Values, want: Values, what: string, same: (a: number, b: number) => boolean, how: string): void {
  that(got.data.length === want.data.length, `${what}: ${got.data.length} elements, expected ${want.data.length}`);
  for (let i = 0; i < want.data.length; i++) if (!same(at(got.data, i), at(want.data, i))) fail(what, i, got, want, how);
}

function fail(what: string, index: number, got: Values, want: Values, how: string): never {
  const place: number[] = [];
  let rest = index;
  for (const size of [...want.shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  throw new Error(`${what}: at [${place}] of [${want.shape}] got ${got.data[index]}, expected ${want.data[index]} (${how})`);
}
