/** The text that scripts/build-wasm.ts makes of a build: its bytes deflated, in base64. */
import { inflateSync } from 'fflate';

interface Runtime {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array };
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array };
  readonly process?: { getBuiltinModule?(name: 'node:zlib'): { inflateRawSync(bytes: Uint8Array): Uint8Array } | undefined };
}

/** By what the runtime has, which is some milliseconds quicker, else in JavaScript alone. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const runtime = globalThis as unknown as Runtime;
  const deflated = runtime.Uint8Array.fromBase64?.(text) ?? runtime.Buffer?.from(text, 'base64') ?? fromBase64(text);
  const inflate = runtime.process?.getBuiltinModule?.('node:zlib')?.inflateRawSync ?? inflateSync;
  return inflate(deflated) as Uint8Array<ArrayBuffer>;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function fromBase64(text: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let digit = 0; digit < DIGITS.length; digit++) values[DIGITS.charCodeAt(digit)] = digit;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < text.length; from += 4) {
    let four = 0;
    for (let place = 0; place < 4; place++) four = (four << 6) | (values[text.charCodeAt(from + place)] as number);
    // What is written past the end is dropped.
    bytes[to++] = four >> 16;
    bytes[to++] = four >> 8;
    bytes[to++] = four;
  }
  return bytes;
}
