import { expect, test } from 'vitest';
import { guardHeap, tf } from './tfjs.js';

test('a byte that is written beside a tensor is noticed, beside the first of a heap and those after', async () => {
  await tf.setBackend('wasm');
  const check = guardHeap();
  const { wasm, dataIdMap } = tf.backend() as unknown as {
    wasm: { HEAPU8: Uint8Array };
    dataIdMap: { get(dataId: object): { memoryOffset: number } };
  };
  for (let i = 0; i < 3; i++) {
    const x = tf.tensor([1, 2, 3]);
    const start = dataIdMap.get(x.dataId).memoryOffset;
    for (const beside of [start - 1, start + 12]) {
      const mark = wasm.HEAPU8[beside] as number;
      wasm.HEAPU8[beside] = 0;
      expect(check).toThrow(/was written to/);
      wasm.HEAPU8[beside] = mark;
    }
    check();
    if (i === 1) x.dispose();
  }
});
