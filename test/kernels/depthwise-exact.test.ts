/** The depthwise kernels on every build. */
import { describe, it } from 'vitest';
import { adjointView, directView } from '../../src/wasm/conv-view.js';
import { ACTIVATIONS } from '../../src/wasm/generated/layout.js';
import { type Case, check, checkPlace, checkSpecial, LAYOUTS, type Run } from './directions.js';
import { builds, Machine } from './machine.js';

const runOn =
  (machine: Machine): Run =>
  (what, direction, g, [a, b], length, { bias, activation, slope }) =>
    machine.run(what, length, (out) => {
      const { kernels, workspace } = machine;
      const view = direction === 'dgrad' ? adjointView(g) : directView(g);
      const [at, pa, pb, added] = [machine.write(view), machine.put(a), machine.put(b), machine.put(bias)];
      if (direction === 'wgrad') kernels.depthwiseWgrad(at, pa, pb, out, workspace);
      else kernels.depthwise(at, pa, pb, out + view.yOffset * 4, added, ACTIVATIONS[activation], slope, workspace);
    });

/** Every width around the vectors and blocks, with kernels, strides, dilations and pads that change along. */
function* twoDimensional(): Generator<Case> {
  let turn = 0;
  for (const layout of LAYOUTS) {
    for (const k of [1, 2, 3, 4, 5, 6, 7]) {
      for (const s of [1, 2, 3]) {
        for (const d of [1, 2]) {
          for (let width = 1 + (turn % 3); width <= 20; width += 3) {
            const before = turn % (k + 2);
            const after = Math.max((turn >> 2) % (k + 1), d * (k - 1) + 1 - width - before);
            const height = 1 + ((turn * 5) % 9);
            const kh = [3, k, 1, 5, k][turn % 5] as number;
            const sh = 1 + ((turn >> 1) % 3);
            const above = turn % 4;
            const below = Math.max(turn % 3, kh - height - above);
            yield {
              axes: [
                [height, kh, sh, 1, above, below],
                [width, k, s, d, before, after],
              ],
              groups: 1 + (turn % 9),
              xGroup: 1,
              yGroup: 1 + (Math.floor(turn / 2) % 3),
              batch: 1 + (Math.floor(turn / 3) % 3),
              layout,
            };
            turn++;
          }
        }
      }
    }
  }
}

/** The kernels that have paths of their own, at every width. */
function* squares(): Generator<Case> {
  for (const layout of LAYOUTS) {
    for (const [k, s, p, d] of [
      [3, 1, 1, 1],
      [3, 2, 1, 1],
      [3, 1, 0, 1],
      [3, 2, 0, 1],
      [3, 2, 2, 1],
      [3, 3, 1, 1],
      [5, 1, 2, 1],
      [5, 2, 2, 1],
      [5, 1, 4, 2],
      [5, 2, 4, 2],
      [7, 1, 3, 1],
    ] as const) {
      const least = Math.max(1, d * (k - 1) + 1 - 2 * p);
      for (let width = least; width <= 36; width += width < 20 ? 1 : 5) {
        const height = Math.max(least, 1 + ((width * 7) % 11));
        const groups = layout === 'channels-first' ? 1 + (width % 3) : 1 + (width % 21);
        for (const yGroup of [1, 1 + (width % 2)]) {
          yield {
            axes: [
              [height, k, s, d, p, p],
              [width, k, s, d, p, p],
            ],
            groups,
            xGroup: 1,
            yGroup,
            batch: 1 + (width % 2),
            layout,
          };
        }
      }
    }
  }
}

function* others(): Generator<Case> {
  for (const layout of LAYOUTS) {
    const plain = { groups: 5, xGroup: 1, yGroup: 1, batch: 2, layout } as const;
    yield { ...plain, batch: 0, axes: [[5, 3]] };
    for (const width of [1, 4, 17, 100, 333]) {
      yield { ...plain, axes: [[width, 7, 1, 2, 6, 6]] };
      yield { ...plain, axes: [[width, 4, 3, 1, 2, 5]], yGroup: 2 };
      yield { ...plain, axes: [[width, 16, 8, 1, 9, 20]] };
      yield { ...plain, axes: [[width, 3, 1, 1, 9, 9]] };
    }
    yield { ...plain, axes: [[2000, 3, 1, 1, 1, 1]], batch: 1 };
    yield { ...plain, axes: [[70, 3, 1, 1, 1, 1], [70, 3, 1, 1, 1, 1]], batch: 1, groups: 2 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[60, 3, 2, 1, 1, 1], [300, 3, 2, 1, 1, 1]], batch: 1, groups: 4 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 1, 9, 9, 9], [6, 3, 1, 9, 9, 9]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[2, 30, 1, 1, 29, 29], [3, 30, 2, 1, 29, 29]], groups: 1 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[9, 1, 9, 1, 0, 0], [50, 2, 7, 1, 0, 0]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[7, 3, 1, 1, 1, 1], [11, 3, 1, 1, 1, 1]], groups: 1100, batch: 1 }; // biome-ignore format: one line a case
    // More channels than are summed together.
    yield { ...plain, axes: [[2, 3, 1, 1, 1, 1], [5, 3, 2, 1, 1, 1]], groups: 12003, batch: 1 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 2 ** 31 - 1, 1, 1, 1], [6, 3, 2 ** 31 - 1, 1, 1, 1]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 2 ** 21, 1, 1, 1], [6, 3, 2 ** 21, 1, 1, 1]] }; // biome-ignore format: one line a case
    for (const s of [1, 2]) {
      for (const width of [3, 9, 18]) {
        for (const yGroup of [1, 3]) {
          yield { ...plain, yGroup, axes: [[4, 3, s, 1, 1, 2], [5, 2, s, 2, 1, 1], [width, 3, s, 1, 1, 1]] }; // biome-ignore format: one line a case
          yield { ...plain, yGroup, axes: [[3, 2, 1, 2, 3, 0], [6, 3, 1, 1, 0, 1], [width, 1, s, 1, 0, 0]] }; // biome-ignore format: one line a case
        }
      }
    }
  }
}

describe.each(builds())('depthwise, %s', (_, module) => {
  const run = runOn(new Machine(module));
  for (const layout of LAYOUTS) {
    it(`every width, kernel, stride, dilation and pad, ${layout}`, () => {
      for (const each of twoDimensional()) if (each.layout === layout) check(run, each);
    });
    it(`3×3 and 5×5, ${layout}`, () => {
      for (const each of squares()) if (each.layout === layout) check(run, each);
    });
    it(`1-D, 3-D, large ones, ${layout}`, () => {
      for (const each of others()) if (each.layout === layout) check(run, each);
    });
    it(`NaN and infinity, ${layout}`, () => {
      for (const s of [1, 2, 3]) {
        for (const width of [7, 8, 18]) {
          for (const [groups, yGroup] of [
            [6, 1],
            [6, 2],
            [11, 1],
          ] as const) {
            // biome-ignore format: one line
            const axes = [[6, 3, s, 1, 1, 1], [width, 3, s, 1, 1, 2]] as const; // biome-ignore format: one line
            checkSpecial(run, { axes, groups, xGroup: 1, yGroup, batch: 2, layout });
          }
        }
      }
    });
    it(`an element's bits depend on neither batch nor place, ${layout}`, () => {
      for (const [groups, s] of [
        [7, 1],
        [21, 1],
        [21, 2],
      ] as const) {
        // biome-ignore format: one line
        const axes = [[9, 3, s, 1, 1, 1], [21, 3, s, 1, 1, 1]] as const; // biome-ignore format: one line
        checkPlace(run, { axes, groups, xGroup: 1, yGroup: 1, batch: 1, layout });
      }
    });
  }
});
