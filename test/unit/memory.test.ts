/** Where operands lie, how growth is told, and that a plan is undone. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MOST_BYTES, NO_EPILOGUE } from '../../src/engine.js';
import { convGeometry } from '../../src/geometry/index.js';
import { OptionError, OutOfMemoryError } from '../../src/index.js';
import { gemmPacked } from '../../src/wasm/algorithms.js';
import { Instance } from '../../src/wasm/instance.js';
import { HostMemory } from '../../src/wasm/memory/host.js';
import { ABSENT, type Memory, roomFor } from '../../src/wasm/memory/memory.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { makePlan } from '../../src/wasm/plan.js';
import { fpropProgram, type Program } from '../../src/wasm/select.js';
import { Heap } from '../backends/heap.js';

const MiB = 2 ** 20;
const PAGE = 65536;
const NO_ALLOCATOR = { malloc: () => 0, free: () => {} };
const hosted = (wasm: WebAssembly.Memory): Memory => new HostMemory(wasm, NO_ALLOCATOR, MOST_BYTES);

describe('the place of an operand', () => {
  it('is an address in the memory, the array elsewhere, nothing for what is absent', () => {
    const wasm = new WebAssembly.Memory({ initial: 1 });
    const memory = hosted(wasm);
    const inside = new Float32Array(wasm.buffer, 64, 5);
    const elsewhere = new Float32Array(5);
    const part = new Float32Array(10).subarray(2, 7);
    expect(memory.place(inside)).toMatchObject({ address: 64, length: 5, source: null });
    expect(memory.place(elsewhere)).toMatchObject({ address: -1, length: 5, source: elsewhere });
    expect(memory.place(part)).toMatchObject({ address: -1, length: 5, source: part });
    expect(memory.place(null)).toBe(ABSENT);
    expect([inside, elsewhere, part].map((each) => roomFor(memory.place(each)))).toEqual([0, 32, 32]);
    expect(roomFor(ABSENT)).toBe(0);
  });

  it('is another number for each buffer that the memory is seen to have, whoever made it grow', () => {
    const wasm = new WebAssembly.Memory({ initial: 1 });
    const memory = hosted(wasm);
    const { generation } = memory;
    expect(memory.generation).toBe(generation);
    const kept = new Float32Array(wasm.buffer, 64, 5);
    const { buffer } = wasm;
    wasm.grow(1);
    expect(memory.generation).not.toBe(generation);
    expect(kept).toHaveLength(0);
    expect([memory.owns(buffer), memory.owns(wasm.buffer), memory.owns(new ArrayBuffer(8))]).toEqual([true, true, false]);
    new Float32Array(wasm.buffer, 64, 5).set([1, 2, 3, 4, 5]);
    expect([...memory.attach(kept, 64, 5, generation)]).toEqual([1, 2, 3, 4, 5]);
    const other = new Float32Array(5);
    expect(memory.attach(other, 0, 5, generation)).toBe(other);
  });

  it('of a memory shared between threads is found in a view of any of its buffers, none of which is ever detached', () => {
    const wasm = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const memory = hosted(wasm);
    const { generation } = memory;
    const kept = new Float32Array(wasm.buffer, 64, 5);
    wasm.grow(1);
    expect(kept).toHaveLength(5);
    expect(memory.generation).not.toBe(generation);
    expect(memory.place(kept)).toMatchObject({ address: 64, length: 5, source: null });
    expect(memory.place(new Float32Array(wasm.buffer, 64, 5))).toMatchObject({ address: 64, length: 5, source: null });
    kept[0] = 7;
    expect(memory.attach(kept, 64, 5, generation)[0]).toBe(7);
    expect(memory.attach(kept, 64, 5, generation).buffer).toBe(wasm.buffer);
  });
});

describe("an operand at address 0 of a host's memory", () => {
  it('is copied, and found again when the memory grows in between', () => {
    const heap = new Heap();
    const memory = new HostMemory(heap.memory, heap, MOST_BYTES);
    const given = new Float32Array(heap.memory.buffer, 0, 8);
    const first = memory.place(given);
    const result = memory.place(given);
    expect(first.address).toBe(-1);
    memory.reserve('test', MiB);
    expect(given).toHaveLength(0);
    const bottom = new Float32Array(heap.memory.buffer, 0, 8);
    const before = [...bottom];
    const at = memory.enter(first);
    expect([...memory.view(at, 8)]).toEqual(before);
    memory.view(at, 8).set([1, 2, 3, 4, 5, 6, 7, 8]);
    memory.leave(at, result);
    expect([...bottom]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('reserve', () => {
  it('asks for no room beside a free block that is large enough', () => {
    const memory = new OwnMemory(2 * MiB);
    memory.fixed('load', 0, 64);
    const first = memory.allocate('test', MiB);
    memory.allocate('test', MiB / 2);
    memory.release(first, MiB);
    memory.reserve('test', MiB / 4, MiB);
    expect(memory.allocate('test', MiB)).toBe(first);
    expect(() => memory.reserve('test', MiB / 4, MiB)).toThrow(/maxBytes/);
  });
});

describe('the last page below 4 GiB', () => {
  // All of it is address space: no page is touched but those that are written to.
  const wasm = new WebAssembly.Memory({ initial: 65536 });
  const last = (bytes: number): Float32Array => new Float32Array(wasm.buffer, 2 ** 32 - PAGE - 64, bytes / 4);

  it('holds no operand', () => {
    const memory = hosted(wasm);
    expect(memory.place(last(64))).toMatchObject({ address: 2 ** 32 - PAGE - 64, length: 16 });
    for (const bytes of [68, PAGE + 64]) {
      expect(() => memory.place(last(bytes))).toThrow(OptionError);
      expect(() => memory.place(last(bytes))).toThrow(
        `an operand ends at byte ${2 ** 32 - PAGE - 64 + bytes} of the memory; expected 4294901760 at most`,
      );
    }
  });

  it('holds no block: what an allocator gives there is given back', () => {
    const freed: number[] = [];
    const top = { malloc: (bytes: number) => (2 ** 32 - bytes) | 0, free: (pointer: number) => freed.push(pointer) };
    const memory = new HostMemory(wasm, top, MOST_BYTES);
    expect(() => memory.allocate('tensor', 64)).toThrow(OutOfMemoryError);
    expect(() => memory.allocate('tensor', 64)).toThrow(/^tensor: needs 64 bytes more; .*last page below 4 GiB/);
    expect(freed).toEqual([2 ** 32 - 80, 2 ** 32 - 80]);
    expect([memory.liveBytes, memory.capacityBytes]).toEqual([0, 0]);
  });

  it('is none of the kernels’ own', () => {
    expect(() => new OwnMemory(MOST_BYTES).allocate('tensor', MOST_BYTES + 16)).toThrow(/maxBytes is 4294901760/);
  });
});

describe('a plan that fails while it is made', () => {
  const module = new WebAssembly.Module(Uint8Array.from(readFileSync(new URL('../../build/tiny.wasm', import.meta.url))));
  const { geometry } = convGeometry('conv', 2, [1, 3, 8, 8], [4, 3, 3, 3]);
  const job = { op: 'conv2d.plan', algorithm: 'gemm' } as const;
  const weight = new Float32Array(4 * 3 * 9);
  const failing: Program = {
    ...fpropProgram(geometry, job, { planned: true, fused: false }),
    method: {
      ...gemmPacked,
      pack() {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    },
  };

  it.each(['own memory', 'heap'])('leaves nothing behind: %s', (where) => {
    const heap = new Heap();
    const memory = where === 'heap' ? new HostMemory(heap.memory, heap, MOST_BYTES) : new OwnMemory(16 * MiB);
    const instance = new Instance(module, memory);
    const plan = makePlan(instance, fpropProgram(geometry, job, { planned: true, fused: false }), weight, NO_EPILOGUE, job);
    const { liveBytes } = memory;
    for (let i = 0; i < 3; i++) {
      expect(() => makePlan(instance, failing, weight, NO_EPILOGUE, job)).toThrow('unreachable');
      expect(memory.liveBytes).toBe(liveBytes);
      memory.release(memory.allocate('tensor', 1000), 1000);
    }
    const y = new Float32Array(4 * 36);
    plan.run(new Float32Array(192).fill(1), y);
    expect(y.every((value) => value === 0)).toBe(true);
    plan.free();
    expect(memory.liveBytes).toBe(0);
  });
});
