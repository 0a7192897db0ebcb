/**
 * Types of data. tfjs's Cast to a wider type gives the same data another name where a backend keeps arrays: what another backend is given then is an Int32Array
 * under a tensor of float32, which the wasm backend reads as floats of 1e-45, or bytes, beyond whose end it reads. Here every result has data of its type.
 */
import type { NumericType } from '../backend.js';
import type { Kernel, Work } from '../call.js';
import type { TensorInfo } from '../types.js';

const NUMERIC = ['float32', 'int32', 'bool'];
const isNumeric = (dtype: string): dtype is NumericType => NUMERIC.includes(dtype);

/** Identity: another name for the same data, as Reshape is on every backend. tfjs's wasm backend copies each tensor that a gradient saves. */
export const share: Kernel = (work) => {
  const { inputs, home, backend } = work;
  const { x } = inputs as { x: TensorInfo };
  if (x.dtype === 'string') return null;
  if (work.misnamed && isNumeric(x.dtype)) return converted(work, x, x.dtype);
  home.share(backend, x);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

export const cast: Kernel = (work) => {
  const { x } = work.inputs as { x: TensorInfo };
  const dtype = work.attributes.dtype as string;
  if (x.dtype === dtype) return share(work);
  return isNumeric(x.dtype) && isNumeric(dtype) ? converted(work, x, dtype) : null;
};

/** A bool is whether a number is other than 0; stored as a byte it would be its last eight bits. */
function converted({ home, backend }: Work, x: TensorInfo, dtype: NumericType): TensorInfo {
  const out = home.output(backend, [...x.shape], dtype);
  const [from, to] = [home.values(backend, x), home.values(backend, out)];
  if (dtype !== 'bool') to.set(from);
  else for (let i = 0; i < to.length; i++) to[i] = from[i] !== 0 ? 1 : 0;
  return out;
}
