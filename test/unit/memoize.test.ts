import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/index.js';
import { KEPT, Recent } from '../../src/ops/memoize.js';

/** A function that shows what it was called with, and how often. */
function counting() {
  const calls: unknown[][] = [];
  const recent = new Recent((op: string, ...args: readonly unknown[]) => {
    if (args.includes('bad')) throw new OptionError(op, 'bad');
    calls.push([...args]);
    return { args };
  });
  return { calls, recent };
}

describe('the last results of a function', () => {
  it('computes once for arguments of the same value', () => {
    const { calls, recent } = counting();
    const first = recent.of('a', [[1, 2], undefined, null, [['x', 0], true]]);
    expect(recent.of('b', [[1, 2], undefined, null, [['x', 0], true]])).toBe(first);
    expect(calls).toHaveLength(1);
    for (const other of [
      [[1, 2], undefined, [['x', 1], true]],
      [[1, 2], undefined, [['x', 0], 1]],
      [[1, 2, 3], undefined, [['x', 0], true]],
      [[1, 2], null, [['x', 0], true]],
      [[1, 2], undefined, 'x'],
      [[1, 2]],
    ]) {
      expect(recent.of('a', other)).not.toBe(first);
    }
  });

  it('gives the function copies, which the caller cannot change', () => {
    const { recent } = counting();
    const pair = [0, 1];
    const shape = [1, 2];
    const { args } = recent.of('a', [shape, [[pair]]]);
    shape[0] = 5;
    pair[1] = 5;
    expect(args).toEqual([[1, 2], [[[0, 1]]]]);
    expect(recent.of('a', [[1, 2], [[[0, 1]]]]).args).toBe(args);
    expect(recent.of('a', [shape, [[pair]]]).args).not.toBe(args);
  });

  it('keeps nothing that a copy does not stand for', () => {
    const { calls, recent } = counting();
    const odd: unknown[] = [Int32Array.of(1, 2), { length: 1, 0: 1 }, Number.NaN, Array(33).fill(1), [[[[1]]]]];
    for (const each of odd) {
      recent.of('a', [each]);
      recent.of('a', [each]);
    }
    expect(calls.map(([each]) => each)).toEqual(odd.flatMap((each) => [each, each]));
  });

  it('does not copy what is longer than any shape', () => {
    const { recent } = counting();
    const long = new Array(2 ** 32 - 1);
    expect(recent.of('a', [long]).args[0]).toBe(long);
  });

  it('keeps no refusal, which names the op of its own call', () => {
    const { recent } = counting();
    for (const op of ['conv2d', 'conv2d.gradInput', 'conv2d']) {
      expect(() => recent.of(op, ['bad'])).toThrow(`${op}: bad`);
    }
  });

  it('keeps the last ones, whichever was asked for in between', () => {
    const { calls, recent } = counting();
    const ask = (i: number) => recent.of('a', [[i]]);
    const made = Array.from({ length: KEPT }, (_, i) => ask(i));
    for (const i of [...made.keys(), ...[...made.keys()].reverse()]) expect(ask(i)).toBe(made[i]);
    expect(calls).toHaveLength(KEPT);
    ask(KEPT); // in the place of the oldest
    for (let i = KEPT; i > 0; i--) ask(i);
    expect(calls).toHaveLength(KEPT + 1);
    expect(ask(0)).not.toBe(made[0]);
    for (let round = 0; round < 3; round++) for (let i = 0; i < 2 * KEPT; i++) expect(ask(i).args).toEqual([[i]]);
  });
});
