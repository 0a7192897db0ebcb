/** What the explorer is told: the operation, its sizes and its values. All of it stands in the address. */

export const OPS = ['conv', 'transposed', 'gradInput', 'gradWeight'] as const;
export type Op = (typeof OPS)[number];

/** How the elements of a tensor are filled; see values.ts. */
export const FILLS = ['digits', 'count', 'ones', 'single'] as const;
export type Fill = (typeof FILLS)[number];

/** Sizes that are given for each axis, height first. */
export const PER_AXIS = ['input', 'kernel', 'stride', 'dilation', 'before', 'after', 'outputPadding'] as const;
export type PerAxisName = (typeof PER_AXIS)[number];

export interface State extends Readonly<Record<PerAxisName, readonly number[]>> {
  readonly op: Op;
  readonly axes: 1 | 2;
  /** In and out alike. */
  readonly channels: 1 | 2;
  readonly groups: 1 | 2;
  readonly x: Fill;
  readonly w: Fill;
  /** The upstream gradient. */
  readonly dy: Fill;
  /** Whether the kernel of the equivalent direct convolution is rotated by 180°, as it must be. */
  readonly rotate: boolean;
  /** What Cᵀ is multiplied by for the gradient of the input: the upstream gradient, or, which is a mistake, the output. */
  readonly times: 'dy' | 'y';
}

/** Least and most of each size, in one axis and in two. */
export const LIMITS: Readonly<Record<PerAxisName, { readonly min: number; readonly max: readonly [one: number, two: number] }>> = {
  input: { min: 1, max: [16, 9] },
  kernel: { min: 1, max: [7, 5] },
  stride: { min: 1, max: [5, 4] },
  dilation: { min: 1, max: [4, 3] },
  before: { min: -3, max: [8, 5] },
  after: { min: -3, max: [8, 5] },
  outputPadding: { min: 0, max: [4, 3] },
};

export const DEFAULT: State = {
  op: 'conv',
  axes: 2,
  input: [5, 5],
  kernel: [3, 3],
  stride: [2, 2],
  dilation: [1, 1],
  before: [1, 1],
  after: [1, 1],
  outputPadding: [0, 0],
  channels: 1,
  groups: 1,
  x: 'digits',
  w: 'digits',
  dy: 'digits',
  rotate: true,
  times: 'dy',
};

/** Short names in the address. */
const KEYS: Readonly<Record<PerAxisName, string>> = {
  input: 'i',
  kernel: 'k',
  stride: 's',
  dilation: 'd',
  before: 'pb',
  after: 'pa',
  outputPadding: 'a',
};
const FLAGS = ['x', 'w', 'dy'] as const;

/** With one axis more or fewer: the new one is like the old, and the width is kept. */
export function withAxes(state: State, axes: 1 | 2): State {
  const sizes = PER_AXIS.map((name): [PerAxisName, number[]] => {
    const width = Math.min(state[name].at(-1) ?? 1, LIMITS[name].max[axes - 1] ?? 1);
    return [name, Array<number>(axes).fill(width)];
  });
  return { ...state, axes, ...Object.fromEntries(sizes) };
}

/** As the query of the address, without what is as it is by default. */
export function toQuery(state: State, at?: number): string {
  const base = withAxes(DEFAULT, state.axes);
  const pairs: [string, string][] = [];
  const add = (key: string, value: string, other: string): void => {
    if (value !== other) pairs.push([key, value]);
  };
  add('op', state.op, DEFAULT.op);
  add('axes', String(state.axes), String(DEFAULT.axes));
  for (const name of PER_AXIS) add(KEYS[name], state[name].join(','), base[name].join(','));
  add('c', String(state.channels), '1');
  add('g', String(state.groups), '1');
  for (const name of FLAGS) add(name, state[name], DEFAULT[name]);
  add('rotate', state.rotate ? '1' : '0', '1');
  add('times', state.times, 'dy');
  if (at !== undefined) pairs.push(['at', String(at)]);
  // Commas may stand in a query as they are.
  return pairs.map(([key, value]) => `${key}=${value}`).join('&');
}

/** What a query says; what it does not say, or says wrongly, is as by default. */
export function fromQuery(query: URLSearchParams): { readonly state: State; readonly at: number | undefined } {
  const oneOf = <T extends string>(key: string, values: readonly T[], otherwise: T): T =>
    values.find((value) => value === query.get(key)) ?? otherwise;
  const axes = query.get('axes') === '1' ? 1 : 2;
  const base = withAxes(DEFAULT, axes);
  const sizes = PER_AXIS.map((name): [PerAxisName, readonly number[]] => {
    const { min, max } = LIMITS[name];
    const given = query.get(KEYS[name])?.split(',').map(Number) ?? [];
    const isValid = given.length === axes && given.every((size) => Number.isInteger(size) && size >= min && size <= (max[axes - 1] ?? 1));
    return [name, isValid ? given : base[name]];
  });
  const channels = query.get('c') === '2' ? 2 : 1;
  const at = Number(query.get('at') ?? Number.NaN);
  return {
    state: {
      ...base,
      ...Object.fromEntries(sizes),
      op: oneOf('op', OPS, DEFAULT.op),
      channels,
      groups: channels === 2 && query.get('g') === '2' ? 2 : 1,
      x: oneOf('x', FILLS, DEFAULT.x),
      w: oneOf('w', FILLS, DEFAULT.w),
      dy: oneOf('dy', FILLS, DEFAULT.dy),
      rotate: query.get('rotate') !== '0',
      times: oneOf('times', ['dy', 'y'], 'dy'),
    },
    at: Number.isInteger(at) && at >= 0 ? at : undefined,
  };
}

export const sameState = (a: State, b: State): boolean => toQuery(a) === toQuery(b);
