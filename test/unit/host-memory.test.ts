import { describe, expect, it } from 'vitest';
import { type Kernels, type LoadOptions, loadSync, OptionError, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { Heap } from '../heap.js';

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

  it('refuse half a heap, a shared memory, and an allocator that does not allocate', () => {
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
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    expect(refused({ memory: shared, allocator: heap }).message).toMatch(/not shared/);
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
