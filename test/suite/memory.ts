import { type Algorithm, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { equal, sameBits, that, throws } from './check.js';
import { filled, integers, seeded } from './data.js';
import { type ConvCase, compute, floatProblem, RESULTS } from './problem.js';

const MiB = 2 ** 20;
const LAYER: ConvCase = { op: 'conv2d', input: [2, 3, 9, 8], weight: [4, 3, 3, 2], options: { padding: 1, stride: 2 }, bias: true };

/** Who holds which bytes, and that nothing a caller does breaks the instance. Each case has an instance of its own. */
export function memory(define: Define, backend: Backend): void {
  const wasm = backend.name !== 'reference';
  const own = eachOwn(define, backend);

  own('a resident tensor starts as zeros or as the data, and is its own', (kernels) => {
    equal(
      kernels.tensor([2, 3]),
      filled([2, 3], () => 0),
      'zeros',
    );
    const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
    const made = kernels.tensor([2, 3], data);
    data.fill(9);
    equal(
      made,
      filled([2, 3], (i) => i + 1),
      'a copy',
    );
    made.data[4] = 50;
    that(made.data[4] === 50, 'data can be written');
    equal(
      kernels.tensor([0, 3]),
      filled([0, 3], () => 0),
      'empty',
    );
    const reused = kernels.tensor([6], Float32Array.from([7, 7, 7, 7, 7, 7]));
    reused.dispose();
    equal(
      kernels.tensor([6]),
      filled([6], () => 0),
      'zeros where something was before',
    );
  });

  own('data stays valid when a larger tensor makes the memory grow', (kernels) => {
    const small = kernels.tensor([5], Float32Array.from([1, 2, 3, 4, 5]));
    const before = kernels.info.memory.capacityBytes;
    const large = kernels.tensor([3 * MiB]);
    that(kernels.info.memory.capacityBytes > before, 'the memory has grown');
    equal(
      small,
      filled([5], (i) => i + 1),
      'small',
    );
    small.data[0] = 10;
    that(small.data[0] === 10 && large.data[0] === 0, 'each writes to its own place');
    equal(
      kernels.matmul(
        { data: small.data, shape: [1, 5] },
        filled([5, 1], () => 1),
      ),
      filled([1, 1], () => 24),
      'as an operand',
    );
  });

  own('resident operands stay valid when the call itself makes the memory grow', (kernels) => {
    const random = seeded(8);
    const [a, b, bias] = [integers(random, [3, 5]), integers(random, [5, 300_000]), integers(random, [300_000])] as const;
    const want = backend.oracle.matmul(a, b, { bias });
    const [residentA, residentBias] = [kernels.tensor(a.shape, a.data), kernels.tensor(bias.shape, bias.data)];
    equal(kernels.matmul(residentA, b, { bias: residentBias }), want, 'resident a and bias, large plain b');
    const out = kernels.tensor([3, 300_000]);
    equal(kernels.matmul(a, b, { bias: residentBias, out }), want, 'resident out');
    const weight = kernels.tensor([2, 1, 3, 3], new Float32Array(18).fill(1));
    const image = filled([1, 1, 1200, 1000], (i) => i % 5);
    const plan = kernels.conv2d.plan({ input: image.shape, weight, bias: kernels.tensor([2], Float32Array.of(1, -1)) });
    const planned = plan.run(image);
    equal(planned, kernels.conv2d(image, weight, { bias: { data: Float32Array.of(1, -1), shape: [2] } }), 'plan');
  });

  own('a resident value that is not finite is seen though the call makes the memory grow', (kernels) => {
    const place = 1100; // in the second channel, inside the image
    const x = filled([1, 16, 30, 30], (i) => (i === place ? Number.NaN : i % 3));
    const dy = filled([1, 16, 30, 30], (i) => i % 5);
    const before = kernels.info.memory.capacityBytes;
    const [input, gradOutput] = [kernels.tensor(x.shape, x.data), kernels.tensor(dy.shape, dy.data)];
    const got = kernels.conv2d.gradWeight(gradOutput, input, [16, 16, 3, 3], { padding: 1 });
    that(backend.name === 'reference' || kernels.info.memory.capacityBytes > before, 'the memory has grown');
    const want = kernels.conv2d.gradWeight(gradOutput, input, [16, 16, 3, 3], { padding: 1, algorithm: 'gemm' });
    that(want.data.some(Number.isNaN) && !want.data.every(Number.isNaN), 'the value reaches some elements, not all');
    equal(got, want, 'gradWeight');
  });

  own('dispose frees: live bytes return to the start', (kernels) => {
    const start = kernels.info.memory.liveBytes;
    const made = [[3], [5, 7], [1], [64, 1024], [2, 2, 2, 2]].map((shape) => kernels.tensor(shape));
    const plan = kernels.conv2d.plan({ input: [1, 3, 5, 5], weight: filled([4, 3, 3, 3], Number) });
    const held = made.reduce((sum, each) => sum + each.bytes, plan.bytes);
    that(kernels.info.memory.liveBytes === start + held, `live bytes are ${kernels.info.memory.liveBytes}, expected ${start + held}`);
    for (const index of [1, 3, 0, 4, 2]) made[index]?.dispose();
    that(kernels.info.memory.liveBytes === start + plan.bytes, 'only the plan is live');
    plan.dispose();
    for (const each of [...made, plan]) each.dispose();
    that(kernels.info.memory.liveBytes === start, 'a second dispose does nothing');
  });

  own('freed room is used again', (kernels) => {
    const round = (): void => {
      const made = [40_000, 7, 90_000, 1000].map((length) => kernels.tensor([length]));
      for (const index of [2, 0, 3, 1]) made[index]?.dispose();
    };
    round();
    const capacity = kernels.info.memory.capacityBytes;
    for (let i = 0; i < 200; i++) round();
    that(kernels.info.memory.capacityBytes === capacity, `${kernels.info.memory.capacityBytes} bytes, ${capacity} after the first round`);
  });

  if (!backend.hosted) {
    own('the room of a freed tensor serves the operands of a call', (kernels) => {
      kernels.tensor([512, 1024]).dispose();
      const { capacityBytes } = kernels.info.memory;
      kernels.matmul(
        filled([256, 256], () => 1),
        filled([256, 256], () => 1),
      );
      that(kernels.info.memory.capacityBytes <= capacityBytes, `capacity is ${kernels.info.memory.capacityBytes}, was ${capacityBytes}`);
    });
  }

  own('two hundred calls take no more memory than the first', (kernels) => {
    const problem = floatProblem(kernels, LAYER, 1);
    const all = (): void => {
      for (const result of RESULTS) compute[result](kernels, problem);
      const plan = kernels.conv2d.plan({ input: LAYER.input, weight: problem.weight });
      plan.run(problem.input);
      plan.dispose();
      const columns = kernels.unfold(problem.input, [3, 2]);
      kernels.fold(columns, [9, 8], [3, 2]);
    };
    all();
    const { capacityBytes, liveBytes } = kernels.info.memory;
    for (let i = 0; i < 200; i++) all();
    that(kernels.info.memory.capacityBytes === capacityBytes, `capacity is ${kernels.info.memory.capacityBytes}, was ${capacityBytes}`);
    that(kernels.info.memory.liveBytes === liveBytes, `live bytes are ${kernels.info.memory.liveBytes}, were ${liveBytes}`);
  });

  own('the workspace is at most 1 MiB', (kernels) => {
    const { workspaceBytes } = kernels.info.memory;
    that(workspaceBytes <= MiB, `${workspaceBytes} bytes`);
  });

  if (wasm) {
    own('a resident layer takes no memory at all, however large', (kernels) => {
      const [x, w] = [kernels.tensor([1, 16, 96, 96]), kernels.tensor([8, 16, 3, 3])];
      const [dy, dx, dw] = [kernels.tensor([1, 8, 94, 94]), kernels.tensor(x.shape), kernels.tensor(w.shape)];
      const { capacityBytes } = kernels.info.memory;
      const all = (algorithm: Algorithm): void => {
        kernels.conv2d(x, w, { out: dy, algorithm });
        kernels.conv2d.gradInput(dy, w, x.shape, { out: dx, algorithm });
        kernels.conv2d.gradWeight(dy, x, w.shape, { out: dw, algorithm });
      };
      all('gemm');
      all('direct');
      that(kernels.info.memory.capacityBytes === capacityBytes, 'the column matrix of 4.9 MB never exists');
      all('auto');
      that(
        kernels.info.memory.capacityBytes <= capacityBytes + kernels.info.threads * 4 * MiB,
        "Winograd's scratch is less, of each thread",
      );
    });
    own(
      'a plan whose packed weight would take 4 GiB is refused',
      (kernels) => {
        // One output channel in a panel of eight: packing takes eight times the 512 MiB (never touched) of the weight, 256 bytes more than 4 GiB.
        const length = 2 ** 27 + 8;
        const weight = { data: new Float32Array(length), shape: [1, length, 1] };
        const plan = () => kernels.conv1d.plan({ input: [1, 1, length], weight, layout: 'channels-last' });
        const { message } = throws(plan, OutOfMemoryError, 'plan');
        that(/needs [45]\d{9} bytes/.test(message), message);
        that(kernels.info.memory.liveBytes === 0, `${kernels.info.memory.liveBytes} bytes are live`);
        kernels.tensor([5]).dispose();
        equal(
          kernels.matmul(
            filled([1, 2], () => 1),
            filled([2, 1], () => 1),
          ),
          filled([1, 1], () => 2),
          'a product afterwards',
        );
      },
      { maxBytes: 1024 * MiB },
    );
    own(
      'a call that does not fit maxBytes changes nothing',
      (kernels) => {
        const before = kernels.matmul(filled([3, 4], Number), filled([4, 5], Number));
        const { capacityBytes, liveBytes } = kernels.info.memory;
        const large = filled([1024, 1024], () => 1);
        throws(() => kernels.matmul(large, large), OutOfMemoryError, '12 MiB of operands');
        that(kernels.info.memory.capacityBytes === capacityBytes && kernels.info.memory.liveBytes === liveBytes, 'memory is as it was');
        sameBits(kernels.matmul(filled([3, 4], Number), filled([4, 5], Number)), before, 'a product afterwards');
      },
      { maxBytes: 4 * MiB },
    );
  }

  own(
    'maxBytes holds for tensors and plans, and the instance goes on',
    (kernels) => {
      const problem = floatProblem(kernels, LAYER, 2);
      const before = RESULTS.map((result) => compute[result](kernels, problem));
      const { liveBytes } = kernels.info.memory;
      const kept = kernels.tensor([3], Float32Array.of(1, 2, 3));
      const error = throws(() => kernels.tensor([2 * MiB]), OutOfMemoryError, 'a tensor of 8 MiB');
      that(error.op === 'tensor' && error.message.includes('maxBytes'), error.message);
      throws(
        () => kernels.conv2d.plan({ input: [1, 512, 9, 9], weight: filled([512, 512, 3, 3], () => 0) }),
        OutOfMemoryError,
        'a plan of 9 MiB',
      );
      equal(
        kept,
        filled([3], (i) => i + 1),
        'a tensor made before',
      );
      kept.dispose();
      that(kernels.info.memory.liveBytes === liveBytes, 'live bytes are as before');
      that(kernels.info.memory.capacityBytes <= kernels.info.memory.maxBytes, 'capacity is within maxBytes');
      for (const [index, result] of RESULTS.entries())
        sameBits(compute[result](kernels, problem), before[index] as Tensor, `${result} afterwards`);
    },
    { maxBytes: 4 * MiB },
  );
}
