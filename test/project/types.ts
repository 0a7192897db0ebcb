/** What the shipped types say, compiled by test/project/package.test.ts as a user's program. It never runs. */
import type { ConvOptions, FreshTensor, Kernels, Plan, ResidentTensor, Tensor } from 'simdconv';
import { convMatrix, insertZeros, rotate180 } from 'simdconv/arithmetic';

export function results(kernels: Kernels, x: Tensor, w: Tensor, port: MessagePort, audio: AudioBuffer): void {
  const { conv2d, convTranspose2d, unfold, fold, matmul } = kernels;
  const { gradInput, gradWeight, gradBias } = conv2d.backward(x, x, w, { padding: 'same' });
  const plan: Plan = conv2d.plan({ input: [1, 1, 8, 8], weight: w });
  const fresh: FreshTensor[] = [
    conv2d(x, w),
    convTranspose2d(x, w, { stride: 2 }),
    conv2d.gradInput(x, w, [1, 1, 8, 8]),
    conv2d.gradWeight(x, x, [1, 1, 3, 3], { padding: 1 }),
    conv2d.gradBias(x),
    gradInput,
    gradWeight,
    gradBias,
    plan.run(x),
    unfold(x, 3),
    fold(x, 8, 3, { stride: 2 }),
    matmul(x, w, { transposeB: true }),
    insertZeros(x, 2),
    rotate180(w),
  ];
  for (const y of fresh) {
    port.postMessage(y, [y.data.buffer]);
    audio.copyToChannel(y.data, 0);
  }
  audio.copyToChannel(convMatrix(w, [1, 8, 8]).multiply(x), 0);
}

export function out(kernels: Kernels, x: Tensor, w: Tensor, y: ResidentTensor, options: ConvOptions): void {
  const { conv2d, unfold, fold, matmul } = kernels;
  const plan = conv2d.plan({ input: x.shape, weight: w });
  const same: ResidentTensor[] = [
    conv2d(x, w, { out: y, padding: 1 }),
    conv2d.gradInput(x, w, [1, 1, 8, 8], { out: y }),
    conv2d.gradWeight(x, x, [1, 1, 3, 3], { out: y }),
    conv2d.gradBias(x, { out: y }),
    plan.run(x, y),
    unfold(x, 3, { out: y }),
    fold(x, 8, 3, { out: y }),
    matmul(x, w, { out: y }),
  ];
  for (const each of same) each.dispose();
  const mine = { data: new Float32Array(4), shape: [1, 1, 2, 2], label: 'mine' };
  const label: string = conv2d(x, w, { out: mine }).label;
  const either: Tensor = conv2d(x, w, options);
  // @ts-expect-error `out` may be among the options: the result need not be fresh
  const notFresh: FreshTensor = conv2d(x, w, options);
  // @ts-expect-error a fresh result is not resident
  const notResident: ResidentTensor = conv2d(x, w);
  console.log(label, either, notFresh, notResident);
}

export function operands(kernels: Kernels, w: Tensor, resident: ResidentTensor): void {
  const { conv2d } = kernels;
  conv2d({ data: new Float32Array(new SharedArrayBuffer(64)), shape: [1, 1, 4, 4] }, w);
  conv2d({ data: new Float32Array(16).subarray(8), shape: [1, 1, 2, 4] as const }, resident);
  // @ts-expect-error a resident tensor lies in the kernels' memory, which is not to give away
  const notFresh: FreshTensor = resident;
  // @ts-expect-error float32 only
  conv2d({ data: new Float64Array(16), shape: [1, 1, 4, 4] }, w);
  // @ts-expect-error the option is `stride`
  conv2d(w, w, { strides: 2 });
  // @ts-expect-error an options object, not a number
  conv2d(w, w, 2);
  // @ts-expect-error a shape, not a tensor
  conv2d.gradInput(w, w, w);
  // @ts-expect-error `out` is an argument of the plan's run
  conv2d.plan({ input: [1, 1, 8, 8], weight: w, out: w });
  console.log(notFresh);
}
