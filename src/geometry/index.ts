/** Options to shapes, strides and ranges: the only place where shape arithmetic is written. Pure. */
export * from './border.js';
export * from './conv.js';
export * from './extent.js';
export * from './matmul.js';
export * from './names.js';
export * from './options.js';
export * from './shape.js';
export * from './spatial-axes.js';
export * from './transpose.js';
export * from './types.js';
export * from './unfold.js';
