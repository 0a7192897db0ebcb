/**
 * `npm run bench:few-rows`: products of few rows, which read a large weight once, beside a plain read of as many bytes and TensorFlow.js's wasm backend.
 * Operands are resident; every result is checked before it is timed.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../../dist/index.js';
import type { Tensor } from '../../src/types.js';
import { describeMachine, machine } from '../machine.js';
import { measure, speedRatio, type Timing } from '../measure.js';
import { columnFor, digits, header, line } from '../table.js';
import { compileBench } from './compile.js';
import { folderOf, importPeer, installPeers } from './packages.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, filter: { type: 'string', default: '' } } });

/** [m, n, k] of networks: a dense layer of one row and more, a transformer's, a classifier's last, few columns. */
const SIZES = [1, 2, 4, 8, 16].map((m) => [m, 2048, 768] as const);
const PRODUCTS = [...SIZES, [1, 4096, 4096], [1, 1000, 2048], [1, 512, 512], [1, 10, 128]] as const;

interface TfTensor {
  dataSync(): Float32Array;
  dispose(): void;
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  matMul(a: TfTensor, b: TfTensor, transposeA: boolean, transposeB: boolean): TfTensor;
}

installPeers();
const kernels = await load();
console.log(`${describeMachine(machine(kernels.info))}\n`);
const read = await plainRead();
const tf = await tfjsWasm();

const columns = [
  columnFor('m × n × k', ['1 × 4096 × 4096, b transposed']),
  ...['read µs', 'call', 'plan', 'tfjs-wasm', 'call : read', 'plan : read', 'call : tfjs', 'plan : tfjs'].map((title) =>
    columnFor(title, ['1234.5'], 'right'),
  ),
];
console.log(header(columns));
for (const [m, n, k] of PRODUCTS) {
  for (const transposeB of [false, true]) {
    const name = `${m} × ${n} × ${k}${transposeB ? ', b transposed' : ''}`;
    if (!new RegExp(values.filter).test(name)) continue;
    const t = race(m, n, k, transposeB);
    const micros = [t.read, t.call, t.plan, t.tfjs].map(({ median }) => digits(median * 1000));
    const ratios = [speedRatio(t.call, t.read), speedRatio(t.plan, t.read), speedRatio(t.call, t.tfjs), speedRatio(t.plan, t.tfjs)];
    console.log(line(columns, [name, ...micros, ...ratios.map(digits)]));
  }
}
kernels.dispose();

function race(m: number, n: number, k: number, transposeB: boolean): Record<'read' | 'call' | 'plan' | 'tfjs', Timing> {
  const bShape = transposeB ? [n, k] : [k, n];
  const [a, b] = [whole([m, k], 7), whole(bShape, 11)];
  const [left, right] = [kernels.tensor(a.shape, a.data), kernels.tensor(b.shape, b.data)];
  const out = kernels.tensor([m, n]);
  const plan = kernels.matmul.plan({ a: [m, k], b, transposeB });
  const [tfA, tfB] = [tf.tensor(a.data, a.shape), tf.tensor(b.data, bShape)];
  const call = (): unknown => kernels.matmul(left, right, { transposeB, out });
  const planned = (): unknown => plan.run(left, out);
  const expected = product(a.data, b.data, [m, n, k], transposeB);
  for (const run of [call, planned]) {
    out.data.fill(Number.NaN);
    run();
    if (out.data.some((value, i) => value !== expected[i])) throw new Error(`bench: a product of ${m}x${n}x${k} is wrong`);
  }
  const tasks = { read: () => read(k * n * 4), call, plan: planned, tfjs: () => tf.matMul(tfA, tfB, false, transposeB).dispose() };
  const result = measure(tasks, values.quick ? { time: 20, rounds: 2 } : { time: 600, rounds: 20 });
  for (const each of [left, right, out, plan, tfA, tfB]) each.dispose();
  return result;
}

/** Small whole numbers: every sum is exact. */
function whole(shape: readonly number[], step: number): Tensor {
  const length = shape.reduce((size, axis) => size * axis, 1);
  return { data: Float32Array.from({ length }, (_, i) => ((i * step) % 13) - 6), shape };
}

function product(a: Float32Array, b: Float32Array, [m, n, k]: readonly [number, number, number], transposeB: boolean): Float32Array {
  const [row, column] = transposeB ? [1, k] : [n, 1];
  return Float32Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let t = 0; t < k; t++) sum += (a[i * k + t] as number) * (b[t * row + j * column] as number);
    return sum;
  });
}

/** Reads that many bytes of a memory of its own. */
async function plainRead(): Promise<(bytes: number) => number> {
  const largest = Math.max(...PRODUCTS.map(([, n, k]) => n * k * 4));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(largest / 65536) });
  const { instance } = await WebAssembly.instantiate(await compileBench('read.ts', 'simd', ['--importMemory']), { env: { memory } });
  const { read } = instance.exports as unknown as { read(from: number, bytes: number): number };
  new Float32Array(memory.buffer).fill(1);
  return (bytes) => read(0, Math.floor(bytes / 128) * 128);
}

async function tfjsWasm(): Promise<Tf> {
  const backend = await importPeer<{ setWasmPaths(folder: string): void; setThreadsCount(count: number): void }>(
    '@tensorflow/tfjs-backend-wasm',
  );
  backend.setWasmPaths(fileURLToPath(new URL('dist/', folderOf('@tensorflow/tfjs-backend-wasm'))));
  backend.setThreadsCount(1);
  const tf = await importPeer<Tf>('@tensorflow/tfjs-core');
  await tf.setBackend('wasm');
  return tf;
}
