/** Programs in Python: PyTorch, Keras and ONNX. */
import type { Pair } from '../geometry/index.js';
import type { PadMode } from '../types.js';
import { comment, type Program } from './program.js';
import type { ArgValue, Converted, Step } from './types.js';

export function pythonOf(program: Program): string {
  const lines = { pytorch, keras, onnx }[program.framework as 'pytorch' | 'keras' | 'onnx'](program);
  return `${lines.join('\n')}\n`;
}

/** A value as Python writes it: arrays as tuples. */
function python(value: ArgValue | Pair): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'number') return String(value);
  const items = (value as readonly ArgValue[]).map(python).join(', ');
  return value.length === 1 ? `(${items},)` : `(${items})`;
}

const call = (args: Readonly<Record<string, ArgValue>>): string[] =>
  Object.entries(args).map(([name, value]) => `${name}=${python(value)}`);

/** A slice that takes pads away. */
const slice = ([before, after]: Pair): string => (before === 0 && after === 0 ? ':' : `${before}:${after === 0 ? '' : -after}`);

function cropped({ layout }: Program, crop: readonly Pair[]): string {
  const slices = crop.map(slice);
  return `y[${(layout === 'channels-first' ? [':', ':', ...slices] : [':', ...slices, ':']).join(', ')}]`;
}

/** Pads of every axis of the tensor. */
const everyAxis = ({ layout }: Program, pads: readonly Pair[]): readonly Pair[] =>
  layout === 'channels-first' ? [[0, 0], [0, 0], ...pads] : [[0, 0], ...pads, [0, 0]];

function pytorch(program: Program): string[] {
  const { inputShape, outChannels } = program;
  const make = program.steps
    .filter((step): step is Converted => 'op' in step)
    .map(({ op, args }) => `layer = torch.nn.${op}(${call(args).join(', ')})`);
  const run = program.steps.map((step) => {
    if ('op' in step) return 'y = layer(y)';
    if ('crop' in step) return `y = ${cropped(program, step.crop)}  # crop`;
    if ('pad' in step)
      return `y = F.pad(y, ${python([...step.pad].reverse().flat())}${step.mode === 'zeros' ? '' : `, mode="${step.mode}"`})  # the last axis first`;
    return `y = y + bias.reshape(1, -1${', 1'.repeat(program.axes)})`;
  });
  return [
    'import torch',
    ...(program.steps.some((step) => 'pad' in step) ? ['import torch.nn.functional as F'] : []),
    '',
    ...comment(program, '#'),
    ...make,
    ...(program.steps.some((step) => 'bias' in step) ? [`bias = torch.zeros(${outChannels})  # after the padding, which gets it too`] : []),
    `y = torch.randn${python(inputShape)}`,
    ...run,
    'print(tuple(y.shape))',
  ];
}

const NUMPY_MODES: Readonly<Record<PadMode, string>> = { zeros: 'constant', reflect: 'reflect', replicate: 'edge', circular: 'wrap' };

function keras(program: Program): string[] {
  const { inputShape, outChannels } = program;
  const make = program.steps
    .filter((step): step is Converted => 'op' in step)
    .map((step) => {
      const { filters, ...args } = step.args;
      const note = 'weight' in step ? '  # a kernel with the zeros between its taps written out' : '';
      return `layer = keras.layers.${step.op}(${[...(filters === undefined ? [] : [python(filters)]), ...call(args)].join(', ')})${note}`;
    });
  const run = program.steps.map((step) => {
    if ('op' in step) return 'y = layer(y)';
    if ('crop' in step) return `y = ${cropped(program, step.crop)}  # crop`;
    if ('pad' in step) return `y = np.pad(y, ${python(everyAxis(program, step.pad))}, mode="${NUMPY_MODES[step.mode]}")`;
    return 'y = y + bias';
  });
  return [
    'import keras',
    'import numpy as np',
    '',
    ...comment(program, '#'),
    ...make,
    ...(program.steps.some((step) => 'bias' in step)
      ? [`bias = np.zeros(${outChannels}, dtype="float32")  # after the padding, which gets it too`]
      : []),
    `y = np.random.rand${python(inputShape)}.astype("float32")`,
    ...run,
    'print(tuple(y.shape))',
  ];
}

function onnx(program: Program): string[] {
  const { inputShape, outputShape, weightShape, outChannels, steps, axes } = program;
  const bias = program.bias ? ['bias'] : [];
  const late = steps.some((step) => 'bias' in step);
  const constants = [`weight = np.random.rand${python(weightShape)}.astype("float32")`];
  const initializers = ['numpy_helper.from_array(weight, "weight")'];
  if (program.bias) {
    constants.push(`bias = np.zeros(${python(late ? [1, outChannels, ...Array<number>(axes).fill(1)] : [outChannels])}, dtype="float32")`);
    initializers.push('numpy_helper.from_array(bias, "bias")');
  }
  const name = (index: number): string => (index === steps.length ? 'y' : index === 0 ? 'x' : `step${index}`);
  const nodes = steps.map((step, index) => {
    const [from, to] = [name(index), name(index + 1)];
    const node = (op: string, inputs: readonly string[], args: readonly string[] = []): string =>
      `    helper.make_node(${[`"${op}"`, `[${inputs.map((each) => `"${each}"`).join(', ')}]`, `["${to}"]`, ...args].join(', ')}),`;
    if ('op' in step)
      return node(
        step.op,
        [from, 'weight', ...(late ? [] : bias)],
        call(step.args).map((each) => each.replaceAll('(', '[').replaceAll(/,?\)/g, ']')),
      );
    if ('bias' in step) return node('Add', [from, 'bias']);
    // Negative pads of Pad take away.
    const pads = everyAxis(program, 'crop' in step ? step.crop.map(([before, after]): Pair => [0 - before, 0 - after]) : padsOf(step));
    initializers.push(
      `numpy_helper.from_array(np.array(${python([...pads.map(([before]) => before), ...pads.map(([, after]) => after)])}), "pads${index}")`,
    );
    const mode = 'mode' in step ? [`mode="${NUMPY_MODES[step.mode]}"`] : [];
    return node('Pad', [from, `pads${index}`], mode);
  });
  return [
    'import numpy as np',
    'from onnx import TensorProto, helper, numpy_helper',
    'from onnx.reference import ReferenceEvaluator',
    '',
    ...comment(program, '#'),
    ...constants,
    'nodes = [',
    ...nodes,
    ']',
    `x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ${python(inputShape)})`,
    `y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ${python(outputShape)})`,
    `graph = helper.make_graph(nodes, "convolution", [x], [y], [${initializers.join(', ')}])`,
    `(result,) = ReferenceEvaluator(helper.make_model(graph)).run(None, {"x": np.random.rand${python(inputShape)}.astype("float32")})`,
    'print(tuple(result.shape))',
  ];
}

const padsOf = (step: Step): readonly Pair[] => ('pad' in step ? step.pad : []);
