/**
 * What is done to arrays around a convolution: by the kernels where the arrays lie in their memory or are worth copying in, on the threads where they are long enough, else in
 * JavaScript (array/).
 */
import { elementwise } from '../array/elementwise.js';
import { sum } from '../array/reduce.js';
import { copy } from '../array/strided-copy.js';
import type { Axes, ElementwiseAxes, ElementwiseName, SumAxes } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import type { Exports } from './generated/exports.js';
import { ELEMENTWISE } from './generated/layout.js';
import type { Instance } from './instance.js';
import { ABSENT, type Place } from './memory/memory.js';
import { OVERHEAD } from './overhead.js';
import type { AxesPart } from './split-axes.js';

/** As `Engine` has them. */
export class ArrayOps {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  copy(axes: Axes, from: Float32Array, to: Float32Array, op: string): void {
    const { memory } = this.#instance;
    const [source, target] = [memory.place(from), memory.place(to)];
    const inside = source.address >= 0 && target.address >= 0;
    const run = (ps: number, pt: number): void =>
      this.#share(axes.words, inside ? COPY : 0, 'cutAxes', (kernels, g, part) =>
        kernels.copy(g, ps + (axes.from + part.from) * 4, pt + (axes.to + part.to) * 4),
      );
    if (inside) run(source.address, target.address);
    else if (worthCopying(axes, source, target)) this.#instance.call(op, source, ABSENT, ABSENT, target, 0, (ps, _, __, pt) => run(ps, pt));
    else copy(axes, from, to);
  }

  elementwise(
    f: ElementwiseName,
    axes: ElementwiseAxes,
    a: Float32Array,
    b: Float32Array | number,
    c: Float32Array | number,
    y: Float32Array,
  ): void {
    const { memory } = this.#instance;
    const [first, second, target] = [memory.place(a), this.#operand(b, 0), memory.place(y)];
    const same = c === b;
    const third = same ? second : this.#operand(c, 1);
    const inside = first.address >= 0 && target.address >= 0;
    if (inside && second.address >= 0 && third.address >= 0) {
      this.elementwiseAt(f, axes, first.address, second.address, third.address, target.address);
    } else if (inside || (target.length >= COPIED && target.length === sizeOf(axes.words.slice(0, 4)))) {
      this.#instance.call('engine', first, second, same ? ABSENT : third, target, 0, (pa, pb, pc, py) =>
        this.#elementwise(f, axes, pa, pb, same ? pb : pc, py, 0),
      );
    } else elementwise(f, axes, a, b, c, y);
  }

  elementwiseAt(f: ElementwiseName, axes: ElementwiseAxes, a: number, b: number, c: number, y: number): void {
    this.#elementwise(f, axes, a, b, c, y, ELEMENT);
  }

  #elementwise(
    f: ElementwiseName,
    { words, from, to, at }: ElementwiseAxes,
    a: number,
    b: number,
    c: number,
    y: number,
    picoseconds: number,
  ): void {
    const { workspace } = this.#instance;
    this.#share(words, picoseconds, 'cutAxes', (kernels, g, part) => {
      const second = (to + part.to) * 4;
      kernels.elementwise(ELEMENTWISE[f], g, a + (from + part.from) * 4, b + second, c + second, y + (at + part.at) * 4, workspace);
    });
  }

  sum(axes: SumAxes, x: Float32Array, divisor: number, y: Float32Array): void {
    const { memory } = this.#instance;
    const [source, target] = [memory.place(x).address, memory.place(y).address];
    if (source < 0 || target < 0) sum(axes, x, divisor, y);
    else {
      this.#share(axes.words, SUMMED, 'cutSums', (kernels, g, part) =>
        kernels.sum(g, source + (axes.from + part.from) * 4, divisor, target + (axes.at + part.at) * 4),
      );
    }
  }

  /**
   * Calls a kernel of four axes, at `picoseconds` an element (0: of what was copied in, which threads do not gain by), or puts down its parts for the threads; `g` is where the
   * kernel finds the part's words.
   */
  #share(
    words: readonly number[],
    picoseconds: number,
    cut: 'cutAxes' | 'cutSums',
    call: (kernels: Exports, g: number, part: AxesPart) => void,
  ): void {
    const { kernels, pool, sharing, threads } = this.#instance;
    const shared = threads > 1 && sizeOf(words.slice(0, 4)) * picoseconds > OVERHEAD.small;
    const parts = shared && sharing ? sharing[cut](words, PARTS_EACH * threads) : [];
    if (pool === undefined || parts.length < 2) {
      call(kernels, this.#instance.writeWords(words), { words, ...WHOLE });
      return;
    }
    pool.workspaces();
    for (const [item, part] of parts.entries()) call(pool.record, this.#instance.writeItemWords(item, part.words), part);
    pool.run();
  }

  #operand(operand: Float32Array | number, index: 0 | 1): Place {
    return typeof operand === 'number' ? this.#instance.writeConstant(index, operand) : this.#instance.memory.place(operand);
  }
}

const WHOLE = { from: 0, to: 0, at: 0 };
const PARTS_EACH = 2;
/** Picoseconds of an element. */
const [ELEMENT, COPY, SUMMED] = [300, 300, 100];

/** Elements from which arrays elsewhere are copied in and the result out: a loop in JavaScript takes 5 ns for each, and 15 with a branch that it cannot foresee. */
const COPIED = 1024;

/** Whether an array elsewhere is copied in whole, or out: if the copy takes most of it, or writes all of it. In and out would be two copies more. */
function worthCopying({ words }: Axes, source: Place, target: Place): boolean {
  const count = sizeOf(words.slice(0, 4));
  if (count < COPIED) return false;
  return source.address >= 0 ? count === target.length : target.address >= 0 && 2 * count >= source.length;
}
