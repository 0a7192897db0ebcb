import { describe, expect, test } from 'vitest';
import { GROUPS, type Group } from '../../site/src/benchmark/choices.js';
import { contest } from '../../site/src/benchmark/contest.js';
import { type Lane, OURS, type Result, titleOf } from '../../site/src/benchmark/lane.js';
import { worksOf } from '../../site/src/benchmark/layers.js';
import { gainsOf } from '../../site/src/benchmark/report.js';
import { loadSync } from '../../src/index.js';

const EFFORT = { rounds: 2, sample: 0, warmup: 0, budget: 1 };

describe('the layers', () => {
  test('each group has some, each in both layouts but for products', () => {
    for (const group of Object.keys(GROUPS) as Group[]) {
      const works = worksOf([group]);
      expect(works.length).toBeGreaterThan(2);
      for (const { first, last } of works) {
        expect(last === undefined).toBe(first.op === 'matmul');
        if (last) expect([last.macs, last.direction]).toEqual([first.macs, first.direction]);
      }
    }
  });

  test('have titles in words', () => {
    expect(titleOf('3x3 s2 128-128 @56')).toBe('3×3, stride 2 128→128 at 56');
    expect(titleOf('3x3 64-64 @56 gradWeight')).toBe('3×3 64→64 at 56 (gradient of the weight)');
  });
});

describe('a contest', () => {
  const kernels = loadSync({ variant: 'simd' });
  const work = worksOf(['transposed']).find(({ first }) => first.name.includes('2x2')) ?? worksOf(['transposed'])[0];
  if (!work) throw new Error('no work');
  const entrant = (name: string, change: (data: Float32Array) => Float32Array) => ({
    name,
    version: '1',
    layout: 'channels-first' as const,
    prepare: async () => {
      const result = (await own()).result;
      return { run: () => undefined, result: () => change(result.slice()), dispose: () => undefined };
    },
  });
  const own = async (): Promise<{ result: Float32Array }> => {
    const { operandsOf } = await import('../../bench/problem.js');
    const { input, weight } = operandsOf(work.first);
    return { result: kernels.convTranspose2d(input, weight, work.first.options).data };
  };

  test('times who is right, and refuses who is wrong or fails', async () => {
    const entrants = [
      entrant('right', (data) => data),
      entrant('wrong', (data) => data.with(77, (data[77] as number) + 0.1)),
      entrant('short', (data) => data.subarray(1)),
      { ...entrant('failing', (data) => data), prepare: () => Promise.reject(new Error('no such thing\nat all')) },
      { ...entrant('unable', (data) => data), prepare: async () => 'no operator' },
    ];
    const { lanes } = await contest(kernels, entrants, work, EFFORT);
    const of = (name: string): Lane[] => lanes.filter((lane) => lane.name === name);
    expect(of(OURS).map(({ layout }) => layout)).toEqual(['channels-first', 'channels-last']);
    for (const lane of [...of(OURS), ...of('right')]) {
      expect((lane.gflops as number) * (lane.milliseconds as number) * 1e6).toBeCloseTo(2 * work.first.macs, -2);
    }
    expect(of('right')[0]?.difference).toBe(0);
    expect(of(OURS)[0]?.difference).toBeGreaterThan(0);
    expect(of('wrong')[0]).toMatchObject({ refused: 'its result differs' });
    expect(of('wrong')[0]?.milliseconds).toBeUndefined();
    expect(of('short')[0]).toMatchObject({ refused: 'its result differs' });
    expect(of('failing')[0]).toMatchObject({ refused: 'fails: no such thing' });
    expect(of('unable')[0]).toMatchObject({ refused: 'no operator' });
    expect(kernels.info.memory.liveBytes).toBe(0);
  });
});

test('a gain is the geometric mean over the layers that both ran, in the layout of the peer', () => {
  const lane = (name: string, layout: Lane['layout'], milliseconds?: number): Lane => ({
    name,
    layout,
    ...(milliseconds === undefined ? { refused: 'no kernel' } : { milliseconds }),
  });
  const result = (...lanes: Lane[]): Result => ({ name: 'x', macs: 1, lanes });
  const results = [
    result(lane(OURS, 'channels-first', 1), lane('a', 'channels-first', 2), lane(OURS, 'channels-last', 4), lane('b', 'channels-last', 2)),
    result(lane(OURS, 'channels-first', 1), lane('a', 'channels-first', 8), lane(OURS, 'channels-last', 4), lane('b', 'channels-last')),
  ];
  expect(gainsOf(results)).toEqual([
    { peer: 'a', times: expect.closeTo(4, 12), layers: 2 },
    { peer: 'b', times: 0.5, layers: 1 },
  ]);
});
