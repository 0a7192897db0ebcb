/** What PyTorch itself computed (test/golden/make_convert.py): its meaning as the tests have it, and the same numbers by every other framework and by this library. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Conversion, fromPyTorch, type PyTorchConv, toPyTorch, weightTo } from '../../src/convert/index.js';
import { compute, computeSteps, type Operands } from './compute.js';
import { NAMES, TO } from './frameworks.js';
import { stepsOf } from './steps.js';

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly name: string;
  readonly op: PyTorchConv['op'];
  readonly args: Record<string, unknown>;
  readonly x: Stored;
  readonly w: Stored;
  readonly bias: number[] | null;
  readonly y: Stored;
}

const CASES = JSON.parse(readFileSync(new URL('../golden/convert.json', import.meta.url), 'utf8')) as Case[];

const operandsOf = ({ x, w, bias, args, y }: Case): Operands => ({
  x: { channels: x.shape[1] as number, space: x.shape.slice(2), data: x.data },
  w: { data: Float32Array.from(w.data), shape: w.shape },
  bias: bias ?? undefined,
  groups: (args.groups ?? 1) as number,
  out: y.shape[1] as number,
});

describe.each(CASES.map((each) => [`${each.op}, ${each.name}`, each] as const))('%s', (_, each) => {
  const operands = operandsOf(each);
  const spec = fromPyTorch({ op: each.op, ...each.args } as PyTorchConv);
  const [kernel, dilation] = [spec.axes.map((axis) => axis.kernel), spec.axes.map((axis) => axis.dilation)];

  it('is a call of PyTorch again, with the same numbers', () => {
    const made = toPyTorch(spec, each.x.shape);
    if ('impossible' in made) throw new Error(made.impossible);
    expect(compute('pytorch', made, operands).data).toEqual(each.y.data);
  });

  it.each(NAMES)('in %s', (target) => {
    const made: Conversion = TO[target](spec, each.x.shape);
    if (target === 'webnn' && spec.axes.length === 3) expect(stepsOf(made)).toEqual([]);
    else {
      const got = computeSteps(target, made, kernel, dilation, { ...operands, w: weightTo(spec, target, operands.w, each.x.shape) });
      expect([1, got.channels, ...got.space]).toEqual(each.y.shape);
      expect(got.data).toEqual(each.y.data);
    }
  });
});
