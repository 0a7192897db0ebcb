import { describe, expect, it } from 'vitest';
import {
  type Conversion,
  code,
  fromKeras,
  fromPyTorch,
  type Impossible,
  toKeras,
  toOnnx,
  toPyTorch,
  toSimdconv,
  toTfjs,
  toWebNN,
} from '../../src/convert/index.js';

const impossible = (made: Conversion): Impossible => {
  if (!('impossible' in made)) throw new Error(`possible: ${JSON.stringify(made)}`);
  return made;
};

describe('a transposed layer of Keras with padding same, kernel 3 and stride 2', () => {
  const spec = fromKeras({
    op: 'Conv2DTranspose',
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    outputPadding: null,
    filters: 4,
    inChannels: 2,
  });

  it('crops one position at the end of each axis', () => {
    expect(spec.axes.map(({ padding }) => padding)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
  it('is no layer of PyTorch, but one and a crop', () => {
    const { impossible: reason, instead } = impossible(toPyTorch(spec, [1, 5, 5, 2]));
    expect(reason).toBe(
      "axis 0 crops 0 before and 1 after; PyTorch's padding crops both sides alike, and output_padding gives back 0 to 1 at the end",
    );
    expect(instead).toEqual([
      {
        op: 'ConvTranspose2d',
        args: { in_channels: 2, out_channels: 4, kernel_size: 3, stride: 2, padding: 0 },
        layout: 'channels-first',
      },
      {
        crop: [
          [0, 1],
          [0, 1],
        ],
      },
    ]);
  });
  it('is one call of everything else', () => {
    expect(toKeras(spec)).toEqual({
      op: 'Conv2DTranspose',
      args: { filters: 4, kernel_size: 3, strides: 2, padding: 'same' },
      layout: 'channels-last',
    });
    expect(toOnnx(spec)).toMatchObject({ op: 'ConvTranspose', args: { strides: [2, 2], pads: [0, 0, 1, 1] } });
    expect(toWebNN(spec)).toMatchObject({ op: 'convTranspose2d', args: { strides: [2, 2], padding: [0, 1, 0, 1], inputLayout: 'nhwc' } });
    expect(toTfjs(spec, [1, 5, 6, 2])).toMatchObject({
      op: 'conv2dTranspose',
      args: { outputShape: [1, 10, 12, 4], pad: 'same', strides: [2, 2] },
    });
    expect(toSimdconv(spec)).toMatchObject({
      op: 'convTranspose2d',
      args: {
        stride: 2,
        layout: 'channels-last',
        padding: [
          [0, 1],
          [0, 1],
        ],
      },
    });
  });
});

describe('code', () => {
  it('runs a layer', () => {
    const spec = fromPyTorch({ op: 'Conv2d', kernelSize: 3, stride: 2, padding: 1, inChannels: 3, outChannels: 8 });
    expect(code(spec, 'pytorch')).toBe(
      [
        'import torch',
        '',
        'layer = torch.nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3, stride=2, padding=1)',
        'y = torch.randn(1, 3, 8, 8)',
        'y = layer(y)',
        'print(tuple(y.shape))',
        '',
      ].join('\n'),
    );
    for (const framework of ['keras', 'onnx', 'webnn', 'tfjs', 'simdconv'] as const) expect(code(spec, framework)).toContain('y');
  });
});
