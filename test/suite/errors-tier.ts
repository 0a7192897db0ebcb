import type { Backend, Define } from './backend.js';
import { sameBits, that } from './check.js';
import { errorCases } from './errors.js';
import { type ConvCase, compute, floatProblem, RESULTS } from './problem.js';

const KNOWN: ConvCase = { op: 'conv2d', input: [2, 3, 6, 7], weight: [4, 3, 3, 2], options: { padding: 1, stride: 2 }, bias: true };

/** Every call that must be refused: the class, the message, and that the instance is as it was. */
export function errors(define: Define, backend: Backend): void {
  const { kernels } = backend;
  const problem = floatProblem(kernels, KNOWN, 1);
  const before = RESULTS.map((result) => compute[result](kernels, problem));
  const cases = errorCases(kernels);
  const { liveBytes } = kernels.info.memory;
  for (const { name, run, error, message } of cases) {
    define(`error: ${name}`, () => {
      const thrown = caught(run);
      that(thrown instanceof error, `threw ${String(thrown)}; expected ${error.name}`);
      const text = (thrown as Error).message;
      that(message.test(text), `the message is "${text}"; expected ${message}`);
      const again = caught(run);
      that(again instanceof error && again.message === text, `the second time it threw ${String(again)}; expected "${text}" again`);
    });
  }
  define('error: after all of them a convolution gives the same bits', () => {
    for (const { run } of cases) caught(run);
    for (const [index, result] of RESULTS.entries()) sameBits(compute[result](kernels, problem), before[index] ?? problem.input, result);
    const now = kernels.info.memory.liveBytes;
    that(now === liveBytes, `live bytes are ${now}, were ${liveBytes}`);
  });
}

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
