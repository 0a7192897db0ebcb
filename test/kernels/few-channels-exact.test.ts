/** The kernels for few channels on every build, the phases of a gradient of the input too. */
import { describe, it } from 'vitest';
import type { Layout } from '../../src/types.js';
import { directView, phaseViews } from '../../src/wasm/conv-view.js';
import { ACTIVATIONS } from '../../src/wasm/generated/layout.js';
import { type Case, check, checkPlace, checkSpecial, DIRECTIONS, LAYOUTS, type Run } from './directions.js';
import { builds, Machine } from './machine.js';

const runOn =
  (machine: Machine): Run =>
  (what, direction, g, [a, b], length, { bias, activation, slope }) =>
    machine.run(what, length, (out) => {
      const { kernels, workspace } = machine;
      const [pa, pb, added] = [machine.put(a), machine.put(b), machine.put(bias)];
      if (direction === 'wgrad') kernels.fewChannelsWgrad(machine.write(directView(g)), pa, pb, out, workspace);
      else
        for (const view of direction === 'forward' ? [directView(g)] : phaseViews(g)) {
          const [w, to] = [pb + 4 * view.wOffset, out + 4 * view.yOffset];
          kernels.fewChannels(machine.write(view), pa, w, to, added, ACTIVATIONS[activation], slope, workspace);
        }
    });

/** Every width around the tiles, with channels, kernels, strides, dilations and pads (some larger than the kernel) that change along. */
function* twoDimensional(layout: Layout): Generator<Case> {
  let turn = layout === 'channels-last' ? 7 : 0;
  for (const k of [1, 2, 3, 5, 7]) {
    for (const s of [1, 2, 3]) {
      for (const d of [1, 2]) {
        for (let width = 1 + (turn % 2); width <= 20; width += 2) {
          const before = turn % (k + 2);
          const after = Math.max((turn >> 2) % (k + 3), d * (k - 1) + 1 - width - before);
          const height = 1 + ((turn * 5) % 9);
          const kh = [3, k, 1, 5, k][turn % 5] as number;
          const above = turn % 4;
          yield {
            axes: [
              [height, kh, 1 + ((turn >> 1) % 3), 1, above, Math.max(turn % 3, kh - height - above)],
              [width, k, s, d, before, after],
            ],
            groups: 1 + (turn % 5),
            xGroup: 1 + (Math.floor(turn / 2) % 6),
            yGroup: 1 + (Math.floor(turn / 3) % 9),
            batch: 1 + (Math.floor(turn / 5) % 3),
            layout,
          };
          turn++;
        }
      }
    }
  }
}

/** All small numbers of channels, on both sides of a tile of columns. */
function* channels(layout: Layout): Generator<Case> {
  for (let xGroup = 1; xGroup <= 6; xGroup++) {
    for (const yGroup of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 20]) {
      for (const width of [3, 5, 8, 9, 17]) {
        const groups = 1 + ((xGroup + yGroup + width) % 3);
        const axes = [[6, 3, 1, 1, 1, 1], [width, 3, 1 + (yGroup % 2), 1, 1, 1]] as const; // biome-ignore format: one line
        yield { axes, groups, xGroup, yGroup, batch: 2, layout };
      }
    }
  }
}

function* others(layout: Layout): Generator<Case> {
  const plain = { groups: 2, xGroup: 3, yGroup: 5, batch: 2, layout } as const;
  yield { ...plain, batch: 0, axes: [[5, 3]] };
  for (const width of [1, 4, 17, 100, 333]) {
    yield { ...plain, axes: [[width, 7, 1, 2, 6, 6]] };
    yield { ...plain, axes: [[width, 4, 3, 1, 2, 5]], yGroup: 1 };
    yield { ...plain, axes: [[width, 16, 8, 1, 9, 20]], yGroup: 2 };
    yield { ...plain, axes: [[width, 3, 1, 1, 9, 9]], xGroup: 4, yGroup: 4 };
  }
  yield { ...plain, axes: [[2000, 3, 1, 1, 1, 1]], batch: 1 };
  yield { ...plain, axes: [[70, 3, 1, 1, 1, 1], [70, 3, 1, 1, 1, 1]], batch: 1, groups: 1 }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[40, 7, 2, 1, 3, 3], [300, 7, 2, 1, 3, 3]], batch: 1, groups: 1 }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[5, 3, 1, 9, 9, 9], [6, 3, 1, 9, 9, 9]] }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[2, 30, 1, 1, 29, 29], [3, 30, 2, 1, 29, 29]], groups: 1 }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[9, 1, 9, 1, 0, 0], [50, 2, 7, 1, 0, 0]] }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[7, 3, 1, 1, 1, 1], [11, 3, 1, 1, 1, 1]], groups: 1, xGroup: 700, yGroup: 2, batch: 1 }; // biome-ignore format: one line a case
  yield { ...plain, axes: [[5, 3, 2 ** 31 - 1, 1, 1, 1]], yGroup: 1 };
  for (const s of [1, 2]) {
    for (const width of [3, 9, 18]) {
      for (const yGroup of [1, 2, 4]) {
        yield { ...plain, yGroup, axes: [[4, 3, s, 1, 1, 2], [5, 2, s, 2, 1, 1], [width, 3, s, 1, 1, 1]] }; // biome-ignore format: one line a case
        yield { ...plain, yGroup, axes: [[3, 2, 1, 2, 3, 0], [6, 3, 1, 1, 0, 1], [width, 1, s, 1, 0, 0]] }; // biome-ignore format: one line a case
      }
    }
  }
}

describe.each(builds())('direct, %s', (_, module) => {
  const run = runOn(new Machine(module));
  for (const layout of LAYOUTS) {
    it(`every width, kernel, stride, dilation and pad, ${layout}`, () => {
      for (const each of twoDimensional(layout)) check(run, each);
    });
    it(`every number of channels, ${layout}`, () => {
      for (const each of channels(layout)) check(run, each);
    });
    it(`1-D, 3-D, large ones, ${layout}`, () => {
      for (const each of others(layout)) check(run, each);
    });
    it(`NaN and infinity, ${layout}`, () => {
      for (const s of [1, 2, 3]) {
        for (const yGroup of [1, 2, 5, 8]) {
          const axes = [[6, 3, s, 1, 1, 1], [6 + (yGroup ** 2 % 49), 3, s, 1, 1, 2]] as const; // biome-ignore format: one line
          // The phases of dgrad are for finite weights.
          const directions = (operand: string) => (operand === 'w' ? (['forward', 'wgrad'] as const) : DIRECTIONS);
          checkSpecial(run, { axes, groups: 2, xGroup: 3, yGroup, batch: 2, layout }, directions);
        }
      }
    });
    it(`an element's bits depend on neither batch nor place, ${layout}`, () => {
      for (const yGroup of [1, 2, 3, 4, 6, 12]) {
        const axes = [[9, 3, 1, 1, 1, 1], [21, 3, 1, 1, 1, 1]] as const; // biome-ignore format: one line
        checkPlace(run, { axes, groups: 2, xGroup: 5, yGroup, batch: 1, layout });
      }
    });
  }
});
