import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A page has shared memory with these. */
export const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

export interface Site {
  /** Of the page at /. */
  readonly html: string;
  /** Each from the root and with a slash at its end. Nothing else is served. */
  readonly folders: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page with one module script; bare names of its imports may have paths. */
export const page = (script: string, imports?: Readonly<Record<string, string>>): string => `<!doctype html>
<meta charset="utf-8">
<title>simdconv</title>
<link rel="icon" href="data:,">
${imports ? `<script type="importmap">${JSON.stringify({ imports })}</script>` : ''}
<script type="module" src="${script}"></script>
`;

/** A static server of folders of the project, on a free local port. */
export async function serve(root: string, { html, folders, headers = {} }: Site): Promise<{ origin: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(html);
      return;
    }
    try {
      if (!folders.some((folder) => path.startsWith(folder))) throw new Error('not served');
      const body = await readFile(join(root, path));
      response.writeHead(200, { ...headers, 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
