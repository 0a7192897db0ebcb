/** Bundles main.js of the current folder into out/, as a bundler does unless told otherwise: `node bundle.mjs <bundler>`. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = process.cwd();

/** Of webpack 4 and 5. */
function pack(webpack) {
  // Its advice on the size of a page is no fault of a bundle.
  const performance = { hints: false };
  const config = { context: folder, entry: './main.js', mode: 'production', output: { path: `${folder}/out` }, performance };
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings())
        reject(error ?? new Error(stats.toString({ all: false, errors: true, warnings: true })));
      else resolve();
    });
  });
}

const BUNDLERS = {
  vite: async () => (await import('vite')).build({ root: folder, logLevel: 'warn', build: { outDir: 'out' } }),
  rollup: async () => {
    const { rollup } = await import('rollup');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    const onwarn = ({ message }) => {
      throw new Error(message);
    };
    const bundle = await rollup({ input: 'main.js', plugins: [nodeResolve()], onwarn });
    await bundle.write({ dir: 'out' });
  },
  esbuild: async () => {
    const { build } = await import('esbuild');
    const { warnings } = await build({ entryPoints: ['main.js'], bundle: true, minify: true, format: 'esm', outdir: 'out' });
    if (warnings.length > 0) throw new Error(warnings[0].text);
  },
  'webpack 5': () => pack(require('webpack')),
  'webpack 4': () => pack(require('webpack-4')),
};

await BUNDLERS[process.argv[2]]();
