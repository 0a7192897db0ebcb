/** What is done to arrays around a convolution: by the kernels where the arrays lie in their memory or are worth copying in, else in JavaScript (array/). */
import { elementwise } from '../array/elementwise.js';
import { sum } from '../array/reduce.js';
import { copy } from '../array/strided-copy.js';
import type { Axes, ElementwiseAxes, ElementwiseName, SumAxes } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import { ELEMENTWISE } from './generated/layout.js';
import type { Instance } from './instance.js';
import { ABSENT, type Place } from './memory/memory.js';

/** As `Engine` has them. */
export class ArrayOps {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  copy(axes: Axes, from: Float32Array, to: Float32Array, op: string): void {
    const { kernels, memory } = this.#instance;
    const [source, target] = [memory.place(from), memory.place(to)];
    const run = (ps: number, pt: number): void => kernels.copy(this.#instance.writeWords(axes.words), ps + axes.from * 4, pt + axes.to * 4);
    if (source.address >= 0 && target.address >= 0) run(source.address, target.address);
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
        this.elementwiseAt(f, axes, pa, pb, same ? pb : pc, py),
      );
    } else elementwise(f, axes, a, b, c, y);
  }

  elementwiseAt(f: ElementwiseName, { words, from, to, at }: ElementwiseAxes, a: number, b: number, c: number, y: number): void {
    const { kernels, workspace } = this.#instance;
    const g = this.#instance.writeWords(words);
    kernels.elementwise(ELEMENTWISE[f], g, a + from * 4, b + to * 4, c + to * 4, y + at * 4, workspace);
  }

  sum(axes: SumAxes, x: Float32Array, divisor: number, y: Float32Array): void {
    const { kernels, memory } = this.#instance;
    const [source, target] = [memory.place(x).address, memory.place(y).address];
    if (source < 0 || target < 0) sum(axes, x, divisor, y);
    else kernels.sum(this.#instance.writeWords(axes.words), source + axes.from * 4, divisor, target + axes.at * 4);
  }

  #operand(operand: Float32Array | number, index: 0 | 1): Place {
    return typeof operand === 'number' ? this.#instance.writeConstant(index, operand) : this.#instance.memory.place(operand);
  }
}

/** Elements from which arrays elsewhere are copied in and the result out: a loop in JavaScript takes 5 ns for each, and 15 with a branch that it cannot foresee. */
const COPIED = 1024;

/** Whether an array elsewhere is copied in whole, or out: if the copy takes most of it, or writes all of it. In and out would be two copies more. */
function worthCopying({ words }: Axes, source: Place, target: Place): boolean {
  const count = sizeOf(words.slice(0, 4));
  if (count < COPIED) return false;
  return source.address >= 0 ? count === target.length : target.address >= 0 && 2 * count >= source.length;
}
