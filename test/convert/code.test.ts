/** The programs that `code` writes: those of this library run, those in Python are read by Python where there is one. Those of TensorFlow.js run in test/tfjs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, explain, fromKeras, fromPyTorch, type Spec } from '../../src/convert/index.js';
import { FROM, NAMES } from './frameworks.js';
import { type Given, given } from './random.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WITHOUT_PYTHON = spawnSync('python3', ['--version']).status !== 0;

interface Sample {
  readonly spec: Spec;
  readonly shape: number[];
  readonly space: number[];
}

/** Random convolutions that have an output. */
const SAMPLES: Sample[] = NAMES.flatMap((source) => fc.sample(given(source), { numRuns: 40, seed: 11 })).flatMap(
  ({ source, op, args, space }: Given) => {
    const spec = FROM[source]({ op, ...args });
    try {
      const sizes = explain(spec, space).axes.map((axis) => axis.output);
      return [{ spec, shape: spec.layout === 'channels-first' ? [1, 1, ...space] : [1, ...space, 1], space: sizes }];
    } catch {
      return [];
    }
  },
);

const programs = (framework: (typeof NAMES)[number]): string[] =>
  SAMPLES.map(({ spec, shape }) => code(spec, framework, { inputShape: shape }));

describe('programs', () => {
  it('of this library run, with the shape that is explained', () => {
    const bodies = programs('simdconv').map((text) => `await (async () => {\n${text.replace(/^import .*$/m, '')}})();`);
    const printed = execFileSync(process.execPath, ['--input-type=module', '-'], {
      cwd: ROOT,
      encoding: 'utf8',
      input: `import { load } from 'simdconv';\nconst console = { log: (shape) => process.stdout.write(JSON.stringify(shape) + '\\n') };\n${bodies.join('\n')}`,
    });
    const wanted = SAMPLES.map(({ spec, space }) => JSON.stringify(spec.layout === 'channels-first' ? [1, 1, ...space] : [1, ...space, 1]));
    expect(printed.trimEnd().split('\n')).toEqual(wanted);
    expect(wanted.length).toBeGreaterThan(150);
  });

  it.skipIf(WITHOUT_PYTHON).each(['pytorch', 'keras', 'onnx'] as const)('of %s are Python', (framework) => {
    const check = 'import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)';
    const { status, stderr } = spawnSync('python3', ['-c', check], { encoding: 'utf8', input: JSON.stringify(programs(framework)) });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('of WebNN are JavaScript', () => {
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    for (const { spec, shape } of SAMPLES) {
      if (spec.axes.length === 3)
        expect(() => code(spec, 'webnn', { inputShape: shape })).toThrow(
          "WebNN has no such convolution: it has three axes; WebNN's convolutions have two",
        );
      else expect(() => new AsyncFunction(code(spec, 'webnn', { inputShape: shape }))).not.toThrow();
    }
  });

  it('say why there are steps around the call', () => {
    const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same', filters: 4, inChannels: 2 });
    expect(code(spec, 'pytorch')).toBe(
      [
        'import torch',
        '',
        "# Axis 0 crops 0 before and 1 after; PyTorch's padding crops both sides alike, and output_padding gives back 0 to 1 at the end.",
        'layer = torch.nn.ConvTranspose2d(in_channels=2, out_channels=4, kernel_size=3, stride=2, padding=0)',
        'y = torch.randn(1, 2, 4, 4)',
        'y = layer(y)',
        'y = y[:, :, 0:-1, 0:-1]  # crop',
        'print(tuple(y.shape))',
        '',
      ].join('\n'),
    );
  });

  it('have channels where none are known', () => {
    const spec = fromPyTorch({ op: 'Conv2d', kernelSize: 3, groups: 2 });
    expect(code(spec, 'keras')).toContain('keras.layers.Conv2D(4, kernel_size=3, strides=1, padding="valid", groups=2)');
    expect(code(fromKeras({ op: 'DepthwiseConv2D', kernelSize: 3, depthMultiplier: 2 }), 'pytorch')).toContain(
      'in_channels=1, out_channels=2',
    );
  });

  it('are of the six frameworks', () => {
    expect(() => code(fromPyTorch({ op: 'Conv2d', kernelSize: 3 }), 'caffe' as 'onnx')).toThrow(
      'code: framework is "caffe"; expected one of pytorch, keras, onnx, webnn, tfjs, simdconv',
    );
  });
});
