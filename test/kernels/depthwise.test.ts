import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { describe, expect, it } from 'vitest';
import { type Epilogue, NO_EPILOGUE } from '../../src/engine.js';
import { type ConvGeometry, convGeometry, volume, wLength, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import type { Layout } from '../../src/types.js';
import { directView, VIEW_BYTES } from '../../src/wasm/conv-view.js';
import type { Exports } from '../../src/wasm/generated/exports.js';
import { floats, integers } from './random.js';

const EPSILON = 2 ** -23;
const BAND = 9;
const MARK = -12345.625;
const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;

type Direction = 'forward' | 'dgrad' | 'wgrad';
type Axis = readonly [size: number, kernel: number, stride?: number, dilation?: number, before?: number, after?: number];

interface Case {
  readonly axes: readonly Axis[];
  readonly channels: number;
  readonly multiplier: number;
  readonly batch: number;
  readonly layout: Layout;
}

const reference = referenceEngine();

const geometryOf = ({ axes, channels, multiplier, batch, layout }: Case): ConvGeometry => {
  const size = axes.map(([each]) => each);
  const kernel = axes.map(([, each]) => each);
  const outputs = channels * multiplier;
  const first = layout === 'channels-first';
  return convGeometry(
    'conv',
    axes.length,
    first ? [batch, channels, ...size] : [batch, ...size, channels],
    first ? [outputs, 1, ...kernel] : [...kernel, 1, outputs],
    {
      stride: axes.map(([, , stride = 1]) => stride),
      dilation: axes.map(([, , , dilation = 1]) => dilation),
      padding: axes.map(([, , , , before = 0, after = 0]) => [before, after] as const),
      groups: channels,
      layout,
    },
  ).geometry;
};

const nameOf = ({ axes, channels, multiplier, batch, layout }: Case): string =>
  `${layout} batch ${batch}, ${channels}·${multiplier} channels, ${axes
    .map(
      ([size, k, s = 1, d = 1, before = 0, after = 0]) =>
        `${size} k${k}${s > 1 ? ` s${s}` : ''}${d > 1 ? ` d${d}` : ''}${before || after ? ` p${before},${after}` : ''}`,
    )
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
    all.fill(Number.NaN, workspace / 4);
    new Int32Array(memory.buffer, geometry).set(directView(g).words);
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
    const activation = ACTIVATIONS[epilogue.activation];
    if (direction === 'wgrad') kernels.depthwiseWgrad(geometry, pa, pb, out, workspace);
    else {
      const kernel = direction === 'forward' ? kernels.depthwise : kernels.depthwiseDgrad;
      kernel(geometry, pa, pb, out, bias, activation, epilogue.slope, workspace);
    }
    for (let i = 1; i <= BAND; i++) {
      if (all[out / 4 - i] !== MARK) throw new Error(`${direction}: wrote ${i} floats before the output`);
      if (all[end / 4 + i - 1] !== MARK) throw new Error(`${direction}: wrote ${i} floats past the output`);
    }
    if (!Number.isNaN(all[pa / 4 - 1] as number) || !Number.isNaN(all[geometry / 4 + VIEW_BYTES / 4] as number)) {
      throw new Error(`${direction}: wrote past the workspace`);
    }
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
    forward: volume(g.kernel),
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
  for (const direction of ['forward', 'dgrad', 'wgrad'] as const) {
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

const LAYOUTS = ['channels-first', 'channels-last'] as const;

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
              channels: 1 + (turn % 9),
              multiplier: 1 + (Math.floor(turn / 2) % 3),
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
    for (const [k, s, p] of [
      [3, 1, 1],
      [3, 2, 1],
      [3, 1, 0],
      [3, 2, 0],
      [3, 2, 2],
      [3, 3, 1],
      [5, 1, 2],
      [5, 2, 2],
    ] as const) {
      for (let width = Math.max(1, k - 2 * p); width <= 36; width += width < 20 ? 1 : 5) {
        const height = Math.max(k - 2 * p, 1 + ((width * 7) % 11));
        const channels = layout === 'channels-first' ? 1 + (width % 3) : 1 + (width % 21);
        for (const multiplier of [1, 1 + (width % 2)]) {
          yield {
            axes: [
              [height, k, s, 1, p, p],
              [width, k, s, 1, p, p],
            ],
            channels,
            multiplier,
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
    const plain = { channels: 5, multiplier: 1, batch: 2, layout } as const;
    yield { ...plain, batch: 0, axes: [[5, 3]] };
    for (const width of [1, 4, 17, 100, 333]) {
      yield { ...plain, axes: [[width, 7, 1, 2, 6, 6]] };
      yield { ...plain, axes: [[width, 4, 3, 1, 2, 5]], multiplier: 2 };
      yield { ...plain, axes: [[width, 16, 8, 1, 9, 20]] };
      yield { ...plain, axes: [[width, 3, 1, 1, 9, 9]] };
    }
    yield { ...plain, axes: [[2000, 3, 1, 1, 1, 1]], batch: 1 };
    yield { ...plain, axes: [[70, 3, 1, 1, 1, 1], [70, 3, 1, 1, 1, 1]], batch: 1, channels: 2 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[60, 3, 2, 1, 1, 1], [300, 3, 2, 1, 1, 1]], batch: 1, channels: 4 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 1, 9, 9, 9], [6, 3, 1, 9, 9, 9]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[2, 30, 1, 1, 29, 29], [3, 30, 2, 1, 29, 29]], channels: 1 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[9, 1, 9, 1, 0, 0], [50, 2, 7, 1, 0, 0]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[7, 3, 1, 1, 1, 1], [11, 3, 1, 1, 1, 1]], channels: 1100, batch: 1 }; // biome-ignore format: one line a case
    // More channels than are summed together.
    yield { ...plain, axes: [[2, 3, 1, 1, 1, 1], [5, 3, 2, 1, 1, 1]], channels: 12003, batch: 1 }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 2 ** 31 - 1, 1, 1, 1], [6, 3, 2 ** 31 - 1, 1, 1, 1]] }; // biome-ignore format: one line a case
    yield { ...plain, axes: [[5, 3, 2 ** 21, 1, 1, 1], [6, 3, 2 ** 21, 1, 1, 1]] }; // biome-ignore format: one line a case
    for (const s of [1, 2]) {
      for (const width of [3, 9, 18]) {
        for (const multiplier of [1, 3]) {
          yield { ...plain, multiplier, axes: [[4, 3, s, 1, 1, 2], [5, 2, s, 2, 1, 1], [width, 3, s, 1, 1, 1]] }; // biome-ignore format: one line a case
          yield { ...plain, multiplier, axes: [[3, 2, 1, 2, 3, 0], [6, 3, 1, 1, 0, 1], [width, 1, s, 1, 0, 0]] }; // biome-ignore format: one line a case
        }
      }
    }
  }
}

/** Infinity and NaN reach what the definition says: padding is multiplied in forward and wgrad, only real pairs meet in dgrad. */
function checkSpecial(machine: Machine, each: Case): void {
  const g = geometryOf(each);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const operand of ['x', 'w', 'y'] as const) {
      const length = operandsOf(g, integers)[operand].length;
      for (const index of [0, length >> 1, length - 1]) {
        const operands = operandsOf(g, integers);
        operands[operand][index] = value;
        for (const direction of ['forward', 'dgrad', 'wgrad'] as const) {
          const want = expected(direction, g, operands, NO_EPILOGUE);
          const got = machine.run(direction, g, ...inputs(direction, operands), want.length, NO_EPILOGUE);
          same(got, want, `${direction} ${nameOf(each)}, ${value} at ${operand}[${index}]`);
        }
      }
    }
  }
}

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

describe.each(['debug', 'tiny', 'simd', 'relaxed'].filter(supported))('depthwise, %s', (build) => {
  const machine = new Machine(load(build));
  for (const layout of LAYOUTS) {
    it(`every width, kernel, stride, dilation and pad, ${layout}`, () => {
      for (const each of twoDimensional()) if (each.layout === layout) check(machine, each);
    });
    it(`3×3 and 5×5, ${layout}`, () => {
      for (const each of squares()) if (each.layout === layout) check(machine, each);
    });
    it(`1-D, 3-D, large ones, ${layout}`, () => {
      for (const each of others()) if (each.layout === layout) check(machine, each);
    });
    it(`NaN and infinity, ${layout}`, () => {
      for (const s of [1, 2, 3]) {
        for (const width of [7, 8, 18]) {
          for (const [channels, multiplier] of [
            [6, 1],
            [6, 2],
            [11, 1],
          ] as const) {
            // biome-ignore format: one line
            checkSpecial(machine, { axes: [[6, 3, s, 1, 1, 1], [width, 3, s, 1, 1, 2]], channels, multiplier, batch: 2, layout }); // biome-ignore format: one line
          }
        }
      }
    });
    it(`an element's bits depend on neither batch nor place, ${layout}`, () => {
      for (const [channels, s] of [
        [7, 1],
        [21, 1],
        [21, 2],
      ] as const) {
        // biome-ignore format: one line
        const one: Case = { axes: [[9, 3, s, 1, 1, 1], [21, 3, s, 1, 1, 1]], channels, multiplier: 1, batch: 1, layout }; // biome-ignore format: one line
        const g1 = geometryOf(one);
        const g2 = geometryOf({ ...one, batch: 2 });
        const operands = operandsOf(g1, floats);
        for (const direction of ['forward', 'dgrad'] as const) {
          const [a, w] = inputs(direction, operands);
          const length = direction === 'forward' ? yLength(g1) : xLength(g1);
          const twice = new Float32Array(2 * a.length);
          twice.set(a);
          twice.set(a, a.length);
          const single = machine.run(direction, g1, a, w, length, NO_EPILOGUE);
          const double = machine.run(direction, g2, twice, w, 2 * length, NO_EPILOGUE);
          expect(double.subarray(0, length)).toEqual(single);
          expect(double.subarray(length)).toEqual(single);
        }
      }
    });
  }
});
