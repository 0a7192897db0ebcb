import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: process.env.CI ? ['default', ['json', { outputFile: process.env.TEST_JSON ?? 'build/test-results.json' }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/wasm/generated/**', 'src/types.ts', 'src/engine.ts'],
      reporter: ['text'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/tfjs/**', 'test/install/**', 'test/site/**', 'test/project/examples-tfjs.test.ts'],
        },
      },
      // One file after the other: a browser with two threads has all of a small machine.
      { extends: true, test: { name: 'browser', include: ['test/browser/*.test.ts'], fileParallelism: false } },
      { extends: true, test: { name: 'install', include: ['test/install/*.test.ts'], fileParallelism: false } },
      {
        extends: true,
        test: { name: 'site', include: ['test/site/*.test.ts'], globalSetup: ['test/site/build.ts'], fileParallelism: false },
      },
      { extends: true, test: { name: 'tfjs-browser', include: ['test/tfjs/browser/*.test.ts'] } },
      { extends: true, test: { name: 'tfjs', include: ['test/tfjs/*.test.ts', 'test/project/examples-tfjs.test.ts'] } },
    ],
  },
});
