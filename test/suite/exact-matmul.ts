import type { Kernels, MatmulOptions, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal, sameBits, that } from './check.js';
import { asView, filled, guarded, guardedResident, integers, permute, seeded, sizeOf } from './data.js';

type Size = readonly [m: number, n: number, k: number];

/** Small whole numbers: every sum is exact in float32 in any order, so results are compared by ===. */
export function exactMatmul(define: Define, { kernels, name }: Backend): void {
  const [MR = 4, NR = 8] = kernels.info.tile;
  const [MC = 8, NC = 16, KC = 8] = kernels.info.blocks;

  const tileSizes = [1, MR - 1, MR, MR + 1, 2 * MR + 3].flatMap((m) =>
    [1, 3, NR - 1, NR, NR + 1, 2 * NR + 5].flatMap((n) => [1, 2, 7].map((k): Size => [m, n, k])),
  );
  define(`exact matmul: ${tileSizes.length} sizes around the register tile ${MR}x${NR}`, () => {
    for (const size of tileSizes) checkProduct(kernels, size);
  });

  const blockSizes: readonly (readonly [string, Size])[] = [
    ...around(KC).map((k) => ['KC', [MR + 1, NR + 1, k]] as const),
    ...around(MC).map((m) => ['MC', [m, NR + 1, 3]] as const),
    ...around(NC).map((n) => ['NC', [MR + 1, n, 3]] as const),
    ['MC, NC and KC', [MC + 1, NC + 1, KC + 1]],
  ];
  for (const [block, size] of blockSizes) {
    define(`exact matmul: [m, n, k] = [${size}], around ${block}`, () => checkProduct(kernels, size));
  }
  for (const size of [
    [MR - 1, NR + 3, 5],
    [2 * MR + 1, 3, KC + 3],
    [5, NR, 1],
  ] as const) {
    define(`exact matmul: four transposes of [${size}]`, () => {
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) checkProduct(kernels, size, { transposeA, transposeB });
    });
  }

  for (const n of new Set([1, MR, NR, NR + 1, 2 * MR + 3, Math.min(KC + 2, 300)])) {
    define(`exact matmul: A·I = A and I·A = A, n = ${n}`, () => {
      const a = integers(seeded(n), [MR + 3, n], 100);
      const identity = filled([n, n], (index) => (index % (n + 1) === 0 ? 1 : 0));
      equal(kernels.matmul(a, identity), a, 'A·I');
      equal(kernels.matmul(identity, a, { transposeB: true }), permute(a, [1, 0]), 'I·Aᵀ');
    });
  }

  for (const [a, b, c] of [
    [
      [3, 4, 5],
      [3, 5, 6],
      [3, 4, 6],
    ],
    [
      [3, 2, 4, 5],
      [5, 6],
      [3, 2, 4, 6],
    ],
    [
      [4, 5],
      [2, 3, 5, 6],
      [2, 3, 4, 6],
    ],
    [
      [3, 1, 4, 5],
      [2, 5, 6],
      [3, 2, 4, 6],
    ],
    [
      [2, 1, 2, 3, 5],
      [3, 1, 5, 2],
      [2, 3, 2, 3, 2],
    ],
    [
      [1, 4, 5],
      [1, 5, 6],
      [1, 4, 6],
    ],
  ] as const) {
    for (const options of [{}, { transposeA: true }, { transposeB: true }]) {
      define(`exact matmul: [${a}] by [${b}]${Object.keys(options).map((option) => `, ${option}`)}`, () =>
        checkBatch(kernels, a, b, c, options),
      );
    }
  }

  for (const activation of ['relu', 'relu6', { leakyRelu: 0.25 }, { leakyRelu: -2 }] as const) {
    define(`exact matmul: bias and ${JSON.stringify(activation)}`, () => {
      const random = seeded(5);
      const [a, b, bias] = [integers(random, [MR + 2, 3]), integers(random, [3, NR + 3], 2), integers(random, [NR + 3])] as const;
      const plain = kernels.matmul(a, b);
      const slope = typeof activation === 'object' ? activation.leakyRelu : 0;
      const most = activation === 'relu6' ? 6 : Number.POSITIVE_INFINITY;
      const want = filled(plain.shape, (i) => {
        const v = at(plain.data, i) + at(bias.data, i % (NR + 3));
        return Math.min(v > 0 ? v : slope * v, most);
      });
      equal(kernels.matmul(a, b, { bias, activation }), want, 'activation(a·b + bias)');
    });
  }

  define('exact matmul: an empty batch, no rows, no columns, and a sum of nothing', () => {
    const bias = filled([3], (i) => i - 1);
    equal(kernels.matmul(filled([0, 2, 4], Number), filled([4, 3], Number)), filled([0, 2, 3], Number), 'empty batch');
    equal(kernels.matmul(filled([0, 4], Number), filled([4, 3], Number)), filled([0, 3], Number), 'no rows');
    equal(kernels.matmul(filled([2, 4], Number), filled([4, 0], Number)), filled([2, 0], Number), 'no columns');
    equal(
      kernels.matmul(filled([2, 0], Number), filled([0, 3], Number), { bias }),
      filled([2, 3], (i) => (i % 3) - 1),
      'k = 0',
    );
  });

  define('exact matmul: NaN and infinity stay in their row or column', () => {
    const [m, n, k] = [2 * MR + 1, 2 * NR + 3, 5];
    for (const [row, value] of [
      [0, Number.NaN],
      [MR, Number.POSITIVE_INFINITY],
      [m - 1, Number.NaN],
    ] as const) {
      const a = filled([m, k], (i) => (Math.floor(i / k) === row ? value : 1));
      const c = kernels.matmul(asView(a), asView(filled([k, n], () => 1)));
      equal(
        c,
        filled([m, n], (i) => (Math.floor(i / n) === row ? value : k)),
        `row ${row} of a is ${value}`,
      );
    }
    for (const [column, value] of [
      [0, Number.NaN],
      [NR, Number.NEGATIVE_INFINITY],
      [n - 1, Number.NaN],
    ] as const) {
      const b = filled([k, n], (i) => (i % n === column ? value : 1));
      const c = kernels.matmul(asView(filled([m, k], () => 1)), asView(b));
      equal(
        c,
        filled([m, n], (i) => (i % n === column ? value : k)),
        `column ${column} of b is ${value}`,
      );
    }
    const relu = kernels.matmul(
      filled([1, 1], () => Number.NaN),
      filled([1, NR + 1], () => 1),
      { activation: 'relu' },
    );
    that(relu.data.every(Number.isNaN), 'relu(NaN) is NaN');
  });

  if (name === 'tiny') {
    define('exact matmul: the tiny build has blocks that these sizes cross', () =>
      that(MC * NC * KC <= 4096, `blocks are [${[MC, NC, KC]}]`),
    );
  }
}

const around = (block: number): number[] => [block - 1, block, block + 1, 2 * block + 3];

/** Into a plain and a resident out full of NaN, from views and from resident operands. */
function checkProduct(kernels: Kernels, [m, n, k]: Size, options: MatmulOptions = {}): void {
  const random = seeded(m * 10007 + n * 101 + k);
  const [left, right] = [integers(random, [m, k]), integers(random, [k, n])];
  const want = naive(left, right);
  const a = options.transposeA ? permute(left, [1, 0]) : left;
  const b = options.transposeB ? permute(right, [1, 0]) : right;
  const what = `[${m}, ${n}, ${k}] ${JSON.stringify(options)}`;

  const plain = guarded([m, n]);
  equal(kernels.matmul(asView(a), asView(b), { ...options, out: plain.out }), want, what);
  plain.check(what);

  const resident = guardedResident(kernels, [m, n]);
  const [residentA, residentB] = [kernels.tensor(a.shape, a.data), kernels.tensor(b.shape, b.data)];
  kernels.matmul(residentA, residentB, { ...options, out: resident.out });
  sameBits(resident.out, plain.out, `${what}, resident`);
  resident.check(what);
  for (const each of [resident, residentA, residentB]) each.dispose();
}

function checkBatch(
  kernels: Kernels,
  aShape: readonly number[],
  bShape: readonly number[],
  cShape: readonly number[],
  options: MatmulOptions,
): void {
  const random = seeded(sizeOf(cShape));
  const [a, b] = [integers(random, aShape), integers(random, bShape)];
  const want = naiveBatch(a, b, cShape);
  const flip = (t: Tensor): Tensor => {
    const axes = t.shape.map((_, axis) => axis);
    return permute(t, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
  };
  const { out, check } = guarded(cShape);
  kernels.matmul(options.transposeA ? flip(a) : a, options.transposeB ? flip(b) : b, { ...options, out });
  equal(out, want, 'product');
  check('product');
}

function naive(a: Tensor, b: Tensor): Tensor {
  const [m, k] = a.shape as [number, number];
  const n = at(b.shape, 1);
  const data = new Float32Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let each = 0; each < k; each++) {
      const value = at(a.data, row * k + each);
      for (let column = 0; column < n; column++)
        data[row * n + column] = at(data, row * n + column) + value * at(b.data, each * n + column);
    }
  }
  return { data, shape: [m, n] };
}

function naiveBatch(a: Tensor, b: Tensor, shape: readonly number[]): Tensor {
  const [m, n] = shape.slice(-2) as [number, number];
  const batch = shape.slice(0, -2);
  const matrix = (t: Tensor, place: readonly number[]): Tensor => {
    const own = t.shape.slice(0, -2);
    const size = sizeOf(t.shape.slice(-2));
    const index = own.reduce((sum, length, axis) => sum * length + (length === 1 ? 0 : at(place, axis + batch.length - own.length)), 0);
    return { data: t.data.slice(index * size, (index + 1) * size), shape: t.shape.slice(-2) };
  };
  const data = new Float32Array(sizeOf(shape));
  for (let flat = 0; flat < sizeOf(batch); flat++) {
    const place = batch.map((length, axis) => Math.floor(flat / sizeOf(batch.slice(axis + 1))) % length);
    data.set(naive(matrix(a, place), matrix(b, place)).data, flat * m * n);
  }
  return { data, shape };
}
