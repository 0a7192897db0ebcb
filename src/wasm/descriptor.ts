import type { ConvGeometry } from '../geometry/index.js';

/** The geometry as the kernels read it: the i32 fields of assembly/geometry.ts, in its order. */
export const geometryWords = (g: ConvGeometry): number[] => [
  g.batch,
  g.groups,
  g.xChannels,
  g.yChannels,
  ...g.xSize,
  ...g.ySize,
  ...g.kernel,
  ...g.stride,
  ...g.dilation,
  ...g.padBefore,
  g.x.batch,
  g.x.channel,
  g.x.space,
  g.y.batch,
  g.y.channel,
  g.y.space,
  g.w.y,
  g.w.x,
  g.w.tap,
  g.layout === 'channels-last' ? 1 : 0,
];

export const GEOMETRY_BYTES = 32 * 4;
