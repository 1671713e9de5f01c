import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const ignore = ['**/node_modules/**', '**/dist/**', '**/.fleetscope/**'];

/** In memory, where programs may be started there: at each commit SQLite waits for the disk, and for all others that write to it. */
const memory = '/dev/shm';
const isOurs =
  existsSync('/proc/mounts') && /^\S+ \/dev\/shm tmpfs rw(?!\S*noexec)/m.test(readFileSync('/proc/mounts', 'utf8'));

const unit = {
  env: isOurs ? { TMPDIR: memory } : {},
  // One kind after the other: what is measured on real processes is not to be disturbed by the next kind.
  sequence: { groupOrder: 0 },
  exclude: [
    ...ignore,
    'test/package/**',
    'test/stack/**',
    'test/faults/**',
    'test/compose/**',
    'test/k8s/**',
    '**/*.process.test.ts',
    '**/*.browser.test.ts',
  ],
  // Room for a machine that is busy with something else: how long it takes is no test's subject here.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // By default one core stays idle, which on two is half of them.
  maxWorkers: '100%',
};

/** The package's own tests share a world that no other test sees: it traces what a program loads. */
const packaged = ['instrumentation/**/*.test.ts'];
/** It keeps what it has seen as long as its process lives: where that is counted to its end, or is garbage, a file has one of its own, in `process`. */
const apart = [
  'instrumentation/src/process-metrics.test.ts',
  'instrumentation/src/fleet/{labels,metrics,resources,shared}.test.ts',
  'instrumentation/src/llm-clients/untouched.test.ts',
];

/** The files of a worker share one world: what each would load and generate anew takes longer than its tests. */
const together = {
  isolate: false,
  // What a test that failed left behind ends before the next one; what outlives its file is the file's to end.
  restoreMocks: true,
  unstubEnvs: true,
  unstubGlobals: true,
};

const stack = {
  include: ['test/stack/**/*.test.ts'],
  exclude: ignore,
  // Binaries that are not cached yet are built here, once, with visible progress.
  globalSetup: 'test/stack/binaries.ts',
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** They promise a time, or measure, or have work for every processor. */
const undisturbed = ['test/stack/{freshness,rules,bench,*-bench}.test.ts'];

/**
 * `unit`: beside the source, parallel, seconds: what is rerun at each save. `process`: what starts programs or whole services,
 * or needs a process to itself, and the whole repository generated anew. `package`: processes that preload the built package, as a stranger has it,
 * and whatever else of the package starts some (`fleet/run`, `fleet/approval`: from source).
 * `stack`: real binaries, two files at a time, and one where it measures. `faults`: the demo's troubles against the rules, on the real clock.
 * `compose`: a real engine. `browser`: a real Chromium.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/plain-line.ts'],
    projects: [
      {
        test: {
          ...unit,
          ...together,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...unit.exclude, ...packaged],
        },
      },
      {
        test: {
          ...unit,
          ...together,
          name: 'unit-package',
          include: packaged,
          exclude: [...unit.exclude, ...apart],
        },
      },
      {
        test: {
          name: 'process',
          sequence: { groupOrder: 1 },
          include: ['**/*.process.test.ts', ...apart],
          exclude: [...ignore, 'instrumentation/**/*.process.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'package',
          sequence: { groupOrder: 2 },
          include: ['test/package/**/*.test.ts', 'instrumentation/**/*.process.test.ts'],
          exclude: ignore,
          globalSetup: 'test/package/setup.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      // Two side by side: a file waits for its servers most of the time. No more: each may have a whole stack.
      {
        test: {
          ...stack,
          name: 'stack',
          sequence: { groupOrder: 3 },
          exclude: [...ignore, ...undisturbed],
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...stack,
          name: 'stack-undisturbed',
          sequence: { groupOrder: 4 },
          include: undisturbed,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          sequence: { groupOrder: 5 },
          include: ['test/faults/**/*.test.ts'],
          exclude: ignore,
          globalSetup: 'test/stack/binaries.ts',
        },
      },
      {
        test: {
          name: 'compose',
          sequence: { groupOrder: 6 },
          include: ['test/compose/**/*.test.ts'],
          exclude: ignore,
          testTimeout: 600_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'k8s',
          sequence: { groupOrder: 6 },
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
          sequence: { groupOrder: 6 },
          include: ['**/*.browser.test.ts'],
          exclude: ignore,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
