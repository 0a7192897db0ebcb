import { OptionError } from '../errors.js';
import { checkCount, checkNames, convGeometry, convTransposeGeometry, describe, dilatedKernel, MAX_COORDINATE } from '../geometry/index.js';

/** One axis in the guide's letters. For a transposed convolution `i` is its own input, the guide's i'. */
export interface RelationshipParams {
  /** Input size. */
  readonly i: number;
  /** Kernel size. */
  readonly k: number;
  /** Stride. Default 1. */
  readonly s?: number;
  /** Padding on both sides; a negative one is a crop, which the guide leaves out and its formulas allow. Default 0. */
  readonly p?: number;
  /** Dilation. Default 1. */
  readonly d?: number;
  /** Transposed only: rows added at the end of the output, (i + 2p - k) mod s of the forward convolution. Default 0. */
  readonly a?: number;
  /** Whether the convolution is transposed. Default false. */
  readonly transposed?: boolean;
  /** The window pools instead of convolving: the same sizes, relationship 7. Default false. */
  readonly pooling?: boolean;
}

/** The direct convolution that a transposed one equals, as the guide states it. */
export interface EquivalentDirect {
  /** ĩ' = i' + (i' - 1)(s - 1), the input's size once the zeros are in. */
  readonly i: number;
  /** Zeros between neighbours of the input: s - 1. */
  readonly zeros: number;
  /** Kernel size. */
  readonly k: number;
  /** Dilation. */
  readonly d: number;
  /** Stride. */
  readonly s: 1;
  /** p', zeros around the stretched input; a negative one is a crop (p > k - 1, which the guide leaves out). */
  readonly p: number;
  /** Zeros added after p', at the end only. */
  readonly a: number;
}

/** A relationship of the guide (Dumoulin & Visin, arXiv 1603.07285) as a statement that runs. */
export interface Relationship {
  /** 1 to 15, as in the guide. */
  readonly number: number;
  /** Its premises in words. */
  readonly title: string;
  /** The output size in the guide's letters. */
  readonly formula: string;
  /** Whether it is of a transposed convolution. */
  readonly transposed: boolean;
  /** Whether the guide's premises hold; several relationships may apply to the same parameters, and then agree. */
  applies(params: Required<RelationshipParams>): boolean;
  /** The output size: o, or o' for a transposed convolution. */
  evaluate(params: Required<RelationshipParams>): number;
  /** p' of the equivalent direct convolution; undefined for a direct one. */
  equivalentPadding?(params: Required<RelationshipParams>): number;
}

type Params = Required<RelationshipParams>;
const direct = ({ transposed, d }: Params) => !transposed && d === 1;
const unitStride = (q: Params) => q.transposed && q.d === 1 && q.a === 0 && q.s === 1;
const half = ({ k, p }: Params) => k % 2 === 1 && p === Math.floor(k / 2);

/** All fifteen, in the guide's order. */
export const relationships: readonly Relationship[] = [
  {
    number: 1,
    title: 'no padding, unit strides',
    formula: 'o = (i - k) + 1',
    transposed: false,
    applies: (q) => direct(q) && q.s === 1 && q.p === 0,
    evaluate: ({ i, k }) => i - k + 1,
  },
  {
    number: 2,
    title: 'padding, unit strides',
    formula: 'o = (i - k) + 2p + 1',
    transposed: false,
    applies: (q) => direct(q) && q.s === 1,
    evaluate: ({ i, k, p }) => i - k + 2 * p + 1,
  },
  {
    number: 3,
    title: 'half (same) padding: k odd, p = ⌊k/2⌋, unit strides',
    formula: 'o = i',
    transposed: false,
    applies: (q) => direct(q) && q.s === 1 && half(q),
    evaluate: ({ i }) => i,
  },
  {
    number: 4,
    title: 'full padding: p = k - 1, unit strides',
    formula: 'o = i + (k - 1)',
    transposed: false,
    applies: (q) => direct(q) && q.s === 1 && q.p === q.k - 1,
    evaluate: ({ i, k }) => i + (k - 1),
  },
  {
    number: 5,
    title: 'no padding, strides',
    formula: 'o = ⌊(i - k)/s⌋ + 1',
    transposed: false,
    applies: (q) => direct(q) && q.p === 0,
    evaluate: ({ i, k, s }) => Math.floor((i - k) / s) + 1,
  },
  {
    number: 6,
    title: 'padding, strides',
    formula: 'o = ⌊(i + 2p - k)/s⌋ + 1',
    transposed: false,
    applies: direct,
    evaluate: ({ i, k, s, p }) => Math.floor((i + 2 * p - k) / s) + 1,
  },
  {
    number: 7,
    title: 'pooling, no padding',
    formula: 'o = ⌊(i - k)/s⌋ + 1',
    transposed: false,
    applies: (q) => direct(q) && q.pooling && q.p === 0,
    evaluate: ({ i, k, s }) => Math.floor((i - k) / s) + 1,
  },
  {
    number: 8,
    title: 'transpose of no padding, unit strides',
    formula: "o' = i' + (k - 1)",
    transposed: true,
    applies: (q) => unitStride(q) && q.p === 0,
    evaluate: ({ i, k }) => i + (k - 1),
    equivalentPadding: ({ k }) => k - 1,
  },
  {
    number: 9,
    title: 'transpose of padding, unit strides',
    formula: "o' = i' + (k - 1) - 2p",
    transposed: true,
    applies: unitStride,
    evaluate: ({ i, k, p }) => i + (k - 1) - 2 * p,
    equivalentPadding: ({ k, p }) => k - p - 1,
  },
  {
    number: 10,
    title: 'transpose of half (same) padding: k odd, p = ⌊k/2⌋, unit strides',
    formula: "o' = i'",
    transposed: true,
    applies: (q) => unitStride(q) && half(q),
    evaluate: ({ i }) => i,
    equivalentPadding: ({ p }) => p,
  },
  {
    number: 11,
    title: 'transpose of full padding: p = k - 1, unit strides',
    formula: "o' = i' - (k - 1)",
    transposed: true,
    applies: (q) => unitStride(q) && q.p === q.k - 1,
    evaluate: ({ i, k }) => i - (k - 1),
    equivalentPadding: () => 0,
  },
  {
    number: 12,
    title: 'transpose of no padding, strides, i - k a multiple of s',
    formula: "o' = s(i' - 1) + k",
    transposed: true,
    applies: (q) => q.transposed && q.d === 1 && q.a === 0 && q.p === 0,
    evaluate: ({ i, k, s }) => s * (i - 1) + k,
    equivalentPadding: ({ k }) => k - 1,
  },
  {
    number: 13,
    title: 'transpose of padding, strides, i + 2p - k a multiple of s',
    formula: "o' = s(i' - 1) + k - 2p",
    transposed: true,
    applies: (q) => q.transposed && q.d === 1 && q.a === 0,
    evaluate: ({ i, k, s, p }) => s * (i - 1) + k - 2 * p,
    equivalentPadding: ({ k, p }) => k - p - 1,
  },
  {
    number: 14,
    title: 'transpose of padding, strides, a = (i + 2p - k) mod s',
    formula: "o' = s(i' - 1) + a + k - 2p",
    transposed: true,
    applies: (q) => q.transposed && q.d === 1,
    evaluate: ({ i, k, s, p, a }) => s * (i - 1) + a + k - 2 * p,
    equivalentPadding: ({ k, p }) => k - p - 1,
  },
  {
    number: 15,
    title: 'dilation, padding, strides',
    formula: 'o = ⌊(i + 2p - k - (k - 1)(d - 1))/s⌋ + 1',
    transposed: false,
    applies: (q) => !q.transposed,
    evaluate: ({ i, k, s, p, d }) => Math.floor((i + 2 * p - k - (k - 1) * (d - 1)) / s) + 1,
  },
];

/** Of several that apply, the one with the narrowest premises is the answer. With k = 1 no padding wins over half and full. */
const NARROWEST_FIRST = [7, 1, 3, 4, 2, 5, 6, 15, 8, 10, 11, 9, 12, 13, 14];

/** What a relationship says of one axis. */
export interface AppliedRelationship {
  /** 1 to 15. */
  readonly number: number;
  /** Its premises in words. */
  readonly title: string;
  /** As in the guide. The transpose of a dilated convolution, which the guide leaves out, is said by an addition to it. */
  readonly formula: string;
  /** The output size by this formula. */
  readonly o: number;
  /** The equivalent direct convolution; null when the convolution is direct already. */
  readonly equivalent: EquivalentDirect | null;
}

/**
 * Which of the guide's relationships (arXiv 1603.07285) describes a convolution along one axis, and what it says.
 * The most specific one is picked: `{ i: 5, k: 3, p: 1 }` is half padding (3) rather than any padding (2).
 *
 * @throws ShapeError when no output is left, as the ops would; OptionError for a wrong value or an unknown name.
 * @example
 * ```js
 * const { number, o, equivalent } = relationship({ i: 2, k: 3, transposed: true });
 * [number, o]; // [8, 4]
 * [equivalent.i, equivalent.zeros, equivalent.p]; // [2, 0, 2]
 * ```
 */
export function relationship(params: RelationshipParams): AppliedRelationship {
  const given = readParams(params);
  const { transposed, i, k, s, d, a } = given;
  // A dilated kernel is a kernel of its effective size (the step to 15): that carries 8 to 14 over to the transpose.
  const dilatedTranspose = transposed && d > 1;
  const q = dilatedTranspose ? { ...given, k: dilatedKernel(k, d), d: 1 } : given;
  // 14 or 15 applies to whatever the others do not.
  const applying = NARROWEST_FIRST.map((number) => relationships[number - 1]).find((each) => each?.applies(q)) as Relationship;
  const { number, title, formula, equivalentPadding } = applying;
  return {
    number,
    title,
    formula: dilatedTranspose ? `${formula}, with k + (k - 1)(d - 1) for k` : formula,
    o: applying.evaluate(q),
    equivalent: equivalentPadding ? { i: i + (i - 1) * (s - 1), zeros: s - 1, k, d, s: 1, p: equivalentPadding(q), a } : null,
  };
}

function readParams(params: RelationshipParams): Params {
  const op = 'relationship';
  if (params === undefined) throw new OptionError(op, 'params is undefined; expected { i, k } and what differs from the defaults');
  checkNames(op, params, ['i', 'k', 's', 'p', 'd', 'a', 'transposed', 'pooling'], 'params');
  const { i, k, s = 1, p = 0, d = 1, a = 0, transposed = false, pooling = false } = params;
  for (const [name, value, least] of [
    ['i', i, 1],
    ['k', k, 1],
    ['s', s, 1],
    ['p', p, -MAX_COORDINATE],
    ['d', d, 1],
    ['a', a, 0],
  ] as const) {
    checkCount(op, name, value, least);
  }
  for (const [name, value] of [
    ['transposed', transposed],
    ['pooling', pooling],
  ] as const) {
    if (typeof value !== 'boolean') throw new OptionError(op, `${name} is ${describe(value)}; expected a boolean`);
  }
  if (a > 0 && !transposed) throw new OptionError(op, `a is ${a}; only a transposed convolution has rows added to its output`);
  if (pooling && transposed) throw new OptionError(op, 'pooling and transposed are both given; the guide transposes convolutions only');
  // Called for what they refuse: a relationship is only stated of a convolution that exists.
  const options = { stride: s, padding: p, dilation: d };
  if (transposed) convTransposeGeometry(op, 1, [1, i], [1, 1, k], { ...options, outputPadding: a });
  else convGeometry(op, 1, [1, i], [1, 1, k], options);
  return { i, k, s, p, d, a, transposed, pooling };
}
