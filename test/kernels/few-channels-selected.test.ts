/** Which kernels 'auto' takes, where few channels meet, and what 'direct', 'gemm' and 'ordered' make of it. */
import { describe, expect, it } from 'vitest';
import type { Algorithm } from '../../src/types.js';
import { dgradProgram, fpropProgram, wgradProgram } from '../../src/wasm/select.js';
import { type Case, geometryOf } from './directions.js';

describe('the selector', () => {
  const plain: Case = { axes: [[28, 3, 1, 1, 1, 1], [28, 3, 1, 1, 1, 1]], groups: 8, xGroup: 4, yGroup: 4, batch: 1, layout: 'channels-first' }; // biome-ignore format: one line
  const chosen = (each: Partial<Case>, algorithm: Algorithm | 'ordered' = 'auto'): string[] => {
    const g = geometryOf({ ...plain, ...each });
    const job = { op: 'test', algorithm };
    const use = { planned: true, fused: false };
    return [fpropProgram(g, job, use).algorithm, dgradProgram(g, job, use).algorithm, wgradProgram(g, job, use).kernel];
  };
  it.each([
    ['few channels', {}, ['direct', 'direct', 'fewChannelsWgrad']],
    ['a first layer in channels-last', { groups: 1, xGroup: 3, yGroup: 64, layout: 'channels-last' }, ['direct', 'winograd', 'wgrad']],
    ['a last layer', { groups: 1, xGroup: 8, yGroup: 3, axes: [[56, 3, 1, 2, 2, 2], [56, 3, 1, 2, 2, 2]] }, ['direct', 'direct', 'fewChannelsWgrad']], // biome-ignore format: one line
    ['many channels', { groups: 1, xGroup: 64, yGroup: 64 }, ['winograd', 'winograd', 'winogradWgrad']],
    ['one tap', { groups: 1, xGroup: 128, yGroup: 128, axes: [[28, 1], [28, 1]] }, ['gemm', 'gemm', 'wgrad']], // biome-ignore format: one line
    ['depthwise', { xGroup: 1, yGroup: 1 }, ['direct', 'direct', 'depthwiseWgrad']],
    ['a strip that does not fit', { axes: [[900, 300], [900, 300]] }, ['gemm', 'gemm', 'wgrad']], // biome-ignore format: one line
  ] as const)('%s', (_, each, want) => expect(chosen(each)).toEqual(want));
  it("takes 'direct' for everything, 'gemm' never, and lets 'ordered' choose", () => {
    expect(chosen({ groups: 1, xGroup: 64, yGroup: 64 }, 'direct')).toEqual(['direct', 'direct', 'fewChannelsWgrad']);
    expect(chosen({}, 'gemm')).toEqual(['gemm', 'gemm', 'wgrad']);
    expect(chosen({}, 'ordered')).toEqual(['direct', 'direct', 'fewChannelsWgrad']);
    expect(chosen({ groups: 1, xGroup: 256, yGroup: 256 }, 'ordered')).toEqual(['gemm', 'gemm', 'wgrad']);
  });
});
