/** Runs main.js of the current folder on Vercel's edge, bundled as Next does: an import of a .wasm file with `?module` is a module that the runtime holds. */
import { readFileSync } from 'node:fs';
import { EdgeRuntime } from 'edge-runtime';
import { build } from 'esbuild';

const modules = {};
const wasmModules = {
  name: 'wasm?module',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, async ({ path, resolveDir }) => ({
      path: new URL(path.replace('?module', ''), `file://${resolveDir}/`).pathname,
      namespace: 'wasm',
    }));
    onLoad({ filter: /./, namespace: 'wasm' }, ({ path }) => {
      const name = `wasm_${path.replaceAll(/\W/g, '_')}`;
      modules[name] = new WebAssembly.Module(readFileSync(path));
      return { contents: `export default globalThis.${name};` };
    });
  },
};
const { outputFiles, warnings } = await build({
  entryPoints: ['main.js'],
  bundle: true,
  format: 'iife',
  platform: 'neutral',
  conditions: ['edge-light', 'import'],
  write: false,
  plugins: [wasmModules],
});
if (warnings.length > 0) throw new Error(warnings[0].text);
const started = performance.now();
const runtime = new EdgeRuntime({ extend: (context) => Object.assign(context, modules) });
runtime.evaluate(outputFiles[0].text);
const report = JSON.parse(await runtime.evaluate('globalThis.report'));
console.log(JSON.stringify({ ...report, milliseconds: performance.now() - started }));
