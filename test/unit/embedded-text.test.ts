import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../../scripts/encode.js';
import { decode } from '../../src/wasm/decode.js';

/** The bytes of a build as text: scripts/encode.ts writes, src/wasm/decode.ts reads. */
describe('bytes as text', () => {
  test('come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(decode(encode(bytes))).toEqual(bytes);
      }),
    );
  });

  test('every byte, the rare ones too', () => {
    const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => Math.floor(Math.sqrt(i * 1.6)));
    expect(new Set(bytes).size).toBeGreaterThan(250);
    expect(decode(encode(bytes))).toEqual(bytes);
  });

  test('have no character that a string, a script or a minifier would escape', () => {
    expect(encode(Uint8Array.from({ length: 256 }, (_, byte) => byte))).toMatch(/^[!#%&()-;=-[\]-_a-~]+$/);
  });

  test('are about as long as they were where few are frequent', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 64);
    expect(encode(bytes)).toHaveLength(256 + bytes.length);
  });
});
