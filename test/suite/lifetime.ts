import { DisposedError, OptionError, type Tensor } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { equal, sameBits, that, throws } from './check.js';
import { asView, filled, floats, seeded } from './data.js';
import { type ConvCase, floatProblem, mapProblem } from './problem.js';

const LAYER: ConvCase = { op: 'conv2d', input: [2, 3, 9, 8], weight: [4, 3, 3, 2] };

/** What is refused after dispose, what may not share memory, what two instances share: nothing. */
export function lifetime(define: Define, backend: Backend): void {
  const own = eachOwn(define, backend);

  own('use after dispose is refused', (kernels) => {
    const problem = floatProblem(kernels, LAYER, 3);
    const { input, weight } = mapProblem(problem, asView);
    const dead = kernels.tensor(weight.shape, weight.data);
    const plan = kernels.conv2d.plan({ input: input.shape, weight: dead });
    dead.dispose();
    const expected = plan.run(input);
    sameBits(expected, kernels.conv2d(input, weight), 'a plan needs its weight no more');
    plan.dispose();
    throws(() => dead.data, DisposedError, 'data');
    throws(() => kernels.conv2d(input, dead), DisposedError, 'as a weight');
    throws(() => kernels.matmul(filled([1, 1], Number), filled([1, 1], Number), { out: dead }), DisposedError, 'as out');
    throws(() => plan.run(input), DisposedError, 'plan.run');
    const orphan = kernels.tensor([3]);
    const { liveBytes } = kernels.info.memory;
    that(liveBytes > 0, 'one tensor is live');
    kernels.dispose();
    kernels.dispose();
    throws(() => kernels.conv2d(input, weight), DisposedError, 'conv2d');
    throws(() => kernels.convTranspose3d.gradBias(input), DisposedError, 'gradBias');
    throws(() => kernels.matmul(input, weight), DisposedError, 'matmul');
    throws(() => kernels.tensor([1]), DisposedError, 'tensor');
    throws(() => orphan.data, DisposedError, 'data of a tensor of disposed kernels');
    orphan.dispose();
  });

  own('out may not overlap an operand', (kernels) => {
    const whole = new Float32Array(60);
    const part = (start: number, length: number, shape: readonly number[]): Tensor => ({
      data: whole.subarray(start, start + length),
      shape,
    });
    const [a, b] = [part(0, 16, [4, 4]), part(16, 16, [4, 4])];
    throws(() => kernels.matmul(a, b, { out: a }), OptionError, 'out is a');
    throws(() => kernels.matmul(a, b, { out: part(31, 16, [4, 4]) }), OptionError, 'out shares the last element of b');
    kernels.matmul(a, b, { out: part(32, 16, [4, 4]) });
    const image = kernels.tensor([1, 1, 4, 4]);
    const one = filled([1, 1, 1, 1], () => 1);
    throws(() => kernels.conv2d(image, one, { out: image }), OptionError, 'in place, resident');
    throws(() => kernels.unfold(image, 1, { out: { data: image.data, shape: [1, 1, 16] } }), OptionError, 'unfold in place');
    const bias = part(0, 1, [1]);
    throws(
      () => kernels.conv2d(filled([1, 1, 4, 4], Number), one, { bias, out: part(0, 16, [1, 1, 4, 4]) }),
      OptionError,
      'out over the bias',
    );
  });

  own('two instances share nothing', (kernels) => {
    const other = backend.load();
    const [mine, theirs] = [kernels.tensor([4], Float32Array.of(1, 2, 3, 4)), other.tensor([4], Float32Array.of(5, 6, 7, 8))];
    const product = kernels.matmul({ data: mine.data, shape: [1, 4] }, { data: theirs.data, shape: [4, 1] });
    equal(
      product,
      filled([1, 1], () => 70),
      'a tensor of one is an operand of the other',
    );
    other.dispose();
    equal(
      mine,
      filled([4], (i) => i + 1),
      'disposing one leaves the other',
    );
    equal(
      kernels.matmul(floats(seeded(1), [2, 0]), filled([0, 2], Number)),
      filled([2, 2], () => 0),
      'which still works',
    );
  });
}
