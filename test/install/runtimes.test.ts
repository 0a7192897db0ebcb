import { describe, expect, test } from 'vitest';
import { installedForTests } from './installed.js';
import { installTools } from './packages.js';
import { EXPECTED } from './program.js';
import { isThere, RUNTIMES, withoutWebAssembly } from './runtimes.js';

installTools();
const installed = installedForTests();

for (const runtime of RUNTIMES) {
  const { name, from, ways, variant, threads, node } = runtime;
  if (!isThere(runtime)) {
    test.skip(`${name}: ${from} is not for this machine`, () => {});
    continue;
  }
  describe(`${name} ${runtime.version()}`, () => {
    test.each(Object.entries(ways))('%s', async (_, run) => {
      const report = await run(installed.folder);
      expect(report.checks).toEqual(EXPECTED);
      expect({ variant: report.variant, threads: report.threads }).toEqual({ variant, threads: threads === true ? 2 : 1 });
      expect(report.threadsReason).toBe(threads === true ? undefined : threads);
      expect(report.milliseconds).toBeGreaterThan(0);
    });
    if (node) {
      test('without WebAssembly: the reference where it is asked for, else an UnsupportedRuntimeError', async () => {
        const { refused, report } = await withoutWebAssembly(node, installed.folder);
        expect(refused).toMatch(/^UnsupportedRuntimeError true load: variant 'auto' needs WebAssembly, which this runtime does not have/);
        const { 'deterministic bits': _, ...checks } = EXPECTED;
        expect(report.checks).toEqual(checks);
        expect(report).toMatchObject({ variant: 'reference', threads: 1 });
      });
    }
  });
}
