/** A context, by the page's query: the window, or what it starts. */
import { type Kernels, load, loadSync } from '../../src/index.js';
import { supports } from '../../src/wasm/support.js';
import { cases, expect, secondFile, unsupported, works } from './contexts-cases.js';
import { type Case, leave, outcomes, type Result } from './results.js';

type Results = readonly Result[];

const script = (name: string): string => new URL(`contexts-${name}.js`, import.meta.url).href;
const without = (lacks: string): Results => [{ name: 'it starts', lacks }];
const FASTEST = supports('relaxed') ? 'relaxed' : 'simd';

function worker(): Promise<Results> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script('worker'), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data as Results);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

async function serviceWorker(): Promise<Results> {
  if (!navigator.serviceWorker) return without('no service workers');
  const register = (name: string) => navigator.serviceWorker.register(script(name), { type: 'module' });
  try {
    await (await register('module')).unregister();
  } catch (error) {
    return without(`no service workers of modules (${error})`);
  }
  const registration = await register('service-worker');
  const { port1, port2 } = new MessageChannel();
  const results = new Promise<Results>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data as Results);
  });
  (registration.installing ?? registration.waiting ?? registration.active)?.postMessage(undefined, [port2]);
  return results.finally(() => registration.unregister());
}

async function worklet(): Promise<Results> {
  if (typeof AudioWorkletNode !== 'function') return without('no AudioWorklet');
  // It needs no device to play on.
  const context = new OfflineAudioContext(1, 128, 44_100);
  await context.audioWorklet.addModule(script('worklet'));
  const node = new AudioWorkletNode(context, 'convolver');
  return new Promise((resolve, reject) => {
    node.port.onmessage = ({ data }) => resolve(data as Results);
    node.onprocessorerror = () => reject(new Error('the processor does not start'));
    node.connect(context.destination);
    context.startRendering().catch(reject);
  });
}

const REFUSED: readonly Case[] = [
  {
    name: 'load names the keyword that is missing',
    body: () =>
      load().then(
        () => Promise.reject(new Error('it starts')),
        (error) => unsupported(error, /'wasm-unsafe-eval'/),
      ),
  },
  {
    name: 'loadSync names it',
    body() {
      try {
        loadSync();
      } catch (error) {
        return unsupported(error, /'wasm-unsafe-eval'/);
      }
      throw new Error('it starts');
    },
  },
  { name: 'load falls back to the reference', body: async () => works(await load({ fallback: true }), 'reference') },
  { name: 'loadSync falls back to the reference', body: () => works(loadSync({ fallback: true }), 'reference') },
];

const ISOLATED: readonly Case[] = [
  { name: 'it is isolated', body: () => expect(crossOriginIsolated, 'it is not') },
  {
    name: 'load starts two threads',
    lacks: typeof SharedArrayBuffer === 'function' ? undefined : 'no SharedArrayBuffer in isolated pages',
    body: async () => works(await load({ threads: 2 }), FASTEST, 2),
  },
];

function namesHeaders(kernels: Kernels, variant: string): void {
  const reason = kernels.info.threadsReason ?? '';
  expect(/Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/.test(reason), `the reason is '${reason}'`);
  works(kernels, variant);
}

/** WebKitGTK, where its switch is on, has shared memory in every page. */
const SHARES: readonly Case[] = [
  { name: 'load starts two threads, as memory is shared', body: async () => works(await load({ threads: 2 }), FASTEST, 2) },
];
const NAMES: readonly Case[] = [
  { name: 'load names the headers', body: async () => namesHeaders(await load({ threads: 2 }), FASTEST) },
  { name: 'loadSync names the headers', body: () => namesHeaders(loadSync({ threads: 2, variant: 'simd' }), 'simd') },
];
const ALONE: readonly Case[] = [
  { name: 'it is not isolated', body: () => expect(!crossOriginIsolated, 'it is') },
  ...(typeof SharedArrayBuffer === 'function' ? SHARES : NAMES),
];

const CONTEXTS: Readonly<Record<string, () => Promise<Results>>> = {
  window: () => outcomes(cases({ imports: true })),
  file: () => outcomes([secondFile]),
  worker,
  'service-worker': serviceWorker,
  worklet,
  refused: () => outcomes(REFUSED),
  isolated: () => outcomes(ISOLATED),
  alone: () => outcomes(ALONE),
};

await leave(CONTEXTS[location.search.slice(1)] as () => Promise<Results>);
