/**
 * Layers of a small network, forward and backward side by side. d is for derivative of the loss: dy is ∂loss/∂y. Every tensor is made once, in
 * the kernels' memory, so that a step of training makes none and copies none.
 */
import type { Kernels, Tensor } from 'simdconv';
import type { Random } from './digits.js';

type Shape = readonly number[];

/** Something learned, the derivative of the loss by it, and how fast descent is moving it. */
export interface Param {
  readonly value: Tensor;
  readonly grad: Tensor;
  readonly velocity: Float32Array;
}

export interface Layer {
  readonly name: string;
  readonly params: readonly Param[];
  readonly y: Tensor;
  /** Writes y. */
  forward(x: Tensor): void;
  /** Writes the gradients of the params for the x last seen and, where one is given, dx. */
  backward(dy: Tensor, dx?: Tensor): void;
}

/** A convolution without padding. x [N, C, H, W], w [O, C, k, k], b [O], y [N, O, H-k+1, W-k+1] */
export function conv(kernels: Kernels, inputShape: Shape, filters: number, k: number, random: Random): Layer {
  const { conv2d } = kernels;
  const [, channels = 0] = inputShape;
  const shape = [filters, channels, k, k];
  const weight = param(kernels, shape, normal(Math.sqrt(2 / (channels * k * k)), random));
  const bias = param(kernels, [filters]);
  const [w, dw, b, db] = [weight.value, weight.grad, bias.value, bias.grad];
  const y = kernels.tensor(conv2d.outputShape(inputShape, shape));
  let x: Tensor;
  return {
    name: `conv ${k}x${k}`,
    params: [weight, bias],
    y,
    forward(input) {
      x = input;
      conv2d(x, w, { bias: b, out: y });
    },
    backward(dy, dx) {
      conv2d.gradWeight(dy, x, shape, { out: dw });
      conv2d.gradBias(dy, { out: db });
      if (dx) conv2d.gradInput(dy, w, inputShape, { out: dx });
    },
  };
}

/** Every image by every output. x [N, ...F], w [O, F], b [O], y [N, O] */
export function dense(kernels: Kernels, inputShape: Shape, outputs: number, random: Random): Layer {
  const [batch = 0, ...rest] = inputShape;
  const features = rest.reduce((product, size) => product * size, 1);
  const weight = param(kernels, [outputs, features], normal(Math.sqrt(1 / features), random));
  const bias = param(kernels, [outputs]);
  const [w, dw, b, db] = [weight.value, weight.grad, bias.value, bias.grad];
  const ones = kernels.tensor([1, batch], new Float32Array(batch).fill(1));
  const y = kernels.tensor([batch, outputs]);
  let x: Tensor;
  return {
    name: 'dense',
    params: [weight, bias],
    y,
    forward(input) {
      x = input;
      kernels.matmul(reshape(x, batch, features), w, { transposeB: true, bias: b, out: y }); // y = x·wᵀ + b
    },
    backward(dy, dx) {
      kernels.matmul(dy, reshape(x, batch, features), { transposeA: true, out: dw }); // dw = dyᵀ·x
      kernels.matmul(ones, dy, { out: reshape(db, 1, outputs) }); // db = Σ dy over the batch
      if (dx) kernels.matmul(dy, w, { out: reshape(dx, batch, features) }); // dx = dy·w
    },
  };
}

/** The largest of each 2x2 square, or zero where that is negative: max(0, ·) of a quarter of the numbers. x [N, C, H, W], y [N, C, H/2, W/2] */
export function poolRelu(kernels: Kernels, [batch = 0, channels = 0, height = 0, width = 0]: Shape): Layer {
  const y = kernels.tensor([batch, channels, height / 2, width / 2]);
  const winners = new Uint32Array(y.data.length);
  return {
    name: 'pool, relu',
    params: [],
    y,
    forward(x) {
      const [from, to] = [x.data, y.data];
      for (let i = 0, row = 0; i < to.length; row += 2 * width) {
        for (let column = row; column < row + width; column += 2, i++) {
          const below = column + width;
          const top = (from[column + 1] as number) > (from[column] as number) ? column + 1 : column;
          const bottom = (from[below + 1] as number) > (from[below] as number) ? below + 1 : below;
          const winner = (from[bottom] as number) > (from[top] as number) ? bottom : top;
          winners[i] = winner;
          to[i] = Math.max(0, from[winner] as number);
        }
      }
    },
    backward(dy, dx) {
      if (!dx) return;
      const [from, to, out] = [dy.data, dx.data, y.data];
      to.fill(0);
      for (let i = 0; i < from.length; i++) {
        if ((out[i] as number) > 0) to[winners[i] as number] = from[i] as number;
      }
    },
  };
}

/** Mean cross entropy of softmax(logits [N, O]) with the labels [N]; writes dlogits. Returns the loss and the class that each row favours. */
export function softmaxCrossEntropy(logits: Tensor, labels: Uint8Array, dlogits: Tensor): { loss: number; predictions: number[] } {
  const [batch = 0, classes = 0] = logits.shape;
  const predictions: number[] = [];
  let loss = 0;
  for (let n = 0; n < batch; n++) {
    const row = logits.data.subarray(n * classes, (n + 1) * classes);
    const top = Math.max(...row);
    const exps = Array.from(row, (logit) => Math.exp(logit - top));
    const sum = exps.reduce((a, b) => a + b);
    const label = labels[n] as number;
    loss -= Math.log((exps[label] as number) / sum) / batch;
    predictions.push(row.indexOf(top));
    exps.forEach((exp, c) => {
      dlogits.data[n * classes + c] = (exp / sum - (c === label ? 1 : 0)) / batch;
    });
  }
  return { loss, predictions };
}

function param(kernels: Kernels, shape: Shape, next: () => number = () => 0): Param {
  const [value, grad] = [kernels.tensor(shape), kernels.tensor(shape)];
  value.data.forEach((_, i, data) => {
    data[i] = next();
  });
  return { value, grad, velocity: new Float32Array(value.data.length) };
}

/** Normal numbers of mean zero (Box and Muller). He's deviation, √(2 / inputs), keeps the size of the signal through a relu. */
function normal(deviation: number, random: Random): () => number {
  return () => deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The same numbers under another shape. */
const reshape = ({ data }: Tensor, ...shape: number[]): Tensor => ({ data, shape });
