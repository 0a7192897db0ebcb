import { DisposedError, type ResidentTensor } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { sameBits, that, throws } from './check.js';
import { filled } from './data.js';

/** What `console.log` of Node, Deno and Bun calls. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const text = (value: object): unknown => (value as Record<symbol, () => unknown>)[INSPECT]?.();
const is = (given: unknown, wanted: unknown): void => that(given === wanted, `${String(given)} instead of ${String(wanted)}`);

/** What a log and JSON hold of things that live in the kernels' memory. */
export function shown(define: Define, backend: Backend): void {
  const own = eachOwn(define, backend);

  own('a resident tensor shows its shape and first values', (kernels) => {
    const tensor = kernels.tensor([2, 5], Float32Array.of(0.1, -2, Number.NaN, Number.POSITIVE_INFINITY, 1e-7, 1e30, 16777217, 7, 8, 9));
    is(text(tensor), 'ResidentTensor [2, 5] [0.1, -2, NaN, Infinity, 1e-7, 1e+30, 16777220, 7, ... 2 more]');
    is(text(kernels.tensor([2])), 'ResidentTensor [2] [0, 0]');
    tensor.dispose();
    is(text(tensor), 'ResidentTensor [2, 5] (disposed)');
  });

  own('the JSON of a resident tensor holds its data, to the bit', (kernels) => {
    const tensor = kernels.tensor(
      [2, 3],
      Float32Array.of(0.1, 3.4e38, 1e-45, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    const { data, shape } = JSON.parse(JSON.stringify({ tensor })).tensor as ReturnType<ResidentTensor['toJSON']>;
    sameBits({ data: Float32Array.from(data, Number), shape }, tensor, 'read back');
    tensor.dispose();
    throws(() => JSON.stringify(tensor), DisposedError, 'the JSON of a disposed one');
  });

  own('a plan shows what it computes, and how', (kernels) => {
    const weight = filled([3, 2, 3, 3], Number);
    const plan = kernels.conv2d.plan({ input: [1, 2, 5, 6], weight });
    is(text(plan), `Plan { conv2d [1, 2, 5, 6] → [1, 3, 3, 4], algorithm: '${plan.algorithm}', bytes: ${plan.bytes} }`);
    plan.dispose();
    is(text(plan), `Plan { conv2d [1, 2, 5, 6] → [1, 3, 3, 4], algorithm: '${plan.algorithm}', bytes: ${plan.bytes} } (disposed)`);
  });

  own('info shows the values of the moment, in a log and as JSON', (kernels) => {
    const { info } = kernels;
    const seen = (): (number | undefined)[] =>
      [text(info) as typeof info, JSON.parse(JSON.stringify(info)) as typeof info].map(({ memory }) => memory.liveBytes);
    const before = info.memory.liveBytes;
    is(seen().join(), [before, before].join());
    const tensor = kernels.tensor([1000]);
    is(seen().join(), [before + 4000, before + 4000].join());
    tensor.dispose();
    is(Object.getOwnPropertyDescriptor(text(info), 'memory')?.get, undefined);
    is(Object.keys(text(info) as object).join(), Object.keys(info).join());
  });
}
