/** What a page gets of the package: bundles of it, minified and compressed as a server sends them. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface Size {
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface Bundle {
  /** What its page starts with, in however many files. */
  readonly eager: Size;
  /** Files that are fetched when they are wanted, by what is in them. */
  readonly later: Readonly<Record<string, Size>>;
}

const sizeOf = (bytes: Uint8Array): Size => ({
  minified: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

const NONE: Size = { minified: 0, gzip: 0, brotli: 0 };
const sum = (sizes: readonly Size[]): Size =>
  sizes.reduce((a, b) => ({ minified: a.minified + b.minified, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }), NONE);

/** Of a program in `folder`, which has the package or is it. */
export async function bundleOf(contents: string, folder: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    outdir: 'out',
    absWorkingDir: folder,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const sizes = new Map(
    Object.keys(metafile.outputs).map((path, index) => [path, sizeOf(outputFiles[index]?.contents ?? new Uint8Array())]),
  );
  const eager = new Set<string>();
  const visit = (path: string): void => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') visit(next);
  };
  visit('out/stdin.js');
  const later = [...sizes]
    .filter(([path]) => !eager.has(path))
    .map(([path, size]) => [/\/(.*?)-[A-Z0-9]{8}/.exec(path)?.[1] ?? path, size]);
  return { eager: sum([...eager].map((path) => sizes.get(path) ?? NONE)), later: Object.fromEntries(later) };
}

/** The table of docs/install.md: what is bundled or fetched, and its size; `before` is the gzipped size of 27 November 2026, before they were set apart. */
export interface Row extends Size {
  readonly name: string;
  readonly before: string;
}

export async function rowsOf(folder: string): Promise<Row[]> {
  const importing = (names: string, entry: string): Promise<Bundle> =>
    bundleOf(`import { ${names} } from '${entry}'; globalThis.used = { ${names} };`, folder);
  const load = await importing('load', 'simdconv');
  const row = (name: string, size: Size | undefined, before = ''): Row => ({ name, before, ...(size ?? NONE) });
  return [
    row('`load` and every operation', load.eager, '76.5, `simd` among it'),
    row('then `simd`', load.later.simd, 'in the above'),
    row('or `relaxed`', load.later.relaxed, '33.1'),
    row('where asked for: threads, `variant: "reference"`, a host\'s memory', load.later['all-parts'], 'in the above'),
    row('`loadSync`, with all but `relaxed`', (await importing('loadSync', 'simdconv')).eager, '76.5'),
    row('`simdconv/core`: `load`', (await importing('load', 'simdconv/core')).eager, '41.1'),
    row('`simdconv/tfjs`: `accelerate`', (await importing('accelerate', 'simdconv/tfjs')).eager, '75.7'),
    row('`simdconv/arithmetic`', (await importing('convMatrix', 'simdconv/arithmetic')).eager, '7.9'),
  ];
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

export const tableOf = (rows: readonly Row[]): string =>
  [
    '| kB | minified | gzip | brotli | gzip before |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ name, minified, gzip, brotli, before }) =>
        `| ${name} | ${kilobytes(minified)} | ${kilobytes(gzip)} | ${kilobytes(brotli)} | ${before} |`,
    ),
    '',
  ].join('\n');
