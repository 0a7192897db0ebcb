/** A case as an ONNX model of one node: protobuf wire format, field numbers of onnx.proto3. */
import type { Tensor } from '../../src/types.js';
import type { Case } from '../cases.js';
import type { Operands } from '../problem.js';
import { lastAxes, type Product, padAfter, productOf } from './peer.js';

type Field = Uint8Array;

/** 64-bit values are not needed: counts and sizes stay below 2^53, and none is negative. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

const VARINT = 0;
const BYTES = 2;

const int = (field: number, value: number): Field => Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);

const bytes = (field: number, content: Uint8Array): Field =>
  joined([Uint8Array.from([...varint(field * 8 + BYTES), ...varint(content.length)]), content]);

function joined(fields: readonly Field[]): Field {
  const whole = new Uint8Array(fields.reduce((length, field) => length + field.length, 0));
  let at = 0;
  for (const field of fields) {
    whole.set(field, at);
    at += field.length;
  }
  return whole;
}

const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value));
const message = (field: number, ...fields: readonly Field[]): Field => bytes(field, joined(fields));

const FLOAT = 1;
const INT_ATTRIBUTE = 2;
const INTS_ATTRIBUTE = 7;

function attribute(name: string, value: number | readonly number[]): Field {
  return typeof value === 'number'
    ? message(5, text(1, name), int(3, value), int(20, INT_ATTRIBUTE))
    : message(5, text(1, name), ...value.map((each) => int(8, each)), int(20, INTS_ATTRIBUTE));
}

const valueInfo = (field: number, name: string, shape: readonly number[]): Field =>
  message(field, text(1, name), message(2, message(1, int(1, FLOAT), message(2, ...shape.map((size) => message(1, int(1, size)))))));

const initializer = (name: string, { shape, data }: Tensor): Field =>
  message(
    5,
    ...shape.map((size) => int(1, size)),
    int(2, FLOAT),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

export interface Node {
  readonly type: string;
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** The second operand, a constant of the model, so that a runtime may pack it once. */
  readonly weight: Tensor;
}

/** Input `x`, output `y`. */
export function modelOf({ type, attributes, input, output, weight }: Node): Uint8Array {
  const named = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  const node = message(1, text(1, 'x'), text(1, 'w'), text(2, 'y'), text(4, type), ...named);
  const graph = message(7, node, text(2, type), initializer('w', weight), valueInfo(11, 'x', input), valueInfo(12, 'y', output));
  return joined([int(1, 8), graph, message(8, int(2, 17))]); // IR version 8, opset 17
}

/** The node that computes a product of C in channels-first; a weight's gradient has none. */
function nodeOf({ product, g, rank, x, y, w }: Product): Node | undefined {
  if (product === 'wgrad') return undefined;
  const after = padAfter(g);
  const axes = (values: readonly number[]): number[] => lastAxes(values, rank);
  const common = {
    kernel_shape: axes(g.kernel),
    strides: axes(g.stride),
    dilations: axes(g.dilation),
    group: g.groups,
    pads: [...axes(g.padBefore), ...axes(after).map((pad) => Math.max(0, pad))],
  };
  if (product === 'fprop') return { type: 'Conv', attributes: common, input: x.shape, output: y.shape, weight: w };
  const attributes = { ...common, output_padding: axes(after).map((pad) => Math.max(0, -pad)) };
  return { type: 'ConvTranspose', attributes, input: y.shape, output: x.shape, weight: w };
}

/** A case as one node, and what it is given. None for a gradient of the weight, which has no operator. */
export function questionOf(c: Case, operands: Operands): { readonly node: Node; readonly given: Float32Array } | undefined {
  const { input, weight, gradOutput } = operands;
  const product = productOf(c, operands);
  if (!product) {
    const node = { type: 'MatMul', attributes: {}, input: input.shape, output: gradOutput.shape, weight };
    return { node, given: input.data };
  }
  const node = nodeOf(product);
  return node && { node, given: (product.product === 'fprop' ? product.x : product.y).data };
}
