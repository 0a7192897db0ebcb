import { foldGeometry, unfoldGeometry } from '../geometry/index.js';
import type { Kernels, PerAxis, Tensor, UnfoldOptions } from '../types.js';
import { destination, readOptions, readTensor } from './arguments.js';
import type { Host } from './context.js';
import { Recent } from './memoize.js';
import { shapeOptions, shapeValues } from './shape-options.js';

type Shape = readonly number[];
type ShapeValues = ReturnType<typeof shapeValues>;

const NAMES = ['stride', 'padding', 'dilation', 'layout', 'out'];

/** im2col. `layout` says how the image is laid out; the columns are [N, C·Πk, L] in either. */
export function unfoldOp(host: Host): Kernels['unfold'] {
  const op = 'unfold';
  const problems = new Recent((_, input: Shape, kernelSize: PerAxis, options: ShapeValues) =>
    unfoldGeometry(op, input, kernelSize, shapeOptions(options)),
  );
  return ((input: Tensor, kernelSize: PerAxis, given?: UnfoldOptions): Tensor => {
    const engine = host.use(op);
    const options = readOptions(op, given, NAMES);
    const x = readTensor(host, op, 'input', input);
    const { geometry, outputShape } = problems.of(op, [x.shape, kernelSize, shapeValues(options)]);
    const columns = destination(host, op, options.out, outputShape, { input: x.data });
    if (columns.data.length > 0) engine.im2col(geometry, x.data, columns.data, host.job(op));
    return columns.tensor;
  }) as Kernels['unfold'];
}

/** col2im: the adjoint of `unfold`, not its inverse. */
export function foldOp(host: Host): Kernels['fold'] {
  const op = 'fold';
  const problems = new Recent((_, columns: Shape, outputSize: PerAxis, kernelSize: PerAxis, options: ShapeValues) =>
    foldGeometry(op, columns, outputSize, kernelSize, shapeOptions(options)),
  );
  return ((columns: Tensor, outputSize: PerAxis, kernelSize: PerAxis, given?: UnfoldOptions): Tensor => {
    const engine = host.use(op);
    const options = readOptions(op, given, NAMES);
    const read = readTensor(host, op, 'columns', columns);
    const { geometry, outputShape } = problems.of(op, [read.shape, outputSize, kernelSize, shapeValues(options)]);
    const image = destination(host, op, options.out, outputShape, { columns: read.data });
    if (image.data.length > 0) engine.col2im(geometry, read.data, image.data, host.job(op));
    return image.tensor;
  }) as Kernels['fold'];
}
