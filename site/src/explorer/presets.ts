/** Ready-made states with what there is to see in them. Some have steps: wrong, then right. */
import type { RelationshipParams } from 'simdconv/arithmetic';
import { DEFAULT, type State, withAxes } from './state.js';

export interface Step {
  readonly label: string;
  readonly text: string;
  readonly state: State;
  /** The cell of the result that is chosen first. */
  readonly at?: number;
}

export interface Preset {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly steps: readonly [Step, ...Step[]];
}

/** Of both axes, in the guide's letters. */
type Sizes = Pick<RelationshipParams, 'i' | 'k' | 's' | 'p' | 'd' | 'a'>;

const square = (size: number): [number, number] => [size, size];

const sized = ({ i, k, s = 1, p = 0, d = 1, a = 0 }: Sizes, others: Partial<State> = {}): State => ({
  ...DEFAULT,
  input: square(i),
  kernel: square(k),
  stride: square(s),
  before: square(p),
  after: square(p),
  dilation: square(d),
  outputPadding: square(a),
  ...others,
});

const single = (text: string, state: State, at?: number): readonly [Step] => [{ label: '', text, state, ...(at !== undefined && { at }) }];

/** The guide's figures: those of chapter 2 and 5 convolve, those of chapter 4 are the transposes, with the input that they have in the figure. */
const FIGURES: readonly (readonly [figure: string, title: string, sizes: Sizes])[] = [
  ['2.1', 'no padding, stride 1', { i: 4, k: 3 }],
  ['2.2', 'padding 2, stride 1', { i: 5, k: 4, p: 2 }],
  ['2.3', 'half (same) padding', { i: 5, k: 3, p: 1 }],
  ['2.4', 'full padding', { i: 5, k: 3, p: 2 }],
  ['2.5', 'no padding, stride 2', { i: 5, k: 3, s: 2 }],
  ['2.6', 'padding 1, stride 2', { i: 5, k: 3, s: 2, p: 1 }],
  ['2.7', 'padding 1, stride 2, a size that the stride does not divide', { i: 6, k: 3, s: 2, p: 1 }],
  ['4.1', 'transpose of no padding, stride 1', { i: 2, k: 3 }],
  ['4.2', 'transpose of padding 2, stride 1', { i: 6, k: 4, p: 2 }],
  ['4.3', 'transpose of half padding', { i: 5, k: 3, p: 1 }],
  ['4.4', 'transpose of full padding', { i: 7, k: 3, p: 2 }],
  ['4.5', 'transpose of no padding, stride 2', { i: 2, k: 3, s: 2 }],
  ['4.6', 'transpose of padding 1, stride 2', { i: 3, k: 3, s: 2, p: 1 }],
  ['4.7', 'transpose of padding 1, stride 2, with a row added', { i: 3, k: 3, s: 2, p: 1, a: 1 }],
  ['5.1', 'dilation 2', { i: 7, k: 3, d: 2 }],
];

const figures = FIGURES.map(([figure, title, sizes]): Preset => {
  const transposed = figure.startsWith('4');
  const text = transposed
    ? 'The guide draws it as the direct convolution below: the blue input with zeros in and around it, and the green output.'
    : 'As in the guide: blue is the input, dashed its padding, green the output.';
  return {
    id: `figure-${figure}`,
    group: "The guide's figures",
    label: `${figure}  ${title}`,
    steps: single(text, sized(sizes, transposed ? { op: 'transposed' } : {})),
  };
});

/** What was tried: x counts from 1 to 16, no padding, stride 1. */
const QUESTION: Sizes = { i: 4, k: 3 };

const question: readonly Preset[] = [
  {
    id: 'question-gradient',
    group: 'Two misunderstandings',
    label: 'Cᵀ times y is not the gradient',
    steps: [
      {
        label: 'Wrong',
        text: 'y.backward(ones) was compared with Cᵀ times y. The matrix is right, but y is the wrong vector: it is what went forward.',
        state: sized(QUESTION, { op: 'gradInput', x: 'count', dy: 'ones', times: 'y' }),
      },
      {
        label: 'Right',
        text: 'Cᵀ is multiplied by the gradient of the loss with respect to y. backward(ones) says that it is all ones. Then both agree.',
        state: sized(QUESTION, { op: 'gradInput', x: 'count', dy: 'ones', times: 'dy' }),
      },
    ],
  },
  {
    id: 'question-direct',
    group: 'Two misunderstandings',
    label: 'The direct convolution has the kernel rotated',
    steps: [
      {
        label: 'Wrong',
        text: 'conv_transpose2d(y, w) was compared with conv2d(y, w, padding=2). The shape is the same, the numbers are not: the kernel has to be turned, which that sentence of the guide leaves out.',
        state: sized({ i: 2, k: 3 }, { op: 'transposed', x: 'count', w: 'count', rotate: false }),
      },
      {
        label: 'Right',
        text: 'With the kernel rotated by 180°, conv2d(y, w.flip(2, 3), padding=2), every number is the same.',
        state: sized({ i: 2, k: 3 }, { op: 'transposed', x: 'count', w: 'count' }),
      },
    ],
  },
];

const oneAxis = (state: State, sizes: Partial<State>): State => ({ ...withAxes(state, 1), ...sizes });

const others: readonly Preset[] = [
  {
    id: 'output-padding',
    group: 'Worth a look',
    label: 'Why is this row of output padding not zero?',
    steps: [
      {
        label: 'Not zero',
        text: 'Output padding adds no zeros. It takes back a row that padding would have cut off at the end, and the kernel reaches that row: the last one is computed like any other.',
        state: sized({ i: 3, k: 3, s: 2, p: 1, a: 1 }, { op: 'transposed', x: 'count', w: 'count' }),
        at: 32,
      },
      {
        label: 'Zero',
        text: 'Without padding nothing was cut off. The added row lies behind every kernel, so it is zero (and gets the bias, if there is one).',
        state: sized({ i: 3, k: 3, s: 2, a: 1 }, { op: 'transposed', x: 'count', w: 'count' }),
        at: 59,
      },
    ],
  },
  {
    id: 'checkerboard',
    group: 'Worth a look',
    label: 'Checkerboard of a transposed convolution',
    steps: [
      {
        label: 'Uneven',
        text: 'A kernel of 3 with stride 2: windows overlap on every second row and column only. With all values 1 the output is the pattern itself.',
        state: sized({ i: 5, k: 3, s: 2 }, { op: 'transposed', x: 'ones', w: 'ones' }),
        at: 24,
      },
      {
        label: 'Even',
        text: 'A kernel of 4 with stride 2: inside, every cell is reached four times.',
        state: sized({ i: 5, k: 4, s: 2, p: 1 }, { op: 'transposed', x: 'ones', w: 'ones' }),
        at: 44,
      },
    ],
  },
  {
    id: 'causal',
    group: 'Worth a look',
    label: 'Causal convolution in time',
    steps: single(
      'All padding stands before the first sample, so no output sees a later input: C has nothing right of its diagonal.',
      oneAxis(DEFAULT, { input: [10], kernel: [3], stride: [1], before: [2], after: [0] }),
      4,
    ),
  },
  {
    id: 'causal-dilated',
    group: 'Worth a look',
    label: 'Dilated causal convolution',
    steps: single(
      'Taps 3 apart look 6 samples back with 3 weights. The rows of C have the same gaps.',
      oneAxis(DEFAULT, { input: [12], kernel: [3], stride: [1], dilation: [3], before: [6], after: [0] }),
      8,
    ),
  },
  {
    id: 'grad-weight',
    group: 'Worth a look',
    label: 'Gradient of the kernel',
    steps: single(
      'Each tap collects, over all places of the window, the input under it times the upstream gradient there.',
      sized({ i: 5, k: 3, s: 2, p: 1 }, { op: 'gradWeight' }),
    ),
  },
  {
    id: 'groups',
    group: 'Worth a look',
    label: 'Groups: channels that do not meet',
    steps: [
      {
        label: 'One group',
        text: 'Each of the two outputs reads both inputs: C is full of taps in all four blocks.',
        state: sized({ i: 4, k: 3 }, { channels: 2 }),
      },
      {
        label: 'Two groups',
        text: 'Each output reads its own input (depthwise): two of the four blocks of C are empty, and half of the weight is gone.',
        state: sized({ i: 4, k: 3 }, { channels: 2, groups: 2 }),
      },
    ],
  },
];

export const PRESETS: readonly Preset[] = [...figures, ...question, ...others];
