/**
 * The package as CommonJS, for what cannot load ES modules: Jest, ts-node, older bundlers. All of it in one file, in the language of 2018, which these read. Private fields become
 * fields of a short name: as WeakMaps, which esbuild would make of them, each access takes ten times as long.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { build, type Plugin } from 'esbuild';

const OUT = 'dist/cjs';
const ENTRIES = {
  index: 'index',
  core: 'core',
  'arithmetic/index': 'arithmetic',
  'convert/index': 'convert',
  'tfjs/index': 'tfjs',
} as const;

const asCommonJs: Plugin = {
  name: 'as CommonJS',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /\/embedded\.js$/ }, ({ importer, resolveDir }) =>
      resolve(importer.endsWith('tfjs/index.ts') ? '../wasm/embedded-commonjs.ts' : './wasm/embedded-commonjs.ts', {
        kind: 'import-statement',
        resolveDir,
      }),
    );
    // What `loadSync` brings along lies in files here.
    onResolve({ filter: /\/generated\/simd\.js$/ }, () => ({ path: 'simd', namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export const simd = "";' }));
    onLoad({ filter: /src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // Of the file's name too, for a class may extend one of another file.
      const file = basename(path, '.ts').replaceAll(/\W/g, '_');
      const named = source.replaceAll(/(?<![\w'"`&])#([a-zA-Z]\w*)/g, (_, name) => `$$${file}_${name}`);
      // What is fetched elsewhere is here from the start.
      const imports: string[] = [];
      const contents = named.replaceAll(/await import\('(.*?)'\)/g, (_, from) => `fetched${imports.push(from)}`);
      return {
        contents: imports.map((from, index) => `import * as fetched${index + 1} from '${from}';\n`).join('') + contents,
        loader: 'ts',
      };
    });
  },
};

await build({
  entryPoints: { all: 'src/commonjs.ts' },
  outdir: OUT,
  bundle: true,
  format: 'cjs',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: ['node:*', '../bytes/*'],
  target: 'es2018',
  minify: true,
  mangleProps: /^\$\$/,
  plugins: [asCommonJs],
  logLevel: 'warning',
});
const texts = {
  // Older bundlers ask the nearest manifest what is not in a page.
  'package.json': '{ "type": "commonjs", "browser": { "node:fs": false, "node:os": false, "node:worker_threads": false } }\n',
  'relaxed.js': '// Both builds are there.\n',
  ...Object.fromEntries(
    Object.entries(ENTRIES).map(([path, name]) => [
      `${path}.js`,
      `module.exports = require('${path.includes('/') ? '..' : '.'}/all.js').${name};\n`,
    ]),
  ),
};
for (const [path, text] of Object.entries(texts)) {
  await mkdir(dirname(`${OUT}/${path}`), { recursive: true });
  await writeFile(`${OUT}/${path}`, text);
}
