/** Each runtime's way to run the program in a folder where the package is installed. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HERE, MODULES, run, versionOf } from './packages.js';
import { bundled, commonJs, module, type Report } from './program.js';

export interface Runtime {
  readonly name: string;
  /** The package that brings it. */
  readonly from: string;
  readonly version: () => string;
  /** Its ways to import the package. */
  readonly ways: Readonly<Record<string, (folder: string) => Promise<Report>>>;
  /** What it must take. */
  readonly variant: 'relaxed' | 'simd';
  /** Whether it has two where they are asked for, or why not. */
  readonly threads: true | string;
  /** In Node alone: a way without WebAssembly. */
  readonly node?: string;
}

const written = (folder: string, name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
const reported = async (command: readonly string[], folder: string, env?: Record<string, string>): Promise<Report> =>
  JSON.parse(await run(command, folder, env)) as Report;

function scripted(name: string, from: string, command: readonly string[], env?: Record<string, string>): Runtime {
  const file = `with-${from.replaceAll(/\W+/g, '-')}`;
  return {
    name,
    from,
    version: () => versionOf(from),
    variant: 'relaxed',
    threads: true,
    ways: {
      import: (folder) => reported([...command, written(folder, `${file}.mjs`, module())], folder, env),
      require: (folder) => reported([...command, written(folder, `${file}.cjs`, commonJs())], folder, env),
    },
  };
}

const nodeOf = (from: string): Runtime => {
  const node = `${MODULES}/${from}/bin/node`;
  return { ...scripted('Node', from, [node]), node };
};

/** As its test service: it has no clock while a program runs, so the time is that of the process. */
async function workerd(folder: string, flags: readonly string[] = []): Promise<Report> {
  const own = join(folder, `workerd-${flags.length}`);
  mkdirSync(own, { recursive: true });
  const last = `export default { async test() { console.log('report ' + JSON.stringify(await checks({ load, ShapeError }, { convOutputSize }, { fromPyTorch, toOnnx }, 0))); } };`;
  writeFileSync(join(own, 'main.js'), bundled(last));
  const dist = join(folder, 'node_modules/simdconv/dist');
  const shared = readdirSync(join(dist, 'shared')).map((file) => `shared/${file}`);
  const entry = (name: string, kind: string, path: string): string => `(name = "${name}", ${kind} = embed "${path}")`;
  const from = (path: string): string => `../node_modules/simdconv/dist/${path}`;
  const modules = [
    entry('main.js', 'esModule', 'main.js'),
    entry('simdconv', 'esModule', from('workerd.js')),
    entry('simdconv/arithmetic', 'esModule', written(own, 'arithmetic.js', `export * from '../arithmetic/index.js';\n`)),
    entry('arithmetic/index.js', 'esModule', from('arithmetic/index.js')),
    entry('simdconv/convert', 'esModule', written(own, 'convert.js', `export * from '../convert/index.js';\n`)),
    entry('convert/index.js', 'esModule', from('convert/index.js')),
    ...shared.map((path) => entry(path, 'esModule', from(path))),
    ...['wasm/simd.wasm', 'wasm/relaxed.wasm'].map((path) => entry(path, 'wasm', from(path))),
  ];
  const worker = `(modules = [\n${modules.join(',\n')}\n], compatibilityDate = "2026-01-01", compatibilityFlags = ${JSON.stringify(flags)})`;
  writeFileSync(
    join(own, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = (services = [(name = "main", worker = ${worker})]);\n`,
  );
  const started = performance.now();
  const printed = await run([`${MODULES}/@cloudflare/workerd-linux-64/bin/workerd`, 'test', 'config.capnp'], own);
  const [, report] = /report (\{.*\})/.exec(printed) ?? [];
  if (!report) throw new Error(printed);
  return { ...(JSON.parse(report) as Report), milliseconds: performance.now() - started };
}

async function edge(folder: string): Promise<Report> {
  const own = join(folder, 'edge');
  mkdirSync(own, { recursive: true });
  const last = 'globalThis.report = checks({ load, ShapeError }, { convOutputSize }, { fromPyTorch, toOnnx }, 0).then(JSON.stringify);';
  writeFileSync(join(own, 'main.js'), bundled(last));
  return reported([process.execPath, `${HERE}edge.mjs`], own);
}

export const RUNTIMES: readonly Runtime[] = [
  // 20 has no relaxed SIMD; the first of it has no `process.getBuiltinModule` either.
  { ...nodeOf('node-20'), variant: 'simd' },
  // V8 12, which is faster with the simd build.
  { ...nodeOf('node-22'), variant: 'simd' },
  ...['node-24', 'node-current'].map(nodeOf),
  scripted('Deno', '@deno/linux-x64-glibc', [`${MODULES}/@deno/linux-x64-glibc/deno`, 'run', '--allow-read', '--no-remote'], {
    DENO_NO_UPDATE_CHECK: '1',
  }),
  scripted('Bun', '@oven/bun-linux-x64', [`${MODULES}/@oven/bun-linux-x64/bin/bun`]),
  {
    name: 'workerd',
    from: '@cloudflare/workerd-linux-64',
    version: () => versionOf('workerd'),
    variant: 'relaxed',
    threads: 'a module was given: its memory is not shared',
    ways: { import: (folder) => workerd(folder), "import, with Node's modules": (folder) => workerd(folder, ['nodejs_compat']) },
  },
  {
    name: 'edge-runtime',
    from: 'edge-runtime',
    version: () => versionOf('edge-runtime'),
    variant: 'simd',
    threads: 'a module was given: its memory is not shared',
    ways: { import: edge },
  },
];

export const isThere = ({ from }: Runtime): boolean => existsSync(`${MODULES}/${from}`);

/** In Node without WebAssembly: what `load` throws, and the report of its fallback. */
export async function withoutWebAssembly(node: string, folder: string): Promise<{ refused: string; report: Report }> {
  const script = written(folder, 'jitless.mjs', module('{ fallback: true }'));
  const report = await reported([node, '--jitless', script], folder);
  const text = `import { load, UnsupportedRuntimeError } from 'simdconv';
    await load().catch((error) => console.log(error.name, error instanceof UnsupportedRuntimeError, error.message));`;
  return { report, refused: await run([node, '--jitless', written(folder, 'refused.mjs', text)], folder) };
}
