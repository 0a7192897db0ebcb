/**
 * A program with threads, on the built files, for any runtime with `process`: start.test.ts runs it in Node, runtimes.test.ts in Deno and Bun. It prints what it saw as JSON, in two
 * lines, and does nothing to end.
 */
import { load, loadSync } from '../../dist/index.js';

const values = (length, seed) => Float32Array.from({ length }, (_, i) => Math.fround(Math.sin((i + 1) * seed)));
const x = { data: values(64 * 56 * 56, 1), shape: [1, 64, 56, 56] };
const w = { data: values(64 * 64 * 9, 2), shape: [64, 64, 3, 3] };

const { data: want } = (await load()).conv2d(x, w, { padding: 1 });
const hasBitsOfOne = ({ conv2d }) => conv2d(x, w, { padding: 1 }).data.every((value, i) => Object.is(value, want[i]));

const waited = await load({ threads: 2 });
const atOnce = loadSync({ threads: 2 });
const saw = [waited, atOnce].map((kernels) => ({
  threads: kernels.info.threads,
  reason: kernels.info.threadsReason ?? '',
  sameBits: hasBitsOfOne(kernels),
}));

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
// The compiler and the garbage collector have their say first, on a busy machine for some seconds; a thread that does not sleep has it for ever.
let idle = 1;
for (let time = 0; time < 12 && idle > 0.01; time++) {
  await wait(200);
  const before = process.cpuUsage();
  await wait(500);
  const { user, system } = process.cpuUsage(before);
  idle = Math.min(idle, (user + system) / 500_000);
}
console.log(JSON.stringify({ saw, idle }));
process.on('exit', () => console.log(JSON.stringify({ sameBitsAtExit: hasBitsOfOne(atOnce) })));
