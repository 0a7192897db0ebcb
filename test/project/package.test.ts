import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/wasm/decode.js';

/** What is published: the modules' only import, an import without effects, the packed tarball, the README's examples. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  version: string;
  sideEffects: readonly string[];
  dependencies?: Record<string, string>;
};

/** Runs an ES module given as text, as a user's script in `folder`; returns what it printed. */
function script(text: string, folder = ROOT): string {
  return execFileSync(process.execPath, ['--input-type=module', '-'], { cwd: folder, encoding: 'utf8', input: text });
}

describe('the wasm modules', () => {
  test('are built by name, and no others', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build-wasm.ts', 'small'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 2, stderr: "build:wasm: target is 'small'; expected debug, tiny, simd, relaxed\n" });
  });

  for (const build of ['debug', 'tiny', 'simd', 'relaxed']) {
    test(`${build}.wasm imports env.memory and nothing else`, () => {
      // Read by hand, since a runtime without relaxed SIMD cannot compile that build to list its imports.
      expect(importsOf(readFileSync(`${ROOT}/build/${build}.wasm`))).toEqual(['env.memory']);
    });
  }

  test("they hold no data segments, which would land in a host's heap", () => {
    expect(readFileSync(`${ROOT}/build/debug.wat`, 'utf8')).not.toContain('(data');
  });

  test('no kernel grows the memory: the source compiles to no memory.grow', () => {
    expect(readFileSync(`${ROOT}/build/debug.wat`, 'utf8')).not.toContain('memory.grow');
  });

  test('the shipped files are the builds, and the embedded bytes too', async () => {
    for (const build of ['simd', 'relaxed'] as const) {
      const bytes = readFileSync(`${ROOT}/build/${build}.wasm`);
      expect(readFileSync(`${ROOT}/dist/wasm/${build}.wasm`).equals(bytes)).toBe(true);
      const embedded = (await import(`../../src/wasm/generated/${build}.ts`)) as Record<string, string>;
      expect(bytes.equals(decode(embedded[build] ?? ''))).toBe(true);
    }
  });
});

describe('importing', () => {
  test('the manifest says what has effects: to bring the relaxed build along, or the modules of Node; and that there is no dependency', () => {
    expect(manifest.sideEffects).toEqual(['./dist/node.js', './dist/relaxed.js', './dist/tfjs/node.js']);
    expect(manifest.dependencies).toBeUndefined();
  });

  test('it compiles nothing, adds no global and prints nothing', () => {
    const printed = script(`
      const calls = [];
      for (const name of ['Module', 'Instance', 'Memory', 'compile', 'instantiate', 'validate', 'compileStreaming', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = new Proxy(original ?? function () {}, {
          apply: (...args) => { calls.push(name); return Reflect.apply(...args); },
          construct: (...args) => { calls.push(name); return Reflect.construct(...args); },
        });
      }
      globalThis.fetch = () => calls.push('fetch');
      const before = Object.getOwnPropertyNames(globalThis).sort().join();
      const { loadSync } = await import('simdconv');
      await import('simdconv/arithmetic');
      await import('simdconv/convert');
      await import('simdconv/tfjs');
      const atImport = calls.slice();
      const added = Object.getOwnPropertyNames(globalThis).sort().join() !== before;
      loadSync({ variant: 'simd' }).dispose();
      console.log(JSON.stringify({ atImport, added, atLoad: calls.includes('Module') && calls.includes('Memory') }));
    `);
    expect(JSON.parse(printed)).toEqual({ atImport: [], added: false, atLoad: true });
  });
});

describe('in Node', () => {
  test('both builds are there for loadSync, which waits for none', () => {
    const printed = script(`
      import { loadSync } from 'simdconv';
      WebAssembly.validate = () => true; // Node 20 would not take the relaxed build
      try {
        console.log(loadSync({ variant: 'relaxed' }).info.variant);
      } catch (error) {
        console.log(error.message);
      }`);
    expect(printed.trim()).toMatch(/^relaxed$|the runtime refuses the embedded WebAssembly/);
  });
});

describe('the packed tarball, installed in an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdconv-'));
  const npm = (...args: string[]): string =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let files: string[] = [];

  beforeAll(() => {
    // The build has been made; running it again here would take the files away from the tests beside this one.
    const packed = npm('pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder);
    const [{ filename, files: listed }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    files = listed.map(({ path }) => path);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
    npm('install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds the built files, the licence and the README, and no sources or tests', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/arithmetic/index.js',
        'dist/convert/index.js',
        'dist/convert/index.d.ts',
        'dist/tfjs/index.js',
        'dist/tfjs/index.d.ts',
        'dist/cli.js',
        'dist/worker.js',
      ]),
    );
    expect(files).toEqual(
      expect.arrayContaining(['dist/wasm/simd.wasm', 'dist/wasm/relaxed.wasm', 'LICENSE', 'README.md', 'package.json']),
    );
    expect(files.filter((path) => /^(src|test|assembly|bench|examples|build|scripts)\//.test(path))).toEqual([]);
  });

  test('convolves', () => {
    const printed = script(
      `import { load, loadSync } from 'simdconv';
       const x = { data: Float32Array.from({ length: 16 }, (_, i) => i + 1), shape: [1, 1, 4, 4] };
       const w = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };
       for (const kernels of [await load(), loadSync({ variant: 'reference' })]) console.log(...kernels.conv2d(x, w).data);`,
      folder,
    );
    expect(printed).toBe('54 63 90 99\n54 63 90 99\n');
  });

  test('has simdconv/arithmetic', () => {
    const printed = script(
      `import { convMatrix, convOutputSize } from 'simdconv/arithmetic';
       const { rows, cols, nnz } = convMatrix({ data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] }, [1, 4, 4]);
       console.log(convOutputSize(224, 7, { stride: 2, padding: 3 }), rows, cols, nnz);`,
      folder,
    );
    expect(printed).toBe('112 4 16 36\n');
  });

  test('has simdconv/convert', () => {
    const printed = script(
      `import { createRequire } from 'node:module';
       import { fromKeras, toPyTorch } from 'simdconv/convert';
       const required = createRequire(process.cwd() + '/x.js')('simdconv/convert');
       const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' });
       console.log(JSON.stringify(toPyTorch(spec).instead[1]), JSON.stringify(required.toOnnx(spec).args.pads));`,
      folder,
    );
    expect(printed).toBe('{"crop":[[0,1],[0,1]]} [0,0,1,1]\n');
  });

  test('has simdconv/worker, a script that stands alone', () => {
    const printed = script(`console.log(import.meta.resolve('simdconv/worker'))`, folder).trim();
    expect(printed).toMatch(/simdconv\/dist\/worker\.js$/);
    expect(readFileSync(fileURLToPath(printed), 'utf8')).not.toMatch(/\b(import|export)\b/);
  });

  test('has simdconv/wasm/*.wasm, which load takes as a module', () => {
    const printed = script(
      `import { readFile } from 'node:fs/promises';
       import { loadSync } from 'simdconv';
       import.meta.resolve('simdconv/wasm/relaxed.wasm');
       const module = new WebAssembly.Module(await readFile(new URL(import.meta.resolve('simdconv/wasm/simd.wasm'))));
       console.log(loadSync({ variant: 'simd', module }).matmul({ data: Float32Array.of(2), shape: [1, 1] }, { data: Float32Array.of(3), shape: [1, 1] }).data[0]);`,
      folder,
    );
    expect(printed).toBe('6\n');
  });

  describe.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types that a strict compiler takes, modules %s, resolution %s', (module, moduleResolution) => {
    const compile = (name: string, program: string): void => {
      writeFileSync(join(folder, name), program);
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', moduleResolution];
      try {
        execFileSync(`${ROOT}node_modules/.bin/tsc`, [...options, name], { cwd: folder, encoding: 'utf8' });
      } catch (error) {
        throw new Error((error as { stdout: string }).stdout);
      }
    };

    test('without those of TensorFlow.js', () => {
      compile(
        'select.ts',
        `import { type Kernels, load } from 'simdconv';
        import { convOutputSize } from 'simdconv/arithmetic';
        import { type Conversion, fromPyTorch, type Impossible, toKeras } from 'simdconv/convert';
        import { type Acceleration, accelerate, type TensorFlow } from 'simdconv/tfjs';
        export const kernels: Promise<Kernels> = load();
        export const size: number = convOutputSize(224, 7, { stride: 2, padding: 3 });
        export const made: Conversion = toKeras(fromPyTorch({ op: 'Conv2d', kernel_size: 3, outChannels: 1 }), [1, 1, 8, 8]);
        export const why: Impossible | undefined = 'impossible' in made ? made : undefined;
        export const use = (tf: TensorFlow): Promise<Acceleration> => accelerate(tf, { backend: 'wasm' });
        // @ts-expect-error
        export const misuse = (tf: TensorFlow) => accelerate(tf, { backend: 'webgl' });`,
      );
    });

    test('of results: fresh ones can be posted, `out` comes back as it is', () => {
      compile('types.ts', readFileSync(`${ROOT}/test/project/types.ts`, 'utf8'));
    });
  });

  test('bundles for a browser: whole without TensorFlow.js or anything of Node; without the adapter where it is not imported', async () => {
    const bundled = async (contents: string): Promise<string[]> => {
      const { warnings, metafile } = await build({
        stdin: { contents, resolveDir: folder },
        bundle: true,
        platform: 'browser',
        format: 'esm',
        write: false,
        metafile: true,
        logLevel: 'silent',
      });
      expect(warnings).toEqual([]);
      return Object.keys(metafile.inputs).filter((path) => path.endsWith('dist/tfjs/index.js'));
    };
    expect(await bundled(`import { accelerate } from 'simdconv/tfjs'; globalThis.accelerate = accelerate;`)).toHaveLength(1);
    expect(await bundled(`import { load } from 'simdconv'; globalThis.load = load;`)).toEqual([]);
  });

  test('keeps the names of its errors in a minified bundle', async () => {
    const contents = `
      import { loadSync, SimdconvError, ShapeError, OptionError, UnsupportedRuntimeError, OutOfMemoryError, DisposedError } from 'simdconv';
      class Mine extends ShapeError {}
      const kernels = loadSync({ variant: 'reference', maxBytes: 2 ** 20 });
      const used = () => { const tensor = kernels.tensor([1]); tensor.dispose(); return tensor.data; };
      const { Module } = WebAssembly;
      const refused = () => { WebAssembly.Module = class { constructor() { throw new Error('no'); } }; try { loadSync({ variant: 'simd' }); } finally { WebAssembly.Module = Module; } };
      const calls = [() => kernels.tensor([-1]), () => kernels.tensor([1], []), refused, () => kernels.tensor([2 ** 20]), used];
      for (const call of [...calls, () => { throw new Mine('op', 'mine'); }]) {
        try { call(); } catch (error) { console.log(error.name, String(error).split(':')[0], error.stack.split(':')[0]); }
      }
      console.log([SimdconvError, ShapeError, OptionError, UnsupportedRuntimeError, OutOfMemoryError, DisposedError].map(({ name }) => name).join());`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      write: false,
    });
    const text = outputFiles[0]?.text ?? '';
    expect(text).not.toMatch(/class (ShapeError|Mine)\b/);
    const printed = script(text, folder).trimEnd().split('\n');
    const names = ['ShapeError', 'OptionError', 'UnsupportedRuntimeError', 'OutOfMemoryError', 'DisposedError'];
    expect(printed.slice(0, -1)).toEqual([...names, 'ShapeError'].map((name) => `${name} ${name} ${name}`));
    expect(printed.at(-1)).toBe(['SimdconvError', ...names].join());
  });

  test('has the command simdconv info', () => {
    const printed = npm('exec', '--offline', '--', 'simdconv', 'info');
    expect(printed).toContain(manifest.version);
    expect(printed).toMatch(/simd|relaxed/);
  });
});

describe('the README', () => {
  // A ```js block followed by a ```text block is a program and what it prints.
  const text = readFileSync(`${ROOT}/README.md`, 'utf8');
  const examples = [...text.matchAll(/^```js\n((?:(?!```).*\n)*)```\n\s*```text\n((?:(?!```).*\n)*)```$/gm)];

  test('has examples', () => expect(examples.length).toBeGreaterThan(4));
  for (const [index, [, program = '', output = '']] of examples.entries()) {
    test(`example ${index + 1} prints what the README says`, () => {
      expect(script(program).trimEnd()).toBe(output.trimEnd());
    });
  }

  test('lists the operations as they are called', () => {
    const [, listed = ''] = /^## Operations\n\s*^```js\n(.*?)^```$/ms.exec(text) ?? [];
    const calls = listed.split('\n').filter((line) => line.startsWith('kernels.')).length;
    const printed = script(`
      import { load } from 'simdconv';
      const tensor = (...shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape });
      const [input, weight, gradOutput, columns] = [tensor(1, 2, 5, 6), tensor(3, 2, 3, 3), tensor(1, 3, 5, 6), tensor(1, 18, 30)];
      const [inputShape, weightShape, outputSize, kernelSize, options] = [input.shape, weight.shape, [5, 6], 3, { padding: 1 }];
      const { shape, data } = input;
      const [a, b, bias, out, transposeA, transposeB, activation] = [tensor(2, 3), tensor(3, 4), tensor(4), tensor(2, 4), false, false, 'relu'];
      ${listed.replaceAll(/^kernels\.(.*?);/gm, 'results.push(kernels.$1);').replace(/^/, 'const results = [];\n')}
      console.log(results.map((each) => JSON.stringify(each.shape ?? each.outputShape ?? (Array.isArray(each) ? each : Object.keys(each)))).join('\\n'));`);
    const shapes = printed.trimEnd().split('\n');
    expect(shapes).toHaveLength(calls);
    expect(shapes).toEqual(
      expect.arrayContaining(['[1,3,5,6]', '[1,2,5,6]', '[3,2,3,3]', '[3]', '["gradInput","gradWeight","gradBias"]', '[1,18,30]', '[2,4]']),
    );
  });
});

/** Names in the import section of a WebAssembly binary: section 2, entries of two names, a kind and its type. */
function importsOf(bytes: Uint8Array): string[] {
  let at = 8; // magic and version
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const name = (): string => {
    const length = number();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 2) {
      return Array.from({ length: number() }, () => {
        const found = `${name()}.${name()}`;
        const kind = bytes[at++];
        if (kind === 2) {
          const limits = bytes[at++] ?? 0;
          number();
          if (limits & 1) number();
        } else number(); // a function's type; others are not expected, and would be named all the same
        return found;
      });
    }
    at = end;
  }
  return [];
}
