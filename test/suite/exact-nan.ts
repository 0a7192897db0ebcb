import type { Kernels, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal } from './check.js';
import { asView, filled, imageLast, integers, seeded, weightLast } from './data.js';

const [N, C, O, H, W, K] = [2, 3, 5, 6, 7, 3] as const;
const [OH, OW] = [3, 5] as const; // one padded row is left over
const STRIDE = [2, 2] as const;
const PADDING = [1, 2] as const;

interface Operands {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly dy: Tensor;
}

/**
 * NaN and infinity go where the definition sends them and nowhere else. A padded position is a zero that is multiplied, so that
 * infinity times padding is NaN; the transposed direction sums over the positions that exist.
 */
export function exactNan(define: Define, { kernels }: Backend): void {
  const clean = (): Operands => {
    const random = seeded(77);
    return { x: integers(random, [N, C, H, W]), w: integers(random, [O, C, K, K]), dy: integers(random, [N, O, OH, OW]) };
  };
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const [operand, index] of [
      ['x', 0],
      ['x', C * H * W + W + 3],
      ['x', N * C * H * W - 1],
      ['w', 0],
      ['w', K * K + 4],
      ['w', O * C * K * K - 1],
      ['dy', 0],
      ['dy', O * OH * OW + OW + 2],
      ['dy', N * O * OH * OW - 1],
    ] as const) {
      define(`exact conv2d: ${value} at ${operand}[${index}] reaches what it should`, () => {
        const operands = clean();
        operands[operand].data[index] = value;
        checkDirections(kernels, operands);
      });
    }
  }
  define('exact conv2d: infinity at padding is NaN, inside it is infinity', () => {
    const w = filled([1, 1, 3, 3], () => Number.POSITIVE_INFINITY);
    const y = kernels.conv2d(
      filled([1, 1, 4, 4], () => 1),
      w,
      { padding: 1 },
    );
    const inside = (i: number): boolean => [1, 2].includes(i % 4) && [1, 2].includes(Math.floor(i / 4));
    equal(
      y,
      filled([1, 1, 4, 4], (i) => (inside(i) ? Number.POSITIVE_INFINITY : Number.NaN)),
      'y',
    );
  });
  define('exact conv2d: relu keeps NaN', () => {
    const x = filled([1, 1, 3, 3], (i) => (i === 4 ? Number.NaN : -1));
    const one = filled([1, 1, 1, 1], () => 1);
    for (const activation of ['relu', 'relu6'] as const) {
      equal(
        kernels.conv2d(x, one, { activation }),
        filled(x.shape, (i) => (i === 4 ? Number.NaN : 0)),
        activation,
      );
    }
  });
}

function checkDirections(kernels: Kernels, { x, w, dy }: Operands): void {
  const options = { stride: STRIDE, padding: PADDING };
  const { y, dx, dw } = byDefinition(x, w, dy);
  const [vx, vw, vdy] = [asView(x), asView(w), asView(dy)] as const;
  equal(kernels.conv2d(vx, vw, options), y, 'forward');
  equal(kernels.conv2d.gradInput(vdy, vw, x.shape, options), dx, 'gradInput');
  equal(kernels.conv2d.gradWeight(vdy, vx, w.shape, options), dw, 'gradWeight');

  const last = { ...options, layout: 'channels-last' } as const;
  const [lx, lw, ldy] = [asView(imageLast(x, 2)), asView(weightLast(w)), asView(imageLast(dy, 2))] as const;
  equal(kernels.conv2d(lx, lw, last), imageLast(y, 2), 'channels-last forward');
  equal(kernels.conv2d.gradInput(ldy, lw, lx.shape, last), imageLast(dx, 2), 'channels-last gradInput');
  equal(kernels.conv2d.gradWeight(ldy, lx, lw.shape, last), weightLast(dw), 'channels-last gradWeight');
}

function byDefinition(x: Tensor, w: Tensor, dy: Tensor): { y: Tensor; dx: Tensor; dw: Tensor } {
  const y = filled(dy.shape, () => 0);
  const dx = filled(x.shape, () => 0);
  const dw = filled(w.shape, () => 0);
  const add = (t: Tensor, index: number, value: number): void => {
    t.data[index] = at(t.data, index) + value;
  };
  for (let o = 0; o < dy.data.length; o++) {
    const [ow, oh, m, n] = [o % OW, Math.floor(o / OW) % OH, Math.floor(o / (OW * OH)) % O, Math.floor(o / (OW * OH * O))];
    for (let t = 0; t < C * K * K; t++) {
      const [kw, kh, c] = [t % K, Math.floor(t / K) % K, Math.floor(t / (K * K))];
      const [row, column] = [oh * STRIDE[0] + kh - PADDING[0], ow * STRIDE[1] + kw - PADDING[1]];
      const inside = row >= 0 && row < H && column >= 0 && column < W;
      const xi = ((n * C + c) * H + row) * W + column;
      const wi = m * C * K * K + t;
      const value = inside ? at(x.data, xi) : 0;
      add(y, o, value * at(w.data, wi));
      add(dw, wi, value * at(dy.data, o));
      if (inside) add(dx, xi, at(w.data, wi) * at(dy.data, o));
    }
  }
  return { y, dx, dw };
}
