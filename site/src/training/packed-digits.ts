/** The digits as one file: how many there are of each class, then a byte for each pixel. */
import { CLASSES, PIXELS, type Sample } from '../../../examples/mnist/digits.js';

const HEAD = 4 * CLASSES;

export function packed(classes: readonly (readonly Sample[])[]): Uint8Array<ArrayBuffer> {
  const samples = classes.flat();
  const bytes = new Uint8Array(HEAD + samples.length * PIXELS);
  const head = new DataView(bytes.buffer);
  classes.forEach((of, label) => {
    head.setUint32(4 * label, of.length, true);
  });
  samples.forEach(({ pixels }, i) => {
    bytes.set(
      Array.from(pixels, (value) => Math.round(255 * value)),
      HEAD + i * PIXELS,
    );
  });
  return bytes;
}

/** Brightnesses have three decimals, as in the package that they come from. */
const BRIGHTNESS = Float64Array.from({ length: 256 }, (_, byte) => Math.round((1000 * byte) / 255) / 1000);

export function unpacked(buffer: ArrayBuffer): Sample[][] {
  const head = new DataView(buffer);
  const bytes = new Uint8Array(buffer);
  let at = HEAD;
  return Array.from({ length: CLASSES }, (_, label) =>
    Array.from({ length: head.getUint32(4 * label, true) }, () => {
      const pixels = Float32Array.from(bytes.subarray(at, at + PIXELS), (byte) => BRIGHTNESS[byte] as number);
      at += PIXELS;
      return { pixels, label };
    }),
  );
}
