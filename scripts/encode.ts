/** A build as the text that src/wasm/decode.ts reads. */
import { DIGITS, FREQUENT, orderOf } from '../src/wasm/decode.js';

export function encode(bytes: Uint8Array): string {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const ranked = counts.map((count, byte) => ({ count, byte })).sort((a, b) => b.count - a.count);
  const frequent = new Set(ranked.slice(0, FREQUENT).map(({ byte }) => byte));
  const flags = counts.map((_, byte) => (frequent.has(byte) ? '1' : '0')).join('');
  const texts: string[] = [];
  orderOf(flags).forEach((byte, place) => {
    const rest = place - FREQUENT;
    const first = rest < 0 ? place : FREQUENT + Math.floor(rest / DIGITS.length);
    texts[byte] = `${DIGITS[first]}${rest < 0 ? '' : DIGITS[rest % DIGITS.length]}`;
  });
  return flags + Array.from(bytes, (byte) => texts[byte]).join('');
}
