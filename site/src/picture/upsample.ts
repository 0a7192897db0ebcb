/**
 * A transposed convolution that learns to enlarge: the picture is halved, and the kernel sought that gives most of it back. y = A w is linear in the kernel w, so
 * Σ (y - t)² is a bowl, and conjugate gradients (CGLS: Hestenes and Stiefel, 1952) find its lowest point. Each step is one transposed convolution and one gradient
 * of the weight.
 */
import type { Kernels, ResidentTensor, Tensor } from 'simdconv';

export interface Halved {
  /** [3, 1, H, W], both even: the colours are three pictures of one channel, and share the kernel. */
  readonly high: Tensor;
  /** [3, 1, H/2, W/2]: the mean of each 2x2 square. */
  readonly low: Tensor;
}

/** Of a picture [1, 3, H, W]; an odd last row or column is left out. */
export function halved({ conv2d }: Kernels, { data, shape }: Tensor): Halved {
  const [, , height = 0, width = 0] = shape;
  const one = { data: Float32Array.of(1), shape: [1, 1, 1, 1] };
  const crop = [
    [0, -(height % 2)],
    [0, -(width % 2)],
  ] as const;
  const high = conv2d({ data, shape: [3, 1, height, width] }, one, { padding: crop });
  const quarter = { data: new Float32Array(4).fill(0.25), shape: [1, 1, 2, 2] };
  return { high, low: conv2d(high, quarter, { stride: 2 }) };
}

/** Rows beyond the edge of the small picture that the kernels read: its edge, repeated. */
const BEYOND = 2;

/** The small picture with them: padding of a transposed convolution crops, so what it shall read beyond the edge must be there. */
export function continued({ conv2d }: Kernels, low: Tensor): Tensor {
  const one = { data: Float32Array.of(1), shape: [1, 1, 1, 1] };
  return conv2d(low, one, { padding: BEYOND, padMode: 'replicate' });
}

const optionsOf = (size: number) => ({ stride: 2, padding: (size - 2) / 2 + 2 * BEYOND });

/** Twice the size of `low`, by a kernel [1, 1, k, k] of even k, 8 at most. */
export const enlarged = (kernels: Kernels, low: Tensor, kernel: Tensor): Tensor =>
  kernels.convTranspose2d(continued(kernels, low), kernel, optionsOf(kernel.shape[3] as number));

/** Each pixel four times: stride 2, and a kernel of ones. */
export const NEAREST: Tensor = { data: new Float32Array(4).fill(1), shape: [1, 1, 2, 2] };

/** Between neighbours in a straight line: (1, 3, 3, 1) / 4 in each direction. */
export const BILINEAR: Tensor = {
  data: Float32Array.from({ length: 16 }, (_, i) => ([1, 3, 3, 1][i >> 2] as number) * ([1, 3, 3, 1][i % 4] as number) * (1 / 16)),
  shape: [1, 1, 4, 4],
};

/** Mean square of the differences: the loss. */
export function meanSquare({ data: a }: Tensor, { data: b }: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / a.length;
}

/** Peak signal to noise, in decibels, of values in [0, 1]: 3 more are half the loss. */
export const decibels = (loss: number): number => -10 * Math.log10(loss);

/** Seeks the kernel. Its tensors stay in the kernels' memory. */
export class Learner {
  readonly kernel: ResidentTensor;
  readonly steps = { taken: 0 };
  private readonly x: ResidentTensor;
  /** t - A w, and of the direction p: A p. */
  private readonly residual: ResidentTensor;
  private readonly image: ResidentTensor;
  /** s = Aᵀ residual, which is -dw / 2 of the sum of squares, and p. */
  private readonly gradient: ResidentTensor;
  private readonly direction: ResidentTensor;
  private readonly options: { readonly stride: number; readonly padding: number };
  private square: number;

  constructor(
    private readonly kernels: Kernels,
    { high, low }: Halved,
    size: number,
    random: () => number,
  ) {
    const { tensor, convTranspose2d } = kernels;
    const x = continued(kernels, low);
    this.options = optionsOf(size);
    this.x = tensor(x.shape, x.data);
    const start = Float32Array.from({ length: size * size }, () => (8 * random()) / size ** 2); // as bright as the picture, on average
    this.kernel = tensor([1, 1, size, size], start);
    this.gradient = tensor(this.kernel.shape);
    this.direction = tensor(this.kernel.shape);
    this.residual = tensor(high.shape, high.data);
    this.image = tensor(high.shape);
    convTranspose2d(this.x, this.kernel, { ...this.options, out: this.image });
    add(this.residual.data, -1, this.image.data);
    this.square = this.descent();
    this.direction.data.set(this.gradient.data);
  }

  /** Mean square of the differences now. */
  get loss(): number {
    return squareOf(this.residual.data) / this.residual.data.length;
  }

  /** One step of conjugate gradients; false where nothing is left to gain. */
  step(): boolean {
    this.kernels.convTranspose2d(this.x, this.direction, { ...this.options, out: this.image });
    const curvature = squareOf(this.image.data);
    if (!(this.square > 0 && curvature > 0)) return false;
    const length = this.square / curvature;
    add(this.kernel.data, length, this.direction.data);
    add(this.residual.data, -length, this.image.data);
    const square = this.descent();
    const p = this.direction.data;
    const s = this.gradient.data;
    for (let i = 0; i < p.length; i++) p[i] = (s[i] as number) + (square / this.square) * (p[i] as number);
    this.square = square;
    this.steps.taken++;
    return true;
  }

  dispose(): void {
    for (const each of [this.kernel, this.x, this.residual, this.image, this.gradient, this.direction]) each.dispose();
  }

  private descent(): number {
    this.kernels.convTranspose2d.gradWeight(this.residual, this.x, this.kernel.shape, { ...this.options, out: this.gradient });
    return squareOf(this.gradient.data);
  }
}

/** y += a x */
function add(y: Float32Array, a: number, x: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + a * (x[i] as number);
}

function squareOf(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) ** 2;
  return sum;
}
