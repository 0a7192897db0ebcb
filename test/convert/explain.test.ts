import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain, fromKeras, fromPyTorch, fromSimdconv, fromTfjs } from '../../src/convert/index.js';
import { FROM, NAMES } from './frameworks.js';
import { type AxisMap, meaning, OUTSIDE } from './meaning.js';
import { type Given, given } from './random.js';

function meant({ source, op, args, space }: Given): AxisMap[] | undefined {
  try {
    return meaning(source, { op, args }, space);
  } catch {
    return undefined;
  }
}

describe('explain', () => {
  it.each(NAMES)('gives the sizes and what no window reaches, from %s', (source) => {
    fc.assert(
      fc.property(given(source), (each) => {
        const maps = meant(each);
        fc.pre(maps !== undefined);
        const spec = FROM[source]({ op: each.op, ...each.args });
        const { axes, text } = explain(spec, each.space);
        expect(axes.map((axis) => axis.output)).toEqual(maps?.map((map) => map.length));
        for (const [index, axis] of axes.entries()) {
          const { filled, number } = axis.relationship;
          expect(filled).toMatch(new RegExp(`= ${axis.output}$`));
          expect(value(filled)).toBe(axis.output);
          expect(text).toContain(number === null ? filled : `Relationship ${number} of the guide: ${filled}.`);
          if (spec.transposed) expect(axis.unreached).toBe(maps?.[index]?.filter((row) => row.every((at) => at === OUTSIDE)).length);
          else expect(axis.input + axis.before + axis.after - axis.unreached).toBe((axis.output - 1) * axis.stride + axis.reach);
        }
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('says it in words', () => {
    const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same', filters: 4, inChannels: 2 });
    const { text, outputShape } = explain(spec, [1, 5, 5, 2]);
    expect(outputShape).toEqual([10, 10, 4]);
    expect(text.split('\n').slice(0, 2)).toEqual([
      'Transposed convolution of 2 axes, kernel 3×3, 2 to 4 channels, as Keras has it.',
      'Axis 0: input 5, 3 taps, stride 2; its windows reach 11; 0 cropped at the start, 1 cropped at the end; output 10. ' +
        "No relationship of the guide, which has equal sides: o' = 2·(5 - 1) + 1·(3 - 1) + 1 - 0 - 1 = 10.",
    ]);
  });

  it.each([
    ['Conv1d', { kernelSize: 3, stride: 2, padding: 1 }, 6, 6, 'o = ⌊(6 + 2·1 - 3)/2⌋ + 1 = 3', 1],
    ['Conv1d', { kernelSize: 3, padding: 1 }, 5, 3, 'o = 5', 0],
    ['Conv1d', { kernelSize: 3, dilation: 2 }, 7, 15, 'o = ⌊(7 + 2·0 - 3 - (3 - 1)·(2 - 1))/1⌋ + 1 = 3', 0],
    ['ConvTranspose1d', { kernelSize: 3, stride: 2, padding: 1, outputPadding: 1 }, 3, 14, "o' = 2·(3 - 1) + 1 + 3 - 2·1 = 6", 0],
    ['ConvTranspose1d', { kernelSize: 2, stride: 3, outputPadding: 2 }, 3, 14, "o' = 3·(3 - 1) + 2 + 2 - 2·0 = 10", 4],
  ] as const)('%s %o of %i: relationship %i', (op, args, input, number, filled, unreached) => {
    const [axis] = explain(fromPyTorch({ op, ...args }), [input]).axes;
    expect(axis).toMatchObject({ relationship: { number, filled }, unreached });
  });

  it('refuses what has no output, and what does not fit', () => {
    expect(() => explain(fromPyTorch({ op: 'Conv1d', kernelSize: 3 }), [2])).toThrow(
      'explain: axis 0 has no output: input 2, kernel 3, stride 1, padding [0, 0]',
    );
    expect(() => explain(fromPyTorch({ op: 'Conv1d', kernelSize: 3, inChannels: 2 }), [1, 3, 9])).toThrow(
      'inputShape [1, 3, 9] has 3 channels; the convolution takes 2',
    );
    expect(() => explain(fromPyTorch({ op: 'Conv2d', kernelSize: 3 }), [9])).toThrow(
      'inputShape is [9]; expected [N, C, H, W], [C, H, W] or [H, W]',
    );
    expect(() => explain(fromSimdconv({ op: 'conv1d', kernelSize: 1, padding: [[-2, 0]] }), [2])).toThrow('has no output');
  });
});

describe('descriptions that are refused', () => {
  it.each([
    [() => fromPyTorch({ op: 'Conv2D' as 'Conv2d', kernelSize: 3 }), 'fromPyTorch: op is "Conv2D"; expected one of Conv1d'],
    [() => fromPyTorch({ op: 'Conv2d', kernelSize: 3, strides: 2 } as never), "unknown option 'strides'"],
    [() => fromPyTorch({ op: 'Conv2d' } as never), 'kernelSize is missing; expected a number or an array of 2'],
    [() => fromPyTorch({ op: 'Conv2d', kernelSize: 3, stride: 2, padding: 'same' }), "padding is 'same' with stride 2"],
    [
      () => fromPyTorch({ op: 'ConvTranspose2d', kernelSize: 3, stride: 2, outputPadding: 2 }),
      'output_padding is 2 on axis 0; it must be smaller than stride 2 or dilation 1',
    ],
    [() => fromPyTorch({ op: 'Conv2d', kernelSize: 3, outputPadding: 1 }), 'outputPadding is for transposed convolutions only'],
    [() => fromKeras({ op: 'Conv2D', kernelSize: 3, strides: 2, dilationRate: 2 }), 'strides 2 and dilation_rate 2 are both above 1'],
    [() => fromKeras({ op: 'Conv2D', kernelSize: 3, padding: 'causal' }), 'padding is "causal"; expected one of valid, same'],
    [() => fromKeras({ op: 'Conv2D', kernelSize: 3, depthMultiplier: 2 }), 'depthMultiplier is not an argument of Conv2D'],
    [() => fromTfjs({ op: 'conv1d', kernelSize: 3, pad: 1 }), 'pad is 1'],
    [() => fromTfjs({ op: 'conv2d', kernelSize: [3, 1], pad: 0 }), 'fromTfjs: pad is 0, and the kernel or the stride differs between axes'],
    [() => fromTfjs({ op: 'conv2dTranspose', kernelSize: 3, pad: 'same' }), 'outputShape is undefined; expected 4 sizes'],
    [() => fromKeras(null as never), 'the description is null'],
  ])('%#', (call, message) => expect(call).toThrow(message));
});

/** Of a formula that `explain` filled: what stands left of the result. */
function value(filled: string): number {
  const parts = filled.split(' = ');
  const text = parts.length > 2 ? (parts[1] as string) : (parts.at(-1) as string);
  const code = text.replaceAll('·', '*').replaceAll('⌊', 'Math.floor(').replaceAll('⌋', ')');
  return (new Function(`return ${code}`) as () => number)();
}
