/** Kernels against what plain tfjs computes on cpu. Nothing here imports tfjs, since a page brings its own. */
import { close } from '../suite/check.js';
import type { Case, Operand } from './cases.js';

export type TensorFlow = typeof import('@tensorflow/tfjs-core');
type Tensor = import('@tensorflow/tfjs-core').Tensor;

/** The outputs of a kernel on the backend in use. A filter that comes again is packed once: those of the last of so many calls. */
export function run(tf: TensorFlow, { kernel, attributes }: Case, inputs: Case['inputs'], calls = 1): Operand[] {
  return tf.tidy(() => {
    const tensors = Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)] as const);
    const given = kernel === 'Concat' ? tensors.map(([, tensor]) => tensor) : Object.fromEntries(tensors);
    const call = () => tf.engine().runKernel(kernel, given as never, attributes as never) as Tensor | Tensor[];
    for (let i = 1; i < calls; i++) call();
    return [call()].flat().map((y) => ({ data: y.dataSync<'float32'>().slice(), shape: y.shape }));
  });
}

/** What tfjs refuses has no outputs. */
export function attempt(tf: TensorFlow, c: Case): Operand[] | null {
  try {
    return run(tf, c, c.inputs);
  } catch {
    return null;
  }
}

/** Throws where a kernel of one output, on the backend in use, is further from plain cpu's than its sums allow. */
export type Comparison = (calls: number) => void;

/** To be made on plain cpu. */
export function comparison(tf: TensorFlow, c: Case): Comparison {
  const [want] = run(tf, c, c.inputs) as [Operand];
  const tolerance = toleranceOf(tf, c, want);
  return (calls) => {
    const [got] = run(tf, c, c.inputs, calls) as [Operand];
    close(got, want, tolerance, c.name);
  };
}

/** Sums in float32 of k terms: (k + 8)·2⁻²³·Σ|a||b|, which no activation but leaves as it is or makes smaller; then its own rounding. */
function toleranceOf(tf: TensorFlow, c: Case, plain: Operand): Float64Array {
  const linear = { ...c, attributes: { ...c.attributes, activation: 'linear' } };
  const [{ data }] = run(tf, linear, largest(c)) as [Operand];
  const most = data.reduce((so, value) => Math.max(so, value), 0);
  const own = (i: number): number => 2e-7 * Math.abs(plain.data[i] as number) + 1e-7;
  return Float64Array.from(data, (sum, i) => (c.terms + 8) * 2 ** -23 * sum + (c.winograd ? 2e-5 * most : 0) + own(i));
}

/** The operands that every term of a sum is largest with: what is taken away is negative; the input of a pool is only compared. */
const largest = ({ kernel, inputs }: Case): Case['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const sign = name === 'mean' || (kernel === 'Sub' && name === 'b') ? -1 : 1;
      return [name, { data: name === 'input' ? data : data.map((value) => sign * Math.abs(value)), shape }];
    }),
  );
