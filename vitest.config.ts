/** Two projects: `unit` needs no browser and runs its files side by side; `browser` drives one, a file at a time. */
import { defineConfig } from 'vitest/config';

/** Tests that open a browser, or start the built command as a process. */
const BROWSER = [
  'test/engine/gpu/**/*.test.ts',
  'test/page/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/package/**/*.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: BROWSER,
          maxWorkers: '100%',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER,
          globalSetup: ['test/globalSetup.ts'],
          // Two cores are soon busy.
          fileParallelism: false,
        },
      },
    ],
  },
});
