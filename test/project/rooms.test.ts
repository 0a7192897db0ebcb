/** The rooms of assembly/, as CONTRIBUTING lists them: each imports from itself and from those above it alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../assembly', import.meta.url));
const ROOMS = ['base', 'im2col', 'pack', 'gemm', 'conv', 'winograd', 'direct', 'direct/depthwise', 'direct/few-channels', 'fft', 'array'];

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'index.ts')
  .map((path) => ({ path: path.replaceAll('\\', '/'), source: readFileSync(join(ROOT, path), 'utf8') }));

describe('the rooms of assembly/', () => {
  it('are those that are listed, in order, in CONTRIBUTING', () => {
    expect(new Set(files.map(({ path }) => dirname(path)))).toEqual(new Set(ROOMS));
    const page = readFileSync(join(ROOT, '../CONTRIBUTING.md'), 'utf8');
    const places = ROOMS.map((room) => page.indexOf(`  ${room.split('/').at(-1)}/ `));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it.each(files)('$path imports nothing from a room below', ({ path, source }) => {
    const room = ROOMS.indexOf(dirname(path));
    for (const [, imported = ''] of source.matchAll(/ from '(\.[^']*)'/g)) {
      const from = relative(ROOT, dirname(join(ROOT, dirname(path), imported))).replaceAll('\\', '/');
      expect(ROOMS.indexOf(from), imported).toBeLessThanOrEqual(room);
      expect(ROOMS, imported).toContain(from);
    }
  });
});
