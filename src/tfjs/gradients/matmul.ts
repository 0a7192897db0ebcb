/** Gradients of products whose batch axes were broadcast: tfjs-core's have the batch of the result, which an operand of fewer matrices then refuses. */
import { sizeOf } from '../../geometry/index.js';
import type { TensorInfo } from '../types.js';
import type { Gradient, Part, Run } from './gradient.js';

const KERNEL = 'BatchMatMul';

/** op(first) · op(second). */
interface Product {
  readonly first: TensorInfo;
  readonly second: TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const batchOf = ({ shape }: TensorInfo): readonly number[] => shape.slice(0, -2);
const isSame = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, axis) => size === b[axis]);

const ofProduct: Gradient = {
  saves: ['a', 'b'],
  needed: (_, { a, b }) => !isSame(batchOf(a as TensorInfo), batchOf(b as TensorInfo)),
  of(dy, saved, attributes) {
    const { a, b } = saved as Record<'a' | 'b', TensorInfo>;
    const [ta, tb] = [attributes.transposeA === true, attributes.transposeB === true];
    const da = ta
      ? { first: b, second: dy, transposeA: tb, transposeB: true }
      : { first: dy, second: b, transposeA: false, transposeB: !tb };
    const db = tb
      ? { first: dy, second: a, transposeA: true, transposeB: ta }
      : { first: a, second: dy, transposeA: !ta, transposeB: false };
    return { a: summed(a, da), b: summed(b, db) };
  },
};

/** The gradient of an operand: the products of the matrices that it was one factor of, summed. */
const summed = (operand: TensorInfo, product: Product): Part => ({
  kernel: KERNEL,
  compute(run) {
    const { first, second, transposeA, transposeB } = product;
    const one = sizeOf(batchOf(operand)) === 1 && transposeA && !transposeB && isSame(batchOf(first), batchOf(second));
    // Σ firstᵢᵀ · secondᵢ is one product of all their rows: no result for each of a batch, which may be as many as the rows.
    const [a, b] = one ? [rowsOf(run, first), rowsOf(run, second)] : [first, second];
    return sumTo(run, run(KERNEL, { a, b }, { transposeA, transposeB }), operand.shape);
  },
});

const rowsOf = (run: Run, x: TensorInfo): TensorInfo => {
  const columns = x.shape.at(-1) as number;
  return run('Reshape', { x }, { shape: [sizeOf(x.shape.slice(0, -1)), columns] });
};

/** Summed over the axes along which `shape` was broadcast. */
function sumTo(run: Run, x: TensorInfo, shape: readonly number[]): TensorInfo {
  const missing = x.shape.length - shape.length;
  const axis = x.shape.flatMap((size, i) => (i < missing || (shape[i - missing] === 1 && size !== 1) ? [i] : []));
  const sum = axis.length === 0 ? x : run('Sum', { x }, { axis, keepDims: false });
  return isSame(sum.shape, shape) ? sum : run('Reshape', { x: sum }, { shape: [...shape] });
}

export const productGradients: Readonly<Record<string, Gradient>> = { [KERNEL]: ofProduct };
