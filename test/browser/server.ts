import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** The folders that the page reads. Nothing else is served; in particular not the compiled copy of src/, which the page must not run. */
const SERVED = ['/build/browser/test/', '/dist/', '/node_modules/', '/test/golden/'];

/** A static server of the project on a free local port. */
export async function serve(root: string): Promise<{ origin: string; server: Server }> {
  const html = page(await importMap(root));
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return;
    }
    try {
      if (!SERVED.some((folder) => path.startsWith(folder))) throw new Error('not served');
      const body = await readFile(join(root, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Bare names to files, as Node's resolution would find them; src/ to dist/. */
async function importMap(root: string): Promise<Record<string, string>> {
  const require = createRequire(join(root, 'package.json'));
  const random = JSON.parse(await readFile(require.resolve('pure-rand/package.json'), 'utf8')) as {
    exports: Record<string, string | { import: string }>;
  };
  const randoms = Object.entries(random.exports).flatMap(([name, file]) =>
    typeof file === 'string' ? [] : [[`pure-rand${name.slice(1)}`, `/node_modules/pure-rand${file.import.slice(1)}`]],
  );
  return {
    '/build/browser/src/': '/dist/',
    '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
    'fast-check': '/node_modules/fast-check/lib/fast-check.js',
    ...Object.fromEntries(randoms),
  };
}

const page = (imports: Record<string, string>): string => `<!doctype html>
<meta charset="utf-8">
<title>simdconv</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/build/browser/test/browser/page.js"></script>
`;
