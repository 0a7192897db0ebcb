/** What a reader may choose to measure. */

export const GROUPS = {
  usual: '3×3 and 1×1 convolutions',
  depthwise: 'Depthwise and grouped',
  transposed: 'Transposed',
  gradients: 'Gradients',
  others: 'Larger kernels, audio, matrix products',
} as const;
export type Group = keyof typeof GROUPS;

export const PEERS = {
  'onnxruntime-web': 'onnxruntime-web (loads 14 MB)',
  'tfjs-wasm': 'TensorFlow.js, WebAssembly (loads 1 MB)',
} as const;
export type Peer = keyof typeof PEERS;

export interface Choices {
  readonly groups: readonly Group[];
  readonly peers: readonly Peer[];
  readonly threads: number;
}
