/** ml-matrix: matrices of float64 in plain JavaScript. */

import { importPeer, versionOf } from './packages.js';
import type { Entry, Peer } from './peer.js';

interface Matrix {
  mmul(other: Matrix): Matrix;
  to1DArray(): number[];
}

interface MlMatrix {
  readonly Matrix: { from1DArray(rows: number, columns: number, data: ArrayLike<number>): Matrix };
}

export async function mlMatrix(): Promise<Peer> {
  const { Matrix } = await importPeer<MlMatrix>('ml-matrix');
  return {
    name: 'ml-matrix',
    kind: 'js',
    version: versionOf('ml-matrix'),
    layout: 'channels-first',
    async prepare(c, operands): Promise<Entry | string> {
      if (c.op !== 'matmul') return 'no convolutions';
      const [a, b] = [operands.input, operands.weight].map(({ shape: [rows = 0, columns = 0], data }) =>
        Matrix.from1DArray(rows, columns, data),
      );
      const compute = (): Matrix => (a as Matrix).mmul(b as Matrix);
      return { run: compute, result: () => Float32Array.from(compute().to1DArray()), dispose: () => undefined };
    },
  };
}
