/** Imported after the specs: runs them and sends the parent one result for each. Bundled by specs.ts. */
import * as tf from '@tensorflow/tfjs-core';
import { jasmine } from './environment.js';
import { settings } from './settings.js';
import type { SpecResult } from './specs.js';

const results: SpecResult[] = [];
const env = jasmine.getEnv();
env.configure({ random: false });
env.addReporter({
  specDone({ fullName, status, failedExpectations }: jasmine.SpecResult) {
    results.push({ name: fullName, status, error: failedExpectations[0]?.message });
  },
});

async function run(): Promise<void> {
  const { backend, adapter, threads } = settings;
  const { accelerate, shareHeap } = adapter ? await import(adapter) : {};
  if (threads > 1) shareHeap(tf);
  await tf.setBackend(backend);
  if (adapter) await accelerate(tf, { backend, threads });
  await env.execute();
  process.send?.(results, () => process.disconnect());
}

void run();
