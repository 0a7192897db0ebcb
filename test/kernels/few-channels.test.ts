import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { describe, expect, it } from 'vitest';
import { type Epilogue, NO_EPILOGUE } from '../../src/engine.js';
import { type ConvGeometry, convGeometry, volume, wLength, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import type { Algorithm, Layout } from '../../src/types.js';
import { directView, phaseViews, VIEW_BYTES, type View } from '../../src/wasm/conv-view.js';
import type { Exports } from '../../src/wasm/generated/exports.js';
import { dgradProgram, fpropProgram, wgradProgram } from '../../src/wasm/select.js';
import { floats, integers } from './random.js';

const EPSILON = 2 ** -23;
const BAND = 9;
const MARK = -12345.625;
const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;

const DIRECTIONS = ['forward', 'dgrad', 'wgrad'] as const;
type Direction = (typeof DIRECTIONS)[number];
type Axis = readonly [size: number, kernel: number, stride?: number, dilation?: number, before?: number, after?: number];

interface Case {
  readonly axes: readonly Axis[];
  readonly groups: number;
  readonly xGroup: number;
  readonly yGroup: number;
  readonly batch: number;
  readonly layout: Layout;
}

const reference = referenceEngine();
const LAYOUTS = ['channels-first', 'channels-last'] as const;

const geometryOf = ({ axes, groups, xGroup, yGroup, batch, layout }: Case): ConvGeometry => {
  const size = axes.map(([each]) => each);
  const kernel = axes.map(([, each]) => each);
  const first = layout === 'channels-first';
  return convGeometry(
    'conv',
    axes.length,
    first ? [batch, groups * xGroup, ...size] : [batch, ...size, groups * xGroup],
    first ? [groups * yGroup, xGroup, ...kernel] : [...kernel, xGroup, groups * yGroup],
    {
      stride: axes.map(([, , stride = 1]) => stride),
      dilation: axes.map(([, , , dilation = 1]) => dilation),
      padding: axes.map(([, , , , before = 0, after = 0]) => [before, after] as const),
      groups,
      layout,
    },
  ).geometry;
};

const nameOf = ({ axes, groups, xGroup, yGroup, batch, layout }: Case): string =>
  `${layout} batch ${batch}, ${groups} groups of ${xGroup} → ${yGroup}, ${axes
    .map(([size, k, s = 1, d = 1, before = 0, after = 0]) => `${size} k${k} s${s} d${d} p${before},${after}`)
    .join(' × ')}`;

/** The kernels in a memory that holds the operands between guard bands, and the workspace full of NaN. */
class Machine {
  readonly #memory = new WebAssembly.Memory({ initial: 64 });
  readonly #kernels: Exports;
  readonly #start: number;

  constructor(module: WebAssembly.Module) {
    const { exports } = instantiateSync<Record<string, unknown>>(module, { env: { memory: this.#memory } });
    this.#kernels = exports as unknown as Exports;
    this.#start = Math.ceil(this.#kernels.HEAP_BASE.value / 16) * 16;
  }

  run(direction: Direction, g: ConvGeometry, a: Float32Array, b: Float32Array, length: number, epilogue: Epilogue): Float32Array {
    const memory = this.#memory;
    const kernels = this.#kernels;
    const workspace = this.#start;
    const geometry = workspace + kernels.WORKSPACE.value;
    let top = geometry + VIEW_BYTES;
    const missing = top + 4 * (a.length + b.length + length + 64 + 5 * BAND) + 4 * (epilogue.bias?.length ?? 0) - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const all = new Float32Array(memory.buffer);
    // The output too: what is not written shows.
    all.fill(Number.NaN, workspace / 4);
    // Aligned to nothing but 4 bytes, with NaN around: what is read past an end shows.
    const place = (array: Float32Array | null): number => {
      if (!array) return 0;
      const at = top + 4 * BAND;
      all.set(array, at / 4);
      top = at + 4 * array.length;
      return at;
    };
    const pa = place(a);
    const pb = place(b);
    const bias = place(epilogue.bias);
    const out = top + 8 * BAND;
    const end = out + 4 * length;
    all.fill(MARK, out / 4 - BAND, out / 4);
    all.fill(MARK, end / 4, end / 4 + BAND);
    const write = (view: View): View => {
      new Int32Array(memory.buffer, geometry).set(view.words);
      return view;
    };
    if (direction === 'wgrad') {
      write(directView(g));
      kernels.fewChannelsWgrad(geometry, pa, pb, out, workspace);
    } else {
      for (const view of direction === 'forward' ? [directView(g)] : phaseViews(g)) {
        write(view);
        const to = out + 4 * view.yOffset;
        kernels.fewChannels(geometry, pa, pb + 4 * view.wOffset, to, bias, ACTIVATIONS[epilogue.activation], epilogue.slope, workspace);
      }
    }
    for (let i = 1; i <= BAND; i++) {
      if (all[out / 4 - i] !== MARK) throw new Error(`${direction}: wrote ${i} floats before the output`);
      if (all[end / 4 + i - 1] !== MARK) throw new Error(`${direction}: wrote ${i} floats past the output`);
    }
    if (!Number.isNaN(all[geometry / 4 + VIEW_BYTES / 4] as number)) throw new Error(`${direction}: wrote past the workspace`);
    return all.slice(out / 4, end / 4);
  }
}

interface Operands {
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly y: Float32Array;
}

const operandsOf = (g: ConvGeometry, fill: (length: number, seed: number) => Float32Array): Operands => ({
  x: fill(xLength(g), 1),
  w: fill(wLength(g), 2),
  y: fill(yLength(g), 3),
});

const inputs = (direction: Direction, { x, w, y }: Operands): [Float32Array, Float32Array] =>
  direction === 'forward' ? [x, w] : direction === 'dgrad' ? [y, w] : [x, y];

function expected(direction: Direction, g: ConvGeometry, operands: Operands, epilogue: Epilogue): Float32Array {
  const [a, b] = inputs(direction, operands);
  const out = new Float32Array({ forward: yLength(g), dgrad: xLength(g), wgrad: wLength(g) }[direction]);
  if (direction === 'forward') reference.fprop(g, a, b, out, epilogue);
  else if (direction === 'dgrad') reference.dgrad(g, a, b, out, epilogue);
  else reference.wgrad(g, a, b, out);
  return out;
}

/** Terms of a sum. */
const termsOf = (direction: Direction, g: ConvGeometry): number =>
  ({
    forward: volume(g.kernel) * (g.xChannels / g.groups),
    dgrad: volume(g.kernel) * (g.yChannels / g.groups),
    wgrad: volume(g.ySize) * g.batch,
  })[direction];

const magnitudes = ({ x, w, y }: Operands): Operands => ({ x: x.map(Math.abs), w: w.map(Math.abs), y: y.map(Math.abs) });

function same(got: Float32Array, want: Float32Array, what: string): void {
  for (let i = 0; i < want.length; i++) {
    if (got[i] !== want[i] && !(Number.isNaN(got[i] as number) && Number.isNaN(want[i] as number))) {
      throw new Error(`${what}: at ${i} of ${want.length} got ${got[i]}, expected ${want[i]}`);
    }
  }
}

function check(machine: Machine, each: Case): void {
  const g = geometryOf(each);
  for (const direction of DIRECTIONS) {
    const what = `${direction} ${nameOf(each)}`;
    const channels = direction === 'dgrad' ? g.xChannels : g.yChannels;
    const bias = integers(channels, 4);
    const epilogues: Epilogue[] = [NO_EPILOGUE];
    if (direction !== 'wgrad') {
      const activation = (['none', 'relu', 'relu6', 'leakyRelu'] as const)[(channels + volume(g.ySize)) % 4] ?? 'none';
      epilogues.push({ bias: volume(g.xSize) % 2 ? bias : null, activation, slope: activation === 'leakyRelu' ? 0.25 : 0 });
      epilogues.push({ bias, activation: 'relu', slope: 0 });
    }
    const exact = operandsOf(g, integers);
    for (const epilogue of epilogues) {
      const want = expected(direction, g, exact, epilogue);
      same(machine.run(direction, g, ...inputs(direction, exact), want.length, epilogue), want, `${what}, ${epilogue.activation}`);
    }
    const real = operandsOf(g, floats);
    const want = expected(direction, g, real, NO_EPILOGUE);
    const got = machine.run(direction, g, ...inputs(direction, real), want.length, NO_EPILOGUE);
    const scale = expected(direction, g, magnitudes(real), NO_EPILOGUE);
    const terms = termsOf(direction, g);
    for (let i = 0; i < want.length; i++) {
      const error = Math.abs((got[i] as number) - (want[i] as number));
      const tolerance = (terms + 1) * EPSILON * (scale[i] as number);
      if (!(error <= tolerance)) throw new Error(`${what}: at ${i} got ${got[i]}, expected ${want[i]}, tolerance ${tolerance}`);
    }
  }
}

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

/** Infinity and NaN reach what the definition says: padding is multiplied in forward and wgrad. */
function checkSpecial(machine: Machine, each: Case): void {
  const g = geometryOf(each);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const operand of ['x', 'w', 'y'] as const) {
      const length = operandsOf(g, integers)[operand].length;
      for (const index of [0, length >> 1, length - 1]) {
        const operands = operandsOf(g, integers);
        operands[operand][index] = value;
        for (const direction of DIRECTIONS) {
          // The phases of dgrad are for finite weights.
          if (direction === 'dgrad' && operand === 'w') continue;
          const want = expected(direction, g, operands, NO_EPILOGUE);
          const got = machine.run(direction, g, ...inputs(direction, operands), want.length, NO_EPILOGUE);
          same(got, want, `${direction} ${nameOf(each)}, ${value} at ${operand}[${index}]`);
        }
      }
    }
  }
}

describe('the selector', () => {
  const plain: Case = { axes: [[28, 3, 1, 1, 1, 1], [28, 3, 1, 1, 1, 1]], groups: 8, xGroup: 4, yGroup: 4, batch: 1, layout: 'channels-first' }; // biome-ignore format: one line
  const chosen = (each: Partial<Case>, algorithm: Algorithm | 'ordered' = 'auto'): string[] => {
    const g = geometryOf({ ...plain, ...each });
    const job = { op: 'test', algorithm };
    const use = { planned: true, fused: false };
    return [fpropProgram(g, job, use).algorithm, dgradProgram(g, job, use).algorithm, wgradProgram(g, job, use).kernel];
  };
  it.each([
    ['few channels', {}, ['direct', 'direct', 'fewChannelsWgrad']],
    [
      'a first layer in channels-last',
      { groups: 1, xGroup: 3, yGroup: 64, layout: 'channels-last' },
      ['direct', 'winograd', 'winogradWgrad'],
    ],
    ['a last layer', { groups: 1, xGroup: 8, yGroup: 3, axes: [[56, 3, 1, 2, 2, 2], [56, 3, 1, 2, 2, 2]] }, ['direct', 'direct', 'fewChannelsWgrad']], // biome-ignore format: one line
    ['many channels', { groups: 1, xGroup: 64, yGroup: 64 }, ['winograd', 'winograd', 'winogradWgrad']],
    ['one tap', { groups: 1, xGroup: 128, yGroup: 128, axes: [[28, 1], [28, 1]] }, ['gemm', 'gemm', 'wgrad']], // biome-ignore format: one line
    ['depthwise', { xGroup: 1, yGroup: 1 }, ['direct', 'direct', 'depthwiseWgrad']],
    ['a strip that does not fit', { axes: [[900, 300], [900, 300]] }, ['gemm', 'gemm', 'wgrad']], // biome-ignore format: one line
  ] as const)('%s', (_, each, want) => expect(chosen(each)).toEqual(want));
  it("takes 'direct' for everything, 'gemm' never, and lets 'ordered' choose", () => {
    expect(chosen({ groups: 1, xGroup: 64, yGroup: 64 }, 'direct')).toEqual(['direct', 'direct', 'fewChannelsWgrad']);
    expect(chosen({}, 'gemm')).toEqual(['gemm', 'gemm', 'wgrad']);
    expect(chosen({}, 'ordered')).toEqual(['direct', 'direct', 'fewChannelsWgrad']);
    expect(chosen({ groups: 1, xGroup: 256, yGroup: 256 }, 'ordered')).toEqual(['gemm', 'gemm', 'wgrad']);
  });
});

const load = (build: string): WebAssembly.Module =>
  new WebAssembly.Module(Uint8Array.from(readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url))));

const supported = (build: string): boolean => {
  try {
    load(build);
    return true;
  } catch {
    return false;
  }
};

describe.each(['debug', 'tiny', 'simd', 'relaxed'].filter(supported))('direct, %s', (build) => {
  const machine = new Machine(load(build));
  for (const layout of LAYOUTS) {
    it(`every width, kernel, stride, dilation and pad, ${layout}`, () => {
      for (const each of twoDimensional(layout)) check(machine, each);
    });
    it(`every number of channels, ${layout}`, () => {
      for (const each of channels(layout)) check(machine, each);
    });
    it(`1-D, 3-D, large ones, ${layout}`, () => {
      for (const each of others(layout)) check(machine, each);
    });
    it(`NaN and infinity, ${layout}`, () => {
      for (const s of [1, 2, 3]) {
        for (const yGroup of [1, 2, 5, 8]) {
          const axes = [[6, 3, s, 1, 1, 1], [6 + (yGroup ** 2 % 49), 3, s, 1, 1, 2]] as const; // biome-ignore format: one line
          checkSpecial(machine, { axes, groups: 2, xGroup: 3, yGroup, batch: 2, layout });
        }
      }
    });
    it(`an element's bits depend on neither batch nor place, ${layout}`, () => {
      for (const yGroup of [1, 2, 3, 4, 6, 12]) {
        const axes = [[9, 3, 1, 1, 1, 1], [21, 3, 1, 1, 1, 1]] as const; // biome-ignore format: one line
        const one: Case = { axes, groups: 2, xGroup: 5, yGroup, batch: 1, layout };
        const g1 = geometryOf(one);
        const g2 = geometryOf({ ...one, batch: 2 });
        const { x, w } = operandsOf(g1, floats);
        const twice = new Float32Array(2 * x.length);
        twice.set(x);
        twice.set(x, x.length);
        const single = machine.run('forward', g1, x, w, yLength(g1), NO_EPILOGUE);
        const double = machine.run('forward', g2, twice, w, yLength(g2), NO_EPILOGUE);
        expect(double.subarray(0, single.length)).toEqual(single);
        expect(double.subarray(single.length)).toEqual(single);
      }
    });
  }
});
