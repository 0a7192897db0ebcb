/** Every number of the explorer, for every preset and for some states that no preset has, beside the library's reference in Node. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { PRESETS } from '../../site/src/explorer/presets.js';
import { DEFAULT, type State, toQuery, withAxes } from '../../site/src/explorer/state.js';
import { filled } from '../../site/src/explorer/values.js';
import { convMatrix, insertZeros, rotate180 } from '../../src/arithmetic/index.js';
import { type ConvOptions, load, type Tensor } from '../../src/index.js';
import { siteForTests } from './site.js';

const one = withAxes(DEFAULT, 1);
/** What presets leave out: axes that differ, channels of transposed ops, sides that differ, crops. */
const OTHERS: Readonly<Record<string, State>> = {
  'axes and sides that differ': {
    ...DEFAULT,
    input: [5, 7],
    kernel: [2, 3],
    stride: [1, 2],
    before: [0, 2],
    after: [1, 0],
    dilation: [2, 1],
  },
  'transposed, sides that differ': { ...DEFAULT, op: 'transposed', input: [3, 2], before: [0, 1], after: [2, 0], outputPadding: [1, 0] },
  'transposed, two channels': { ...DEFAULT, op: 'transposed', input: [3, 3], channels: 2 },
  'transposed, two groups': { ...DEFAULT, op: 'transposed', input: [3, 3], channels: 2, groups: 2 },
  'gradient of x, a size that the stride leaves a rest of': { ...DEFAULT, op: 'gradInput', input: [6, 6] },
  'gradient of x, two channels': { ...DEFAULT, op: 'gradInput', input: [4, 4], channels: 2 },
  'gradient of w, two channels': { ...DEFAULT, op: 'gradWeight', input: [4, 4], channels: 2 },
  'gradient of w, two groups': { ...DEFAULT, op: 'gradWeight', input: [4, 4], channels: 2, groups: 2 },
  'one axis, transposed and dilated': { ...one, op: 'transposed', input: [5], dilation: [3], outputPadding: [2] },
  'a crop': { ...one, input: [9], before: [-2], after: [-1] },
  'a crop of a transposed one': { ...one, op: 'transposed', input: [4], before: [-1], after: [2] },
};

const STATES: readonly (readonly [name: string, state: State])[] = [
  ...PRESETS.flatMap(({ label, steps }) => steps.map((step): [string, State] => [`${label} ${step.label}`.trim(), step.state])),
  ...Object.entries(OTHERS),
];

const number = (text: string | null): number => Number((text ?? '').replace('−', '-'));

/** What stands in the cells of all grids of a name, by element. */
async function cells(page: Page, grid: string): Promise<number[]> {
  const found = await page
    .locator(`[data-grid="${grid}"] [data-index], [data-grid^="${grid}-"] [data-index]`)
    .evaluateAll((all) => all.map((cell) => [cell.getAttribute('data-index'), cell.querySelector('.value')?.textContent ?? ''] as const));
  const values: number[] = [];
  for (const [index, text] of found) values[Number(index)] = number(text);
  return values;
}

/** The dense matrix that a picture shows. */
async function picture(page: Page, grid: 'C' | 'Ct', columns: number, length: number): Promise<number[]> {
  const found = await page
    .locator(`[data-grid="${grid}"] [data-entry]`)
    .evaluateAll((all) => all.map((cell) => [cell.getAttribute('data-at') ?? '', Number(cell.getAttribute('data-value'))] as const));
  const dense = Array<number>(length).fill(0);
  for (const [at, value] of found) {
    const [row = 0, column = 0] = at.split(',').map(Number);
    dense[row * columns + column] = value;
  }
  return dense;
}

const transpose = (dense: Float32Array, rows: number, columns: number): number[] =>
  Array.from({ length: dense.length }, (_, at) => dense[(at % rows) * columns + Math.floor(at / rows)] ?? Number.NaN);

const largest = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
const of = (data: readonly number[], shape: readonly number[]): Tensor => ({ data: Float32Array.from(data), shape });
const ones = (shape: readonly number[]): Tensor => of(Array(shape.reduce((product, size) => product * size, 1)).fill(1), shape);

const optionsOf = ({ stride, dilation, groups, before, after }: State): ConvOptions => ({
  stride,
  dilation,
  groups,
  padding: before.map((pad, axis): [number, number] => [pad, after[axis] ?? 0]),
});

type Kernels = Awaited<ReturnType<typeof load>>;

interface Computed {
  /** Which of the three is the result. */
  readonly key: 'x' | 'w' | 'y';
  readonly result: Tensor;
  readonly C: ReturnType<typeof convMatrix>;
  readonly counts: Tensor;
  readonly operands: { readonly w: Tensor; readonly y: Tensor };
}

/** The operation of a state, on the operands that stand on the page. */
function computed(kernels: Kernels, state: State, read: Readonly<Record<'x' | 'w' | 'y', number[]>>): Computed {
  const { axes, channels, groups, op, kernel } = state;
  const [conv, transposed] = axes === 1 ? [kernels.conv1d, kernels.convTranspose1d] : [kernels.conv2d, kernels.convTranspose2d];
  const options = optionsOf(state);
  const [weightShape, inputShape] = [
    [channels, channels / groups, ...kernel],
    [1, channels, ...state.input],
  ];
  const [oneWeight, oneInput] = [ones([1, 1, ...kernel]), ones([1, 1, ...state.input])];
  if (op === 'transposed') {
    const own = { ...options, outputPadding: state.outputPadding };
    const [w, y] = [of(read.w, weightShape), of(read.y, inputShape)];
    const C = convMatrix(w, inputShape, { ...own, transposed: true });
    return {
      key: 'x',
      result: transposed(y, w, own),
      C,
      counts: transposed(oneInput, oneWeight, { ...own, groups: 1 }),
      operands: { w, y },
    };
  }
  // The kernel itself is not shown beside its gradient, but C holds it.
  const weight = op === 'gradWeight' ? [...filled(state.w, kernel, channels * (channels / groups), 'kernel')] : read.w;
  const [x, w, y] = [of(read.x, inputShape), of(weight, weightShape), of(read.y, conv.outputShape(inputShape, weightShape, options))];
  const alone = { ...options, groups: 1 };
  const counts = conv.gradInput(ones(conv.outputShape(oneInput.shape, oneWeight.shape, alone)), oneWeight, oneInput.shape, alone);
  const common = { C: convMatrix(w, inputShape, options), counts, operands: { w, y } };
  if (op === 'conv') return { ...common, key: 'y', result: conv(x, w, options) };
  if (op === 'gradInput') return { ...common, key: 'x', result: conv.gradInput(y, w, inputShape, options) };
  return { ...common, key: 'w', result: conv.gradWeight(y, x, weightShape, options) };
}

const site = siteForTests();
if (site) {
  describe('every cell is what the library computes', () => {
    let page: Page;
    let kernels: Kernels;
    beforeAll(async () => {
      kernels = await load({ variant: 'reference' });
      page = await site.open('#/explorer', { reducedMotion: 'reduce' });
    });

    test.each(STATES)('%s', async (_name, state) => {
      const query = toQuery(state);
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/explorer?${query}`);
      await page.waitForFunction((shown) => document.querySelector('.panels')?.getAttribute('data-shown') === shown, query);

      const [x, w, y] = [await cells(page, 'x'), await cells(page, 'w'), await cells(page, 'y')];
      const { key, result, C, counts, operands } = computed(kernels, state, { x, w, y });
      expect({ x, w, y }[key]).toEqual([...result.data]);

      const { data: dense } = C.toDense();
      expect(await picture(page, 'C', C.cols, dense.length)).toEqual([...dense]);
      expect(await picture(page, 'Ct', C.rows, dense.length)).toEqual(transpose(dense, C.rows, C.cols));

      expect(await cells(page, 'overlap')).toEqual([...counts.data]);

      const sayings = await page
        .locator('.saying')
        .evaluateAll((all) => all.map((each) => [each.getAttribute('data-direction'), Number(each.getAttribute('data-o'))] as const));
      // The last ones are of the op itself; axes that are alike share one.
      const sizes = sayings.filter(([direction]) => direction === sayings.at(-1)?.[0]).map(([, size]) => size);
      const space = (state.op === 'gradWeight' ? operands.y : result).shape.slice(2);
      expect(space.map((_, axis) => sizes[axis] ?? sizes[0])).toEqual(space);
      await checkSum(page);
      if (state.op === 'gradInput') await checkProduct(page, state, operands.w, result);
      if (key === 'x') await checkDirect(page, state, operands.y, operands.w, result);
    });

    /** The chosen cell's products add up to what it says, and that is what stands in the cell. */
    async function checkSum(tab: Page): Promise<void> {
      const text = (await tab.locator('.formula').first().textContent()) ?? '';
      const sum = /= (?<terms>[^=]*) = (?<total>−?[\d.]+)/.exec(text.replace(/^[^=]*/, ''));
      const cell = number(await tab.locator('.tensors').first().locator('.chosen .value').textContent());
      if (!sum?.groups) {
        expect(text).toContain('= 0: nothing meets it');
        expect(cell).toBe(0);
        return;
      }
      const total = (sum.groups.terms ?? '')
        .split('+')
        .reduce((so, term) => so + term.split('·').reduce((product, each) => product * number(each.replace(/[()\s]/g, '')), 1), 0);
      expect(total).toBe(number(sum.groups.total ?? ''));
      expect(cell).toBe(total);
    }

    /** Cᵀ times the vector that the state names. */
    async function checkProduct(tab: Page, state: State, w: Tensor, result: Tensor): Promise<void> {
      const conv = state.axes === 1 ? kernels.conv1d : kernels.conv2d;
      const options = optionsOf(state);
      const shape = [1, state.channels, ...state.input];
      const C = convMatrix(w, shape, options);
      const vector =
        state.times === 'dy'
          ? Float32Array.from(await cells(tab, 'y'))
          : conv(
              of(
                Array.from({ length: 16 }, (_, i) => i + 1),
                shape,
              ),
              w,
              options,
            ).data;
      const product = C.multiplyTransposed(vector);
      const [shown = '', own = ''] = await tab.locator('[data-product]').allTextContents();
      expect(shown.split(/\s+/).map(number)).toEqual([...product]);
      expect(own.split(/\s+/).map(number)).toEqual([...result.data]);
      expect(
        number(
          await tab
            .locator('[data-grid=C]')
            .locator('xpath=ancestor::section')
            .locator('[data-difference]')
            .getAttribute('data-difference'),
        ),
      ).toBe(largest(product, result.data));
    }

    /** Zeros inserted, padded, and the kernel rotated, step by step. */
    async function checkDirect(tab: Page, state: State, input: Tensor, w: Tensor, result: Tensor): Promise<void> {
      const conv = state.axes === 1 ? kernels.conv1d : kernels.conv2d;
      const stretched = insertZeros(input, state.stride);
      const pads = state.kernel.map((k, axis): [number, number] => {
        const reach = (state.dilation[axis] ?? 1) * (k - 1);
        const left = reach - (state.before[axis] ?? 0);
        // What is missing at the end to give the result's size.
        return [left, (result.shape[axis + 2] ?? 0) + reach - left - (stretched.shape[axis + 2] ?? 0)];
      });
      const identity = ones([state.channels, 1, ...state.kernel.map(() => 1)]);
      const prepared = conv(stretched, identity, { padding: pads, groups: state.channels });
      expect(await cells(tab, 'direct-x')).toEqual([...prepared.data]);

      const perGroup = state.channels / state.groups;
      const size = state.kernel.reduce((product, k) => product * k, 1);
      const swapped = Array.from({ length: w.data.length }, (_, at) => {
        const [out, c, tap] = [Math.floor(at / size / perGroup), Math.floor(at / size) % perGroup, at % size];
        const from = state.groups === 1 ? c * perGroup + out : out * perGroup + c;
        return w.data[from * size + tap] ?? Number.NaN;
      });
      const kernel = state.rotate ? rotate180(of(swapped, w.shape)) : of(swapped, w.shape);
      expect(await cells(tab, 'direct-w')).toEqual([...kernel.data]);
      const output = conv(prepared, kernel, { dilation: state.dilation, groups: state.groups });
      expect(await cells(tab, 'direct-y')).toEqual([...output.data]);
      const difference = number(
        await tab
          .locator('[data-grid^=direct-y]')
          .first()
          .locator('xpath=ancestor::section')
          .locator('[data-difference]')
          .getAttribute('data-difference'),
      );
      expect(difference).toBe(largest(output.data, result.data));
      expect(difference === 0).toBe(state.rotate);
    }
  });

  test('no page complained', () => expect(site.complaints).toEqual([]));
}
