/**
 * Random convolutions in the words of every framework, in those of every other: the same positions of the input meet the same taps, or no option of the other says so.
 *
 * CONVERT_SPECS=100000 for as many convolutions; each goes to all six.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FROM, NAMES, TO } from './frameworks.js';
import { type AxisMap, meaning, type Name } from './meaning.js';
import { type Given, given } from './random.js';
import { isPossible } from './search.js';
import { meaningOfSteps, sameMaps, stepsOf } from './steps.js';

const SPECS = Number(process.env.CONVERT_SPECS ?? 12_000);

const counts = { specs: 0, pairs: 0, impossible: 0 };
afterAll(() => console.log(`${counts.specs} convolutions, ${counts.pairs} pairs, of them ${counts.impossible} impossible`));

/** Undefined for what the framework refuses or what has no output. */
function meant({ source, op, args, space }: Given): AxisMap[] | undefined {
  try {
    return meaning(source, { op, args }, space);
  } catch {
    return undefined;
  }
}

function check({ source, op, args, space, kernel }: Given, maps: readonly AxisMap[], target: Name): void {
  const spec = FROM[source]({ op, ...args });
  const made = TO[target](spec, space);
  counts.pairs++;
  const [stride, dilation] = [spec.axes.map((axis) => axis.stride), spec.axes.map((axis) => axis.dilation)];
  const steps = stepsOf(made);
  if (steps.length === 0) expect([target, spec.axes.length]).toEqual(['webnn', 3]);
  else if (!sameMaps(meaningOfSteps(target, steps, kernel, dilation, space), maps)) throw new Error(`differs: ${JSON.stringify(made)}`);
  if (!('impossible' in made)) return;
  counts.impossible++;
  const axes = space.map((i, axis) => ({ i, k: kernel[axis] as number, s: stride[axis] as number, d: dilation[axis] as number }));
  if (isPossible(target, spec.transposed, axes, maps)) throw new Error(`possible, though: ${made.impossible}`);
}

describe.each(NAMES)('from %s', (source) => {
  it('to all six', () => {
    fc.assert(
      fc.property(given(source), (each) => {
        const maps = meant(each);
        fc.pre(maps !== undefined);
        counts.specs++;
        for (const target of NAMES) check(each, maps as AxisMap[], target);
      }),
      { numRuns: Math.ceil(SPECS / NAMES.length), seed: 603 },
    );
  });
});
