/** Programs in JavaScript: WebNN, TensorFlow.js and this library. */
import { type Pair, sizeOf } from '../geometry/index.js';
import type { PadMode } from '../types.js';
import { comment, type Program } from './program.js';
import type { ArgValue, Step } from './types.js';

export function jsOf(program: Program): string {
  const lines = { webnn, tfjs, simdconv }[program.framework as 'webnn' | 'tfjs' | 'simdconv'](program);
  return `${lines.join('\n')}\n`;
}

function js(value: ArgValue | Readonly<Record<string, ArgValue>>): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(js).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${js(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** Pads of every axis of the tensor; after an axis was put in, of that too. */
const everyAxis = ({ layout }: Program, pads: readonly Pair[]): readonly Pair[] =>
  layout === 'channels-first' ? [[0, 0], [0, 0], ...pads] : [[0, 0], ...pads, [0, 0]];

/** The tensor's shape before each step. */
function shapes(program: Program): number[][] {
  const { layout, inputShape, outputShape, steps } = program;
  const first = layout === 'channels-first' ? 2 : 1;
  const callAt = steps.findIndex((step) => 'op' in step);
  const moved = (shape: readonly number[], step: Step, sign: number): number[] => {
    if ('unsqueeze' in step || 'squeeze' in step) {
      const goesIn = 'unsqueeze' in step === sign > 0;
      return goesIn ? [...shape.slice(0, first), 1, ...shape.slice(first)] : shape.filter((_, axis) => axis !== first);
    }
    if (!('crop' in step || 'pad' in step)) return [...shape];
    const [pads, way] = 'crop' in step ? [step.crop, -sign] : [step.pad, sign];
    const all = everyAxis(program, pads);
    return shape.map((size, axis) => size + way * ((all[axis]?.[0] ?? 0) + (all[axis]?.[1] ?? 0)));
  };
  const found: number[][] = [[...inputShape]];
  for (let at = 0; at < callAt; at++) found.push(moved(found[at] as number[], steps[at] as Step, 1));
  // Behind the call they are known from the end.
  let shape = [...outputShape];
  const behind: number[][] = [];
  for (let at = steps.length - 1; at > callAt; at--) {
    shape = moved(shape, steps[at] as Step, -1);
    behind.unshift(shape);
  }
  return [...found, ...behind];
}

const WEBNN_MODES: Readonly<Partial<Record<PadMode, string>>> = { reflect: 'reflection', replicate: 'edge' };

function webnn(program: Program): string[] {
  const { inputShape, weightShape, outChannels, steps, layout } = program;
  const before = shapes(program);
  const late = steps.some((step) => 'bias' in step);
  const constant = (name: string, shape: readonly number[], value: string): string =>
    `const ${name} = builder.constant({ dataType: 'float32', shape: ${js(shape)} }, ${value});`;
  const random = (shape: readonly number[]): string => `Float32Array.from({ length: ${sizeOf(shape)} }, Math.random)`;
  const biasShape = late && layout === 'channels-first' ? [outChannels, ...program.inputShape.slice(2).map(() => 1)] : [outChannels];
  const run = steps.map((step, index) => {
    const shape = before[index] as number[];
    if ('op' in step) {
      const options = js(step.args).slice(0, -2);
      return `y = builder.${step.op}(y, filter, ${options}${program.bias && !late ? ', bias' : ''} });`;
    }
    if ('bias' in step) return 'y = builder.add(y, bias);';
    if ('unsqueeze' in step || 'squeeze' in step) {
      const after = index + 1 < before.length ? before[index + 1] : program.outputShape;
      return `y = builder.reshape(y, ${js(after as number[])});`;
    }
    const all = everyAxis(program, 'crop' in step ? step.crop : step.pad);
    const starts = all.map(([start]) => start);
    if ('crop' in step)
      return `y = builder.slice(y, ${js(starts)}, ${js(shape.map((size, axis) => size - (all[axis]?.[0] ?? 0) - (all[axis]?.[1] ?? 0)))});`;
    const mode = WEBNN_MODES[step.mode];
    if (step.mode === 'circular')
      return wrapped(all, shape)
        .map((indices, axis) => (indices === undefined ? '' : gathered(indices, axis)))
        .filter(Boolean)
        .join('\n');
    return `y = builder.pad(y, ${js(starts)}, ${js(all.map(([, end]) => end))}${mode === undefined ? '' : `, { mode: '${mode}' }`});`;
  });
  return [
    'const context = await navigator.ml.createContext();',
    'const builder = new MLGraphBuilder(context);',
    ...comment(program, '//'),
    constant('filter', weightShape, random(weightShape)),
    ...(program.bias ? [constant('bias', biasShape, `new Float32Array(${outChannels})`)] : []),
    `let y = builder.input('x', { dataType: 'float32', shape: ${js(inputShape)} });`,
    ...run,
    'const graph = await builder.build({ y });',
    'console.log(y.shape);',
  ];
}

const gathered = (indices: readonly number[], axis: number): string =>
  `y = builder.gather(y, builder.constant({ dataType: 'uint32', shape: [${indices.length}] }, Uint32Array.of(${indices.join(', ')})), { axis: ${axis} });`;

/** For each axis that is padded, the position of what continues it from the other end. */
const wrapped = (pads: readonly Pair[], shape: readonly number[]): (number[] | undefined)[] =>
  pads.map(([before, after], axis) => positions('circular', shape[axis] as number, before, after));

/** Which position of an axis each of a padded one shows. */
function positions(mode: PadMode, size: number, before: number, after: number): number[] | undefined {
  if (before === 0 && after === 0) return undefined;
  return Array.from({ length: before + size + after }, (_, index) => {
    const at = index - before;
    if (mode === 'replicate') return Math.min(size - 1, Math.max(0, at));
    if (mode === 'circular') return ((at % size) + size) % size;
    return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
  });
}

function tfjs(program: Program): string[] {
  const { inputShape, weightShape, outChannels, steps } = program;
  const before = shapes(program);
  const run = steps.flatMap((step, index): string[] => {
    const shape = before[index] as number[];
    if ('op' in step) return [`y = tf.${step.op}(${['y', 'filter', ...positional(step.op, step.args)].join(', ')});`];
    if ('bias' in step) return [];
    if ('unsqueeze' in step) return ['y = tf.expandDims(y, 1);'];
    if ('squeeze' in step) return ['y = tf.squeeze(y, [1]);'];
    const all = everyAxis(program, 'crop' in step ? step.crop : step.pad);
    if ('crop' in step) {
      const sizes = shape.map((size, axis) => size - (all[axis]?.[0] ?? 0) - (all[axis]?.[1] ?? 0));
      return [`y = tf.slice(y, ${js(all.map(([start]) => start))}, ${js(sizes)}); // crop`];
    }
    if (step.mode === 'zeros') return [`y = tf.pad(y, ${js(all)});`];
    return all.flatMap(([start, end], axis) => {
      const indices = positions(step.mode, shape[axis] as number, start, end);
      return indices === undefined ? [] : [`y = tf.gather(y, ${js(indices)}, ${axis}); // ${step.mode}`];
    });
  });
  return [
    "import '@tensorflow/tfjs-backend-cpu';",
    "import * as tf from '@tensorflow/tfjs-core';",
    '',
    ...comment(program, '//'),
    `const filter = tf.randomNormal(${js(weightShape)});`,
    `let y = tf.randomNormal(${js(inputShape)});`,
    ...run,
    // No function of tfjs-core adds one, so that it comes last.
    ...(program.bias ? [`y = tf.add(y, tf.zeros([${outChannels}])); // the bias`] : []),
    'console.log(y.shape);',
  ];
}

/** Arguments in the order of the function; what comes after the last that is given is left out. */
function positional(op: string, args: Readonly<Record<string, ArgValue>>): string[] {
  const transposed = op.endsWith('Transpose');
  const format = { conv1d: 'NWC', conv3d: 'NDHWC' }[op] ?? 'NHWC';
  const { outputShape, pad } = args;
  const strides = args.strides ?? args.stride;
  const dilations = args.dilations ?? args.dilation;
  const values = [...(transposed ? [outputShape] : []), strides, pad, ...(dilations === undefined ? [] : [format, dilations])];
  return values.map((value) => js(value as ArgValue));
}

function simdconv(program: Program): string[] {
  const { inputShape, weightShape, outChannels, steps } = program;
  const [step] = steps;
  if (step === undefined || !('op' in step)) return [];
  const options = js(step.args);
  const withBias = program.bias ? `${options === '{}' ? '{ ' : `${options.slice(0, -2)}, `}bias }` : options;
  const tensor = (shape: readonly number[]): string =>
    `{ data: Float32Array.from({ length: ${sizeOf(shape)} }, Math.random), shape: ${js(shape)} }`;
  return [
    "import { load } from 'simdconv';",
    '',
    `const { ${step.op} } = await load();`,
    `const x = ${tensor(inputShape)};`,
    `const w = ${tensor(weightShape)};`,
    ...(program.bias ? [`const bias = { data: new Float32Array(${outChannels}), shape: [${outChannels}] };`] : []),
    `const y = ${step.op}(x, w${withBias === '{}' ? '' : `, ${withBias}`});`,
    'console.log(y.shape);',
  ];
}
