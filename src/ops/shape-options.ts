import type { ConvShapeOptions } from '../types.js';

/** The options that shape a convolution in a fixed order, so that those of two calls can be compared. */
export const shapeValues = (o: ConvShapeOptions) =>
  [o.stride, o.padding, o.padMode, o.dilation, o.groups, o.layout, o.outputPadding, o.outputSize] as const;

/** The inverse of `shapeValues`. An option that is undefined is one that is left out. */
export const shapeOptions = (values: ReturnType<typeof shapeValues>): ConvShapeOptions => {
  const [stride, padding, padMode, dilation, groups, layout, outputPadding, outputSize] = values;
  return { stride, padding, padMode, dilation, groups, layout, outputPadding, outputSize } as ConvShapeOptions;
};
