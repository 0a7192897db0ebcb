/** Numbers that TypeScript writes and the kernels read: each stands where the AssemblyScript has its field. */
import { expect, it } from 'vitest';
import { convGeometry } from '../../src/geometry/index.js';
import { adjointView, directView, type View } from '../../src/wasm/conv-view.js';
import { AXES, GEOMETRY, SUMS } from '../../src/wasm/generated/layout.js';

type Field = (typeof GEOMETRY)[number];

/** Three axes of a view, by the name of each. */
const axes = <Before extends string, After extends string>(before: Before, values: readonly number[], after: After) => {
  const [depth, height, width] = values as [number, number, number];
  return { [`${before}Depth${after}`]: depth, [`${before}Height${after}`]: height, [`${before}Width${after}`]: width };
};

function named(v: View): Record<string, number> {
  return {
    batch: v.batch,
    groups: v.groups,
    xChannels: v.xChannels,
    yChannels: v.yChannels,
    ...axes('x', v.xSize, ''),
    ...axes('y', v.ySize, ''),
    ...axes('kernel', v.kernel, ''),
    ...axes('stride', v.stride, ''),
    ...axes('spread', v.spread, ''),
    ...axes('dilation', v.dilation, ''),
    ...axes('pad', v.pad, ''),
    xBatch: v.x.batch,
    xChannel: v.x.channel,
    xSpace: v.x.space,
    yBatch: v.y.batch,
    yChannel: v.y.channel,
    ...axes('y', v.y.steps, 'Step'),
    wGroup: v.w.group,
    wY: v.w.y,
    wX: v.w.x,
    ...axes('wTap', v.w.steps, ''),
    channelsLast: Number(v.channelsLast),
    adjoint: Number(v.adjoint),
    packedChannels: v.packed.channels,
    packedFirst: v.packed.first,
  };
}

it.each(['channels-first', 'channels-last'] as const)('the words of a view are the fields of Geometry, %s', (layout) => {
  const input = layout === 'channels-first' ? [2, 12, 23, 29, 31] : [2, 23, 29, 31, 12];
  const weight = layout === 'channels-first' ? [9, 4, 3, 5, 7] : [3, 5, 7, 4, 9];
  const options = { layout, groups: 3, stride: [1, 2, 3], dilation: [2, 3, 4], padding: [1, 5, 6] };
  const { geometry } = convGeometry('conv3d', 3, input, weight, options);
  for (const view of [directView(geometry), adjointView(geometry)]) {
    const fields = named(view);
    expect(Object.keys(fields).sort()).toEqual([...GEOMETRY].sort());
    expect(view.words).toEqual(GEOMETRY.map((name: Field) => fields[name]));
  }
});

it('axes are four sizes and two steps along each, sums four sizes and a step along each', () => {
  expect([AXES.length, SUMS.length]).toEqual([12, 8]);
});
