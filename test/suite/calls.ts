import { type ConvOptions, DisposedError, type Kernels, OptionError, ShapeError, type Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { equal, sameBits, that, throws } from './check.js';
import { filled, integers, seeded } from './data.js';

/** More than a kernel set remembers of an op. */
const MANY = 50;

/** A value that the types forbid. */
const wrong = (value: unknown): never => value as never;

/** Kernels remember the problems of their last calls. What a caller may do between two calls must be seen in the second. */
export function calls(define: Define, backend: Backend): void {
  const { kernels, oracle } = backend;
  const random = seeded(31);

  define('calls: option objects and shapes that are changed between calls', () => {
    const [stride, pads] = [
      [1, 1],
      [
        [0, 0],
        [0, 0],
      ] as [[number, number], [number, number]],
    ];
    const options: { -readonly [K in keyof ConvOptions]: ConvOptions[K] } = { stride, padding: pads };
    const x = { data: integers(random, [2 * 3 * 6 * 4]).data, shape: [2, 3, 6, 4] };
    const w = { data: integers(random, [2 * 3 * 3 * 2]).data, shape: [2, 3, 3, 2] };
    const check = (what: string): void => {
      const copy: ConvOptions = structuredClone(options);
      const y = kernels.conv2d(x, w, options);
      equal(y, oracle.conv2d({ ...x, shape: [...x.shape] }, { ...w, shape: [...w.shape] }, copy), what);
      const dx = kernels.conv2d.gradInput(y, w, x.shape, options);
      equal(dx, oracle.conv2d.gradInput(y, w, [...x.shape], copy), `gradInput, ${what}`);
      const dw = kernels.conv2d.gradWeight(y, x, w.shape, options);
      equal(dw, oracle.conv2d.gradWeight(y, x, [...w.shape], copy), `gradWeight, ${what}`);
      equal(kernels.conv2d.gradBias(y, options), oracle.conv2d.gradBias(y, copy), `gradBias, ${what}`);
    };
    check('at first');
    check('again');
    stride[1] = 2;
    check('an element of stride');
    pads[0][1] = 1;
    check('a side of a pad');
    x.shape.splice(2, 2, 4, 6);
    check("the input's shape");
    w.shape.splice(2, 2, 2, 3);
    check("the weight's shape");
    options.dilation = 2;
    check('an option more');
    delete options.padding;
    check('an option less');
    stride[0] = 0;
    throws(() => kernels.conv2d(x, w, options), OptionError, 'a stride of zero');
    stride[0] = 1;
    check('after a refusal');
  });

  define('calls: kernel sizes and matrices that are changed between calls', () => {
    const kernel = [2, 3];
    const image = integers(random, [2, 3, 5, 6]);
    const [a, b] = [integers(random, [4, 6]), integers(random, [6, 4])].map(({ data, shape }) => ({ data, shape: [...shape] })) as [
      { data: Float32Array; shape: number[] },
      { data: Float32Array; shape: number[] },
    ];
    const check = (what: string, transposed: boolean): void => {
      const columns = kernels.unfold(image, kernel);
      equal(columns, oracle.unfold(image, [...kernel]), `unfold, ${what}`);
      equal(kernels.fold(columns, [5, 6], kernel), oracle.fold(columns, [5, 6], [...kernel]), `fold, ${what}`);
      const flags = { transposeA: transposed, transposeB: transposed };
      equal(kernels.matmul(a, b, flags), oracle.matmul({ ...a, shape: [...a.shape] }, { ...b, shape: [...b.shape] }, flags), what);
    };
    check('at first', false);
    check('transposed', true);
    kernel.reverse();
    a.shape.splice(0, 2, 8, 3);
    b.shape.splice(0, 2, 3, 8);
    check('changed', false);
    check('changed and transposed', true);
  });

  define('calls: what only looks like an accepted argument is refused after it too', () => {
    const [x, w] = [integers(random, [1, 2, 5, 5]), integers(random, [3, 2, 3, 3])];
    const y = kernels.conv2d(x, w, { stride: [2, 2], padding: [[1, 1], 1] });
    const bad: [string, unknown][] = [
      ['a typed array', Int32Array.of(2, 2)],
      ['a string', '2'],
      ['strings', ['2', '2']],
      ['an object with a length', { length: 2, 0: 2, 1: 2 }],
      ['one too many', [2, 2, 2]],
      ['pairs', [[2, 2], 2]],
      ['null', null],
    ];
    for (const [what, stride] of bad) {
      const run = () => kernels.conv2d(x, w, { stride: wrong(stride), padding: [[1, 1], 1] });
      const { message } = throws(run, OptionError, what);
      that(throws(run, OptionError, `${what}, again`).message === message, `${what}: the message is another the second time`);
    }
    const shape = Int32Array.of(1, 2, 5, 5);
    const gradInput = () => kernels.conv2d.gradInput(y, w, wrong(shape), { stride: 2, padding: 1 });
    equal(gradInput(), gradInput(), 'an input shape that is a typed array');
    shape[2] = 9;
    throws(gradInput, ShapeError, 'the same one after a change');
  });

  define('calls: more problems than are remembered, in turn, backwards and in any order', () => {
    const layers = Array.from({ length: MANY }, (_, i) => {
      const [x, w] = [integers(random, [1, 2, 4, 3 + i]), integers(random, [2, 2, 3, 3])];
      return { x, w, y: oracle.conv2d(x, w) };
    });
    const shuffled = layers.map((_, i) => layers[(i * 37) % MANY] as (typeof layers)[number]);
    for (const order of [layers, layers, [...layers].reverse(), shuffled]) {
      for (const { x, w, y } of order) {
        equal(kernels.conv2d(x, w), y, `width ${x.shape[3]}`);
        equal(kernels.conv2d.gradInput(y, w, x.shape), oracle.conv2d.gradInput(y, w, x.shape), `gradInput, width ${x.shape[3]}`);
      }
    }
  });

  define('calls: algorithms, epilogues and weights by turns on one problem', () => {
    const [x, w] = [integers(random, [1, 16, 14, 15]), integers(random, [16, 16, 3, 3])];
    const y = integers(random, [1, 16, 14, 15]);
    const bias = integers(random, [16]);
    const infinite: Tensor = { ...w, data: w.data.map((value, i) => (i === 100 ? Number.POSITIVE_INFINITY : value)) };
    const options: ConvOptions[] = (['auto', 'gemm', 'direct', 'winograd', 'auto'] as const).map((algorithm) => ({
      algorithm,
      padding: 1,
    }));
    const first = backend.load();
    for (const each of [...options, ...options]) {
      for (const weight of [w, infinite, w]) {
        // A kernel set that has seen nothing before says what the call gives.
        const fresh = backend.load();
        const what = `${each.algorithm}, ${weight === w ? 'finite' : 'infinite'}`;
        sameBits(first.conv2d(x, weight, each), fresh.conv2d(x, weight, each), what);
        sameBits(first.conv2d(x, weight, { ...each, bias }), fresh.conv2d(x, weight, { ...each, bias }), `${what}, bias`);
        const dx = first.conv2d.gradInput(y, weight, x.shape, each);
        sameBits(dx, fresh.conv2d.gradInput(y, weight, x.shape, each), `${what}, gradInput`);
        fresh.dispose();
      }
    }
    first.dispose();
    if (backend.name === 'reference') return; // which takes every algorithm for its own
    const phases = () => kernels.conv2d(x, w, { padding: 1, algorithm: 'phases' });
    for (const what of ['phases forward', 'phases forward, again']) throws(phases, OptionError, what);
  });

  define('calls: resident tensors of an earlier call after the memory has grown, and after dispose', () => {
    const own = backend.load();
    const [x, w] = [integers(random, [2, 3, 6, 5]), integers(random, [4, 3, 3, 3])];
    const [rx, rw, ry] = [own.tensor(x.shape, x.data), own.tensor(w.shape, w.data), own.tensor([2, 4, 4, 3])];
    const empty = own.tensor([0, 3, 6, 5]);
    const want = oracle.conv2d(x, w);
    const check = (what: string): void => {
      ry.data.fill(Number.NaN);
      equal(own.conv2d(rx, rw, { out: ry }), want, what);
      equal(own.conv2d.gradInput(ry, rw, x.shape), oracle.conv2d.gradInput(want, w, x.shape), `gradInput, ${what}`);
      that(empty.data.length === 0 && own.conv2d(empty, rw).data.length === 0, `an empty batch, ${what}`);
    };
    check('at first');
    check('again');
    const { capacityBytes } = own.info.memory;
    own.tensor([2 ** 20]);
    that(own.info.memory.capacityBytes > capacityBytes, 'the memory has grown');
    check('after growth');
    rw.dispose();
    throws(() => own.conv2d(rx, rw, { out: ry }), DisposedError, 'a disposed weight');
    own.dispose();
    throws(() => own.conv2d(x, w), DisposedError, 'disposed kernels');
  });

  if (backend.name === 'reference' || backend.name === 'relaxed') return;
  define('calls: deterministic kernels refuse and keep to their order every time', () => {
    const own: Kernels = backend.load({ deterministic: true });
    const [x, w] = [filled([1, 16, 14, 15], (i) => Math.sin(i)), filled([16, 16, 3, 3], (i) => Math.cos(i))];
    const [want, gemm] = [own.conv2d(x, w), own.conv2d(x, w, { algorithm: 'gemm' })];
    for (let i = 0; i < 3; i++) {
      sameBits(own.conv2d(x, w), want, 'auto');
      sameBits(own.conv2d(x, w, { algorithm: 'gemm' }), gemm, 'gemm');
      throws(() => own.conv2d(x, w, { algorithm: 'winograd' }), OptionError, 'winograd');
    }
    own.dispose();
  });
}
