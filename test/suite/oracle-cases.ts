import type { Activation, ConvShapeOptions } from '../../src/index.js';
import type { ConvCase, ConvName } from './problem.js';

type Line = readonly [name: string, options: ConvShapeOptions, activation?: Activation];

/** What every op takes, on a 2-D image. Names say which rule is exercised. */
const SHARED: readonly Line[] = [
  ['plain', {}],
  ['stride 2', { stride: 2 }],
  ['stride [2, 3]', { stride: [2, 3] }],
  ['stride [4, 3] beyond the kernel', { stride: [4, 3] }],
  ['padding 1', { padding: 1 }],
  ['padding [2, 1]', { padding: [2, 1] }],
  [
    'padding [[0, 2], [1, 0]]',
    {
      padding: [
        [0, 2],
        [1, 0],
      ],
    },
  ],
  ['padding valid', { padding: 'valid', stride: 2 }],
  ['padding same', { padding: 'same' }],
  ['padding same, stride [2, 3]', { padding: 'same', stride: [2, 3] }],
  ['padding same-lower, stride [3, 2]', { padding: 'same-lower', stride: [3, 2] }],
  ['dilation 2', { dilation: 2 }],
  ['dilation [3, 2], padding, stride', { dilation: [3, 2], padding: [2, 3], stride: [2, 1] }],
  ['dilation, same', { dilation: [2, 3], padding: 'same' }],
  ['relu', { padding: 1 }, 'relu'],
  ['relu6', { padding: 1 }, 'relu6'],
  ['leaky relu', { padding: 1 }, { leakyRelu: 0.01 }],
  ['leaky relu that enlarges', { padding: 1 }, { leakyRelu: -3 }],
];

/** What convolutions take alone. */
const CONTINUED: readonly Line[] = [
  ['reflect', { padMode: 'reflect', padding: [2, 1] }],
  ['reflect, same, stride', { padMode: 'reflect', padding: 'same', stride: [2, 3] }, 'relu'],
  ['replicate beyond the input', { padMode: 'replicate', padding: [[11, 0], [2, 9]] }], // biome-ignore format: one line a case
  ['circular by all of the input, dilation', { padMode: 'circular', padding: [[9, 1], 8], dilation: [3, 2] }], // biome-ignore format: one line a case
  ['circular, causal', { padMode: 'circular', padding: ['causal', 'same'], dilation: 2 }],
  ['reflect beside a crop', { padMode: 'reflect', padding: [[2, -3], [-1, 3]], stride: [1, 2] }], // biome-ignore format: one line a case
  ['circular beside a crop', { padMode: 'circular', padding: [[-2, 3], [4, -2]] }], // biome-ignore format: one line a case
  ['replicate, only a crop', { padMode: 'replicate', padding: -1 }],
];

const TRANSPOSED: readonly Line[] = [
  ['outputPadding 1', { stride: 2, outputPadding: 1 }],
  ['outputPadding [1, 2], padding', { stride: [2, 3], padding: [1, 2], outputPadding: [1, 2] }],
  ['outputPadding below dilation', { dilation: [3, 2], outputPadding: [2, 1] }],
  ['outputSize', { stride: [2, 3], padding: 1, outputSize: [12, 20] }],
  [
    'padding crops more than the kernel',
    {
      padding: [
        [3, 2],
        [0, 4],
      ],
      stride: 2,
    },
  ],
];

/** [input channels, output channels, groups] */
const CHANNELS: readonly (readonly [number, number, number])[] = [
  [3, 5, 1],
  [6, 4, 2],
  [4, 4, 4],
  [3, 9, 3],
];

/** Every option, every channel arrangement, both layouts. */
export function oracleCases(): ConvCase[] {
  const planar = CHANNELS.flatMap(([inputs, outputs, groups]) =>
    (['channels-first', 'channels-last'] as const).flatMap((layout) => [
      ...[...SHARED, ...CONTINUED].map((line) => caseOf('conv2d', line, [2, 9, 8], [3, 2], inputs, outputs, groups, layout)),
      ...[...SHARED, ...TRANSPOSED].map((line) => caseOf('convTranspose2d', line, [2, 6, 7], [3, 2], inputs, outputs, groups, layout)),
    ]),
  );
  const others = (['channels-first', 'channels-last'] as const).flatMap((layout) => [
    caseOf('conv1d', ['stride 3, dilation 2, uneven pads', { stride: 3, dilation: 2, padding: [[3, 1]] }], [2, 17], [4], 6, 4, 2, layout),
    caseOf('conv1d', ['unbatched, same', { padding: 'same', stride: 2 }], [12], [5], 3, 4, 1, layout),
    caseOf('conv1d', ['unbatched, reflect', { padding: 3, padMode: 'reflect', stride: 2 }], [9], [4], 3, 4, 1, layout),
    caseOf('conv1d', ['replicate', { padding: [[0, 4]], padMode: 'replicate' }], [2, 6], [3], 4, 6, 2, layout),
    caseOf(
      'conv3d',
      ['circular, pads', { padding: [1, [3, 2], [0, 4]], padMode: 'circular', stride: [1, 2, 1] }],
      [2, 3, 5, 4],
      [2, 3, 2],
      4,
      6,
      2,
      layout,
    ),
    caseOf('conv3d', ['unbatched, reflect, same', { padding: 'same', padMode: 'reflect' }], [3, 4, 5], [3, 2, 4], 2, 3, 1, layout),
    caseOf('conv2d', ['unbatched', { padding: 1 }], [7, 6], [3, 4], 3, 4, 1, layout),
    caseOf(
      'conv3d',
      ['stride, dilation, pads', { stride: [1, 2, 3], dilation: [2, 1, 2], padding: [1, [0, 2], 2] }],
      [2, 5, 6, 7],
      [2, 3, 2],
      4,
      6,
      2,
      layout,
    ),
    caseOf('conv3d', ['unbatched, same', { padding: 'same', stride: 2 }], [5, 4, 6], [3, 2, 4], 2, 3, 1, layout),
    caseOf(
      'convTranspose1d',
      ['stride 3, outputPadding 2', { stride: 3, outputPadding: 2, padding: [[2, 1]] }],
      [2, 7],
      [4],
      6,
      4,
      2,
      layout,
    ),
    caseOf('convTranspose2d', ['unbatched', { stride: 2, padding: 1 }], [4, 5], [3, 4], 3, 4, 1, layout),
    caseOf(
      'convTranspose3d',
      ['stride, dilation, pads', { stride: [1, 2, 3], dilation: [2, 1, 2], padding: [1, 0, 2], outputPadding: [1, 0, 2] }],
      [2, 3, 4, 3],
      [2, 3, 2],
      4,
      6,
      2,
      layout,
    ),
    caseOf('convTranspose3d', ['unbatched, same', { padding: 'same', stride: 2 }], [3, 2, 4], [3, 2, 4], 2, 3, 1, layout),
  ]);
  return [...planar, ...others];
}

/** `space` is [batch, ...space], or without the batch when it is as long as the kernel. */
function caseOf(
  op: ConvName,
  [name, options, activation]: Line,
  space: readonly number[],
  kernel: readonly number[],
  inputs: number,
  outputs: number,
  groups: number,
  layout: 'channels-first' | 'channels-last',
): ConvCase {
  const [outer, inner] = op.startsWith('convTranspose') ? [inputs, outputs / groups] : [outputs, inputs / groups];
  const size = space.slice(-kernel.length);
  const batch = space.slice(0, -kernel.length);
  const first = layout === 'channels-first';
  return {
    name: `${layout} ${inputs}→${outputs}${groups > 1 ? `, groups ${groups}` : ''}${batch.length > 0 ? '' : ', unbatched'}: ${name}`,
    op,
    input: first ? [...batch, inputs, ...size] : [...batch, ...size, inputs],
    weight: first ? [outer, inner, ...kernel] : [...kernel, inner, outer],
    options: { ...options, groups, layout },
    bias: groups !== 2,
    ...(activation === undefined ? {} : { activation }),
  };
}
