/** jax-js, on its WebAssembly backend: one thread in Node, which has no global Worker. Gradients are its own transposes of the convolution. */

import { importPeer, versionOf } from './packages.js';
import { type Entry, lastAxes, type Peer, type Product, padAfter, productOf } from './peer.js';

interface JaxArray {
  /** One more use of the array: every operation consumes its operands. */
  readonly ref: JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  blockUntilReady(): Promise<JaxArray>;
  data(): Promise<Float32Array>;
  dispose(): void;
}
type Pair = readonly [number, number];

interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): void;
  jit<F>(f: F): F;
  vjp(f: (x: JaxArray) => JaxArray, at: readonly JaxArray[]): [JaxArray, (upstream: JaxArray) => readonly JaxArray[]];
  readonly numpy: { array(data: Float32Array): JaxArray; matmul(a: JaxArray, b: JaxArray): JaxArray };
  readonly lax: {
    convGeneralDilated(x: JaxArray, w: JaxArray, strides: readonly number[], pads: readonly Pair[], options: object): JaxArray;
  };
}

const NAME = '@jax-js/jax';

export async function jaxWasm(): Promise<Peer> {
  const jax = await importPeer<Jax>(NAME);
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return {
    name: 'jax-js',
    kind: 'wasm',
    version: versionOf(NAME),
    layout: 'channels-first',
    async prepare(c, operands): Promise<Entry | string> {
      const array = ({ data, shape }: { data: Float32Array; shape: readonly number[] }): JaxArray =>
        jax.numpy.array(data.slice()).reshape(shape);
      const product = productOf(c, operands);
      const [a, b] = (product ? given(product) : [operands.input, operands.weight]).map(array) as [JaxArray, JaxArray];
      const f = jax.jit(product ? functionOf(jax, product) : (x: JaxArray, y: JaxArray) => jax.numpy.matmul(x, y));
      const compute = (): JaxArray => f(a.ref, b.ref);
      return {
        run: async () => {
          const y = compute();
          await y.blockUntilReady();
          y.dispose();
        },
        result: () => compute().data(),
        dispose: () => [a, b].forEach((each) => void each.dispose()),
      };
    },
  };
}

const given = ({ product, x, y, w }: Product) => (product === 'fprop' ? [x, w] : product === 'dgrad' ? [y, w] : [y, x]);

/** The linear map y = C x, or its transpose by x or by w; the point at which that is taken does not matter. */
function functionOf(jax: Jax, { product, g, rank, x, w }: Product): (a: JaxArray, b: JaxArray) => JaxArray {
  const axes = (values: readonly number[]): number[] => lastAxes(values, rank);
  const after = axes(padAfter(g));
  const pads = axes(g.padBefore).map((before, axis): Pair => [before, after[axis] ?? 0]);
  const options = { rhsDilation: axes(g.dilation), featureGroupCount: g.groups };
  const conv = (image: JaxArray, filter: JaxArray): JaxArray => jax.lax.convGeneralDilated(image, filter, axes(g.stride), pads, options);
  if (product === 'fprop') return conv;
  const zeros = ({ shape, data }: Product['x']): JaxArray => jax.numpy.array(new Float32Array(data.length)).reshape(shape);
  return (dy, other) => {
    const [y, pull] =
      product === 'dgrad' ? jax.vjp((image) => conv(image, other), [zeros(x)]) : jax.vjp((filter) => conv(other, filter), [zeros(w)]);
    y.dispose();
    return pull(dy)[0] as JaxArray;
  };
}
