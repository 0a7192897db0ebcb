import { describe, expect, it } from 'vitest';
import { type Kernels, type LoadOptions, loadSync, OptionError, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { Heap } from '../backends/heap.js';

const MiB = 2 ** 20;

function hosted(options: LoadOptions = {}): { heap: Heap; kernels: Kernels } {
  const heap = new Heap();
  return { heap, kernels: loadSync({ memory: heap.memory, allocator: heap, ...options }) };
}

const numbers = (length: number, from = 0): Float32Array => Float32Array.from({ length }, (_, i) => ((i + from) % 7) - 3);

/** Elementwise, but NaN is NaN; toEqual takes a minute for a million. */
function expectSame(got: Float32Array, want: Float32Array): void {
  expect(got).toHaveLength(want.length);
  expect(got.findIndex((value, i) => !Object.is(value, want[i]))).toBe(-1);
}

/** A convolution that needs a packed weight and Winograd's scratch, and one that is done in phases. */
const x: Tensor = { data: numbers(2 * 16 * 20 * 20), shape: [2, 16, 20, 20] };
const w: Tensor = { data: numbers(16 * 16 * 9, 2), shape: [16, 16, 3, 3] };
const own = loadSync();
const y = own.conv2d(x, w);
const up = own.convTranspose2d(x, w, { stride: 2 });

describe("kernels in a host's heap", () => {
  it('read and write arrays of the heap in place, and hold nothing but their scratch', () => {
    const { heap, kernels } = hosted();
    const lengths = [x, w, y, up].map(({ data }) => data.length);
    const [px, pw, py, pup] = lengths.map((length) => heap.malloc(4 * length)) as [number, number, number, number];
    const at = (pointer: number, { shape, data }: Tensor): Tensor => ({
      data: new Float32Array(heap.memory.buffer, pointer, data.length),
      shape,
    });
    at(px, x).data.set(x.data);
    at(pw, w).data.set(w.data);
    kernels.conv2d(at(px, x), at(pw, w), { out: at(py, y) });
    heap.check();
    kernels.convTranspose2d(at(px, x), at(pw, w), { stride: 2, out: at(pup, up) });
    heap.check();
    expectSame(at(py, y).data, y.data);
    expectSame(at(pup, up).data, up.data);
    expectSame(at(px, x).data, x.data);
    const { liveBytes, capacityBytes, workspaceBytes } = kernels.info.memory;
    expect(liveBytes).toBe(0);
    // Winograd's scratch and its packed weight.
    expect(capacityBytes).toBeLessThan(workspaceBytes + 3 * MiB);
    kernels.dispose();
  });

  it('compute on when a call makes the heap grow under its operands', () => {
    const { heap, kernels } = hosted();
    const weight = heap.floats(w.data);
    const resident = kernels.tensor(w.shape, w.data);
    const { buffer } = heap.memory;
    // The plain image is copied into an arena that is not there yet.
    const large: Tensor = { data: numbers(16 * 256 * 256), shape: [1, 16, 256, 256] };
    const want = own.conv2d(large, w);
    const got = kernels.conv2d(large, { data: weight, shape: w.shape });
    expect(heap.memory.buffer).not.toBe(buffer);
    expect(weight).toHaveLength(0);
    expectSame(got.data, want.data);
    heap.memory.grow(3);
    expectSame(kernels.conv2d(large, resident).data, want.data);
    heap.check();
    kernels.dispose();
  });

  it('notice a weight that is not finite when the call makes the heap grow', () => {
    const { heap, kernels } = hosted();
    const infinite = w.data.map((value, i) => (i === 5 ? Number.POSITIVE_INFINITY : value));
    const image: Tensor = { data: numbers(16 * 64 * 64), shape: [1, 16, 64, 64] };
    const options = { padding: 1 };
    const want = own.convTranspose2d(image, { data: infinite, shape: w.shape }, options);
    const got = kernels.convTranspose2d(image, { data: heap.floats(infinite), shape: w.shape }, options);
    expectSame(got.data, want.data);
    kernels.dispose();
  });

  it('change nothing when the host gives no room, and go on when it does', () => {
    const { heap, kernels } = hosted();
    const kept = kernels.tensor([3], Float32Array.of(1, 2, 3));
    kernels.conv2d(x, w);
    const { liveBytes, capacityBytes } = kernels.info.memory;
    const held = heap.liveBytes;
    heap.limit = held + MiB;
    const large: Tensor = { data: new Float32Array(4 * MiB), shape: [2048, 2048] };
    for (const run of [
      () => kernels.matmul(large, large),
      () => kernels.tensor([MiB]),
      () => kernels.conv2d.plan({ input: [1, 512, 9, 9], weight: { data: new Float32Array(512 * 512 * 9), shape: [512, 512, 3, 3] } }),
    ]) {
      expect(run).toThrow(OutOfMemoryError);
      heap.check();
      expect(kernels.info.memory).toMatchObject({ liveBytes });
    }
    expect(kernels.info.memory).toMatchObject({ liveBytes, capacityBytes });
    expect(heap.liveBytes).toBe(held);
    expect([...kept.data]).toEqual([1, 2, 3]);
    expectSame(kernels.conv2d(x, w).data, y.data);
    heap.limit = Number.POSITIVE_INFINITY;
    expect(kernels.matmul(large, large).data.every((value) => value === 0)).toBe(true);
    kernels.dispose();
  });

  it('give everything back when they are disposed', () => {
    const { heap, kernels } = hosted();
    kernels.tensor([300]);
    const plan = kernels.conv2d.plan({ input: x.shape, weight: w });
    expectSame(plan.run(x).data, y.data);
    const freed = kernels.tensor([400]);
    freed.dispose();
    kernels.dispose();
    plan.dispose();
    expect(heap.liveBytes).toBe(0);
    heap.check();
  });

  it('share a heap with other kernels', () => {
    const { heap, kernels } = hosted();
    const others = loadSync({ memory: heap.memory, allocator: heap, deterministic: true });
    const image = kernels.tensor(x.shape, x.data);
    expectSame(others.conv2d(image, w).data, loadSync({ deterministic: true }).conv2d(x, w).data);
    others.dispose();
    expectSame(kernels.conv2d(image, w).data, y.data);
    kernels.dispose();
    expect(heap.liveBytes).toBe(0);
  });

  it('hold no more than maxBytes', () => {
    const { heap, kernels } = hosted({ maxBytes: 4 * MiB });
    expect(() => kernels.tensor([2 * MiB])).toThrow(/maxBytes is 4194304/);
    expectSame(kernels.conv2d(x, w).data, y.data);
    kernels.dispose();
    expect(heap.liveBytes).toBe(0);
  });

  it('start on a memory of any maximum, and of no page at all', () => {
    for (const sizes of [{ initial: 0 }, { initial: 1, maximum: 7000 }, { initial: 20, maximum: 65536 }]) {
      const memory = new WebAssembly.Memory(sizes);
      let end = 16;
      const malloc = (bytes: number): number => {
        const start = end;
        end += bytes;
        const missing = end - memory.buffer.byteLength;
        if (missing > 0) memory.grow(Math.ceil(missing / 65536));
        return start;
      };
      const kernels = loadSync({ memory, allocator: { malloc, free: () => {} } });
      expectSame(kernels.conv2d(x, w).data, y.data);
      kernels.dispose();
    }
  });

  it('compute up to the last page below 4 GiB, and refuse what lies in it', () => {
    // Address space only: a page is taken when it is written to.
    const memory = new WebAssembly.Memory({ initial: 65536 });
    let next = 1024;
    const malloc = (bytes: number): number => {
      next += Math.ceil(bytes / 16) * 16;
      return next - Math.ceil(bytes / 16) * 16;
    };
    const kernels = loadSync({ memory, allocator: { malloc, free: () => {} } });
    const end = 2 ** 32 - 65536;
    /** A tensor that ends there. */
    const before = (address: number, { shape, data }: Tensor): Tensor => {
      const view = new Float32Array(memory.buffer, address - data.byteLength, data.length);
      view.set(data);
      return { data: view, shape };
    };
    const tensor = (shape: number[], from = 0): Tensor => ({
      data: numbers(
        shape.reduce((a, b) => a * b),
        from,
      ),
      shape,
    });
    const [row, square] = [tensor([1, 40]), tensor([40, 40], 3)];
    const [image, larger, taps] = [tensor([1, 6, 12, 11]), tensor([1, 6, 14, 13]), tensor([6, 1, 3, 3], 1)];
    const [columns, two] = [tensor([1, 18, 70]), tensor([2, 1, 1, 3], 4)];
    const runs: Readonly<Record<string, (k: Kernels, into: { readonly out?: Tensor }) => Tensor>> = {
      'one row': (k, into) => k.matmul(row, square, into),
      columns: (k, into) => k.convTranspose2d(x, w, { ...into, stride: 2, algorithm: 'gemm' }),
      winograd: (k, into) => k.conv2d(x, w, { ...into, algorithm: 'winograd' }),
      fold: (k, into) => k.fold(columns, [9, 11], [3, 2], into),
      unfold: (k, into) => k.unfold(image, [3, 3], into),
      'depthwise gradInput': (k, into) => k.conv2d.gradInput(image, taps, larger.shape, { ...into, groups: 6 }),
      'depthwise gradWeight': (k, into) => k.conv2d.gradWeight(image, larger, taps.shape, { ...into, groups: 6 }),
      'a step of 80 kB': (k, into) =>
        k.conv2d.gradInput(tensor([1, 2, 1, 2]), two, [1, 2, 1, 20_003], { ...into, groups: 2, stride: [1, 20_000] }),
    };
    for (const [what, run] of Object.entries(runs)) {
      const want = run(own, {});
      const got = run(kernels, { out: before(end, want) });
      expect(got.data.byteOffset + got.data.byteLength, what).toBe(end);
      expectSame(got.data, want.data);
    }
    const plan = kernels.conv2d.plan({ input: x.shape, weight: w });
    expectSame(plan.run(before(end, x), before(end - x.data.byteLength, y)).data, y.data);
    const refusals: readonly [RegExp, () => unknown][] = [
      [
        /^conv2d: input\.data ends at byte 4294901764 of the memory; expected 4294901760 at most/,
        () => kernels.conv2d(before(end + 4, x), w),
      ],
      [/^conv2d: out\.data ends at byte 4294967296/, () => kernels.conv2d(x, w, { out: before(2 ** 32, y) })],
      [/^conv2d: bias\.data ends/, () => kernels.conv2d(x, w, { bias: before(end + 4, { data: numbers(16), shape: [16] }) })],
      [/^conv2d\.plan: weight\.data ends/, () => kernels.conv2d.plan({ input: x.shape, weight: before(end + 64, w) })],
      [/^conv2d\.plan\.run: input\.data ends/, () => plan.run(before(2 ** 32, x), before(end - x.data.byteLength, y))],
      [/^conv2d\.plan\.run: out\.data ends/, () => plan.run(x, before(end + 4, y))],
      [/^tensor: data ends/, () => kernels.tensor([4], before(2 ** 32, { data: numbers(4), shape: [4] }).data)],
    ];
    for (const [message, run] of refusals) {
      expect(run).toThrow(OptionError);
      expect(run).toThrow(message);
    }
    expectSame(kernels.conv2d(x, w).data, y.data);
    // In another memory, and in none, arrays may end where they like.
    expectSame(own.conv2d(before(2 ** 32, x), w).data, y.data);
    kernels.dispose();
  });

  it('refuse half a heap, and an allocator that does not allocate', () => {
    const { heap } = hosted();
    const { memory } = heap;
    const refused = (options: object): Error => {
      try {
        loadSync(options);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError);
        return error as Error;
      }
      throw new Error('nothing was thrown');
    };
    expect(refused({ memory }).message).toMatch(/allocator is undefined; expected \{ malloc, free \}/);
    expect(refused({ memory, allocator: { malloc: heap.malloc } }).message).toMatch(/allocator is an Object/);
    expect(refused({ allocator: heap }).message).toMatch(/memory is undefined; expected a WebAssembly\.Memory/);
    expect(refused({ memory: memory.buffer, allocator: heap }).message).toMatch(/memory is an ArrayBuffer/);
    expect(refused({ memory, allocator: heap, variant: 'reference' }).message).toMatch(/a memory is given/);
    const nowhere = { malloc: () => 2 ** 31, free: () => {} };
    expect(refused({ memory, allocator: nowhere }).message).toMatch(/gave 2147483648; the memory has \d+ bytes/);
    const thrower = {
      malloc: () => {
        throw new Error('aborted');
      },
      free: () => {},
    };
    expect(() => loadSync({ memory, allocator: thrower })).toThrow(OutOfMemoryError);
  });
});
