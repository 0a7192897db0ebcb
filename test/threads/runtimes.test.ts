/** Threads in Deno and Bun, where they are installed: `npm install --no-save @deno/linux-x64-glibc @oven/bun-linux-x64`, or DENO and BUN name the programs. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { testProgram } from './program.js';

const installed = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

const RUNTIMES = {
  Deno: { path: process.env.DENO || installed('@deno/linux-x64-glibc/deno'), args: ['run', '--no-prompt'], variable: 'DENO' },
  Bun: { path: process.env.BUN || installed('@oven/bun-linux-x64/bin/bun'), args: ['run'], variable: 'BUN' },
};

for (const [name, { path, args, variable }] of Object.entries(RUNTIMES)) {
  if (existsSync(path)) test(`two threads in ${name}, as on one`, () => testProgram(path, ...args));
  else test.skip(`two threads in ${name}: it is not installed (npm install --no-save its package, or set ${variable})`, () => {});
}
