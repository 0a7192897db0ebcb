/** The README's sample of simdconv/tfjs in a page, bundled as an application is, with the packages that it imports. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { folderOf, installPackages } from '../../../examples/tfjs/packages.js';
import { type Browser, type PageRun, resultsOf } from '../../browser/browsers.js';
import { page, serve } from '../../browser/server.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Where the sample says that the page finds tfjs's files: below this folder. */
const SITE = `${ROOT}examples/tfjs/`;

/** What the sample's names must be when it has run. The page's cases are reported as other pages report theirs. */
const CHECKS = `
const cases = {
  'the wasm backend is the one in use': () => [tf.getBackend(), 'wasm'],
  'it is accelerated, in its heap': () => [[info.backend, info.active, info.inPlace].join(), 'wasm,true,true'],
  'a convolution has the sum that it should': () =>
    [tf.conv2d(tf.ones([1, 5, 5, 8]), tf.ones([5, 5, 8, 16]), 1, 'valid').dataSync().join(), Array(16).fill(200).join()],
  'a step of learning finds its gradient, which plain wasm does not have': () =>
    [tf.grad((f) => tf.conv2d(tf.ones([1, 3, 3, 1]), f, 1, 'valid').sum())(tf.zeros([2, 2, 1, 1])).dataSync().join(), '4,4,4,4'],
  'on another backend it is not the active one': () => { tf.setBackend('cpu'); return [info.active, false]; },
  'restore gives back what it held': () => { restore(); return [info.bytes, 0]; },
};
window.results = Object.entries(cases).map(([name, run]) => {
  try {
    const [got, want] = run();
    return got === want ? { name } : { name, error: got + ', not ' + want };
  } catch (error) {
    return { name, error: String(error) };
  }
});
`;

export async function runSample(browser: Browser): Promise<PageRun[]> {
  installPackages();
  const readme = await readFile(`${ROOT}README.md`, 'utf8');
  const [, sample] = /\n### TensorFlow\.js\n+```js\n(.*?)```/s.exec(readme) ?? [];
  if (sample === undefined) throw new Error('README.md has no sample below "### TensorFlow.js"');
  const { outputFiles } = await build({
    stdin: { contents: sample + CHECKS, resolveDir: SITE },
    alias: { 'simdconv/tfjs': `${ROOT}dist/tfjs/index.js` },
    write: false,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  // A script of the page itself, so that nothing is served but tfjs's own files.
  const html = page('data:text/javascript,').concat(`<script type="module">${outputFiles[0]?.text}</script>`);
  const folder = folderOf('@tensorflow/tfjs-backend-wasm/dist').slice(SITE.length - 1);
  const { origin, close } = await serve(SITE, { html, folders: [folder] });
  try {
    return [{ title: "the README's sample of simdconv/tfjs", results: await resultsOf(browser, `${origin}/`) }];
  } finally {
    close();
  }
}
