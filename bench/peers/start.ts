/** What it costs to begin: the time to a first result in a fresh process, and the bytes of WebAssembly. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { median } from '../measure.js';
import { modelOf } from './onnx.js';
import { folderOf } from './packages.js';
import type { Race } from './results.js';

/** A 3x3 of ones over a 4x4 of ones: four nines, by each one's shortest way. */
const X = `new Float32Array(16).fill(1)`;

function onnxruntimeScript(name: string, threads: number): string {
  const model = modelOf({
    type: 'Conv',
    attributes: { kernel_shape: [3, 3] },
    input: [1, 1, 4, 4],
    output: [1, 1, 2, 2],
    weight: { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] },
  });
  return `
    const ort = await import('${name}');
    ort.env.wasm.numThreads = ${threads};
    const session = await ort.InferenceSession.create(Buffer.from('${Buffer.from(model).toString('base64')}', 'base64'), { intraOpNumThreads: ${threads} });
    const { y } = await session.run({ x: new ort.Tensor('float32', ${X}, [1, 1, 4, 4]) });
    const { data } = y;`;
}

const SCRIPTS: Readonly<Record<string, (threads: number) => string>> = {
  simdconv: (threads) => `
    const { load } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
    const { conv2d } = await load({ threads: ${threads} });
    const { data } = conv2d({ data: ${X}, shape: [1, 1, 4, 4] }, { data: ${X}.subarray(7), shape: [1, 1, 3, 3] });`,
  'onnxruntime-web': (threads) => onnxruntimeScript('onnxruntime-web', threads),
  'tfjs-wasm': () => `
    const tf = await import('@tensorflow/tfjs-core');
    const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(${JSON.stringify(fileURLToPath(new URL('dist/', folderOf('@tensorflow/tfjs-backend-wasm'))))});
    setThreadsCount(1);
    await tf.setBackend('wasm');
    const data = tf.conv2d(tf.tensor4d(${X}, [1, 4, 4, 1]), tf.tensor4d(${X}.subarray(7), [3, 3, 1, 1]), 1, 'valid').dataSync();`,
  'jax-js': () => `
    const { init, defaultDevice, lax, numpy } = await import('@jax-js/jax');
    await init('wasm');
    defaultDevice('wasm');
    const data = await lax.conv(numpy.array(${X}).reshape([1, 1, 4, 4]), numpy.array(${X}.slice(7)).reshape([1, 1, 3, 3]), [1, 1], 'VALID').data();`,
  'onnxruntime-node': (threads) => onnxruntimeScript('onnxruntime-node', threads),
};

/** By turns, each in a fresh process. */
export async function startup(names: readonly string[], times: number, threads: number): Promise<Record<string, number>> {
  const scripts = Object.entries(SCRIPTS).filter(([name]) => name === 'simdconv' || names.includes(name));
  const results = new Map(scripts.map(([name]): [string, number[]] => [name, []]));
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  for (let i = 0; i < times; i++) {
    for (const [name, script] of scripts) {
      // No module: the option that says so would be handed on to workers, which refuse it.
      const timed = `(async () => {
        const from = performance.now();${script(threads)}
        const to = performance.now();
        console.log('took', data.length === 4 && data.every((value) => value === 9) ? to - from : NaN);
        process.exit();
      })();`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--eval', timed], { cwd });
      results.get(name)?.push(Number(/^took (.*)$/m.exec(stdout)?.[1]));
    }
  }
  return Object.fromEntries([...results].map(([name, each]) => [name, median(each)]));
}

const BINARIES: Readonly<Record<string, () => URL>> = {
  'simdconv simd': () => new URL('../../dist/wasm/simd.wasm', import.meta.url),
  'simdconv relaxed': () => new URL('../../dist/wasm/relaxed.wasm', import.meta.url),
  'onnxruntime-web': () => new URL('dist/ort-wasm-simd-threaded.wasm', folderOf('onnxruntime-web')),
  'tfjs-wasm': () => new URL('dist/tfjs-backend-wasm-simd.wasm', folderOf('@tensorflow/tfjs-backend-wasm')),
};

export async function wasmBytes(names: readonly string[]): Promise<Race['bytes']> {
  const wanted = Object.entries(BINARIES).filter(([name]) => name.startsWith('simdconv') || names.includes(name));
  const sizes = wanted.map(async ([name, file]) => {
    const binary = await readFile(file());
    return [name, { raw: binary.length, gzip: gzipSync(binary, { level: 9 }).length }] as const;
  });
  return Object.fromEntries(await Promise.all(sizes));
}
