import { defineConfig } from 'vitest/config';

const ignore = ['**/node_modules/**', '**/dist/**', '**/.fleetscope/**'];

const unit = {
  // One kind after the other: what is measured on real processes is not to be disturbed by the next kind.
  sequence: { groupOrder: 0 },
  exclude: [
    ...ignore,
    'test/package/**',
    'test/stack/**',
    'test/faults/**',
    'test/compose/**',
    'test/k8s/**',
    'instrumentation/**/*.process.test.ts',
    '**/*.browser.test.ts',
  ],
  testTimeout: 20_000,
  // By default one core stays idle, which on two is half of them.
  maxWorkers: '100%',
};

/** Tests of pure functions over every query, rule and page: parsing those takes seconds, which files may share. */
const generators = ['grafana/**', 'prometheus/**', 'queries/**', 'alertmanager/*.test.ts', 'test/*.test.ts'];

/**
 * `unit`: beside the source, parallel, seconds. `unit-generators`: the same, of what is generated, in one world for all files
 * of a worker. `package`: processes that preload the built package, as a stranger has it.
 * `stack`: real binaries, one file after the other. `faults`: the demo's troubles against the rules, on the real clock.
 * `compose`: a real engine. `browser`: a real Chromium.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/plain-line.ts'],
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...unit.exclude, ...generators],
        },
      },
      {
        test: {
          ...unit,
          name: 'unit-generators',
          include: generators.map((path) => path.replace(/\*\*$/, '**/*.test.ts')),
          isolate: false,
        },
      },
      {
        test: {
          name: 'package',
          sequence: { groupOrder: 1 },
          include: ['test/package/**/*.test.ts', 'instrumentation/**/*.process.test.ts'],
          exclude: ignore,
          globalSetup: 'test/package/setup.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'stack',
          sequence: { groupOrder: 2 },
          include: ['test/stack/**/*.test.ts'],
          exclude: ignore,
          // Binaries that are not cached yet are built here, once, with visible progress.
          globalSetup: 'test/stack/binaries.ts',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'faults',
          sequence: { groupOrder: 3 },
          include: ['test/faults/**/*.test.ts'],
          exclude: ignore,
          globalSetup: 'test/stack/binaries.ts',
        },
      },
      {
        test: {
          name: 'compose',
          sequence: { groupOrder: 4 },
          include: ['test/compose/**/*.test.ts'],
          exclude: ignore,
          testTimeout: 600_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'k8s',
          sequence: { groupOrder: 4 },
          include: ['test/k8s/**/*.test.ts'],
          exclude: ignore,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 2_400_000,
        },
      },
      {
        test: {
          name: 'browser',
          sequence: { groupOrder: 4 },
          include: ['**/*.browser.test.ts'],
          exclude: ignore,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
