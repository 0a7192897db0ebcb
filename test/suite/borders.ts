import { type ConvOptions, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { equal, that, throws } from './check.js';
import { filled, integers, map, seeded } from './data.js';

const MiB = 2 ** 20;
const MODES = ['reflect', 'replicate', 'circular'] as const;

/** What a padded copy of the input does to memory. Each case has an instance of its own. */
export function borders(define: Define, backend: Backend): void {
  const own = eachOwn(define, backend);

  for (const padMode of MODES) {
    own(`${padMode}: resident operands stay valid when the padded copy makes the memory grow`, (kernels) => {
      const random = seeded(5);
      const options: ConvOptions = { padding: [[3, 1], [2, 4]], padMode }; // biome-ignore format: one line
      const [x, w, bias] = [integers(random, [1, 1, 700, 600]), integers(random, [2, 1, 3, 3]), integers(random, [2])] as const;
      const { conv2d } = backend.oracle;
      const y = conv2d(x, w, { ...options, bias });
      const dy = map(y, (value) => value % 3);
      const dx = conv2d.gradInput(dy, w, x.shape, options);
      const held: { dispose(): void }[] = [];
      const hold = (t: Tensor): Tensor => {
        const made = kernels.tensor(t.shape, t.data);
        held.push(made);
        return made;
      };
      const [weight, added, out] = [hold(w), hold(bias), hold(y)];
      out.data.fill(Number.NaN);
      equal(kernels.conv2d(x, weight, { ...options, bias: added, out }), y, 'output');
      const back = hold(filled(x.shape, () => Number.NaN));
      equal(kernels.conv2d.gradInput(dy, weight, x.shape, { ...options, out: back }), dx, 'gradInput');
      const gradWeight = hold(filled(w.shape, () => Number.NaN));
      kernels.conv2d.gradWeight(dy, hold(x), w.shape, { ...options, out: gradWeight });
      equal(gradWeight, kernels.conv2d.gradWeight(dy, x, w.shape, options), 'gradWeight');
      const again = hold(filled(y.shape, () => Number.NaN));
      const plan = kernels.conv2d.plan({ ...options, input: x.shape, weight, bias: added });
      held.push(plan);
      equal(plan.run(x, again), y, 'plan');
      for (const each of held) each.dispose();
      that(kernels.info.memory.liveBytes === 0, `${kernels.info.memory.liveBytes} bytes are live`);
    });
  }

  own('a plan counts the room of its padded input, and frees it', (kernels) => {
    const options = { input: [2, 3, 9, 8], weight: filled([4, 3, 3, 3], Number), padding: 1 };
    const [zeros, reflect] = [kernels.conv2d.plan(options), kernels.conv2d.plan({ ...options, padMode: 'reflect' })];
    that(reflect.bytes >= zeros.bytes + 4 * 2 * 3 * 11 * 10, `${reflect.bytes} bytes`);
    that(kernels.info.memory.liveBytes === zeros.bytes + reflect.bytes, `live bytes are ${kernels.info.memory.liveBytes}`);
    zeros.dispose();
    reflect.dispose();
    that(kernels.info.memory.liveBytes === 0, `${kernels.info.memory.liveBytes} bytes are live`);
  });

  own(
    'a padded copy that does not fit maxBytes is refused, and nothing is held',
    (kernels) => {
      const w = filled([1, 1, 3, 3], () => 1);
      const options: ConvOptions = { padding: 1, padMode: 'reflect' };
      for (const size of backend.name === 'reference' ? [1100] : [1100, 900]) {
        const x = filled([1, 1, size, size], () => 1);
        throws(() => kernels.conv2d(x, w, options), OutOfMemoryError, `output of ${size}`);
        throws(() => kernels.conv2d.gradInput(x, w, x.shape, options), OutOfMemoryError, `gradInput of ${size}`);
        throws(() => kernels.conv2d.gradWeight(x, x, w.shape, options), OutOfMemoryError, `gradWeight of ${size}`);
        if (size === 1100) throws(() => kernels.conv2d.plan({ ...options, input: x.shape, weight: w }), OutOfMemoryError, 'plan');
        that(kernels.info.memory.liveBytes === 0, `${kernels.info.memory.liveBytes} bytes are live`);
      }
      const x = filled([1, 1, 2, 2], Number);
      equal(kernels.conv2d(x, w, options), backend.oracle.conv2d(x, w, options), 'afterwards');
    },
    { maxBytes: 4 * MiB },
  );
}
