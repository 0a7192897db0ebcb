import type { Axes, ConvGeometry } from '../geometry/index.js';

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
  ...rasterSteps(g.ySize, g.y.space),
  g.w.y,
  g.w.x,
  ...rasterSteps(g.kernel, g.w.tap),
  g.layout === 'channels-last' ? 1 : 0,
];

export const GEOMETRY_BYTES = 36 * 4;

/** Steps along depth, height and width of positions in raster order, `step` elements apart. */
function rasterSteps([, height, width]: Axes, step: number): number[] {
  return [height * width * step, width * step, step];
}
