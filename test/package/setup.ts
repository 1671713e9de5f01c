import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildIfStale } from '../../instrumentation/src/testing/host.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run keeps what its files share. */
    packageTests: string;
  }
}

/** Before the first test: the package is built, once; what the files install goes with the run. */
export default function setup(project: TestProject): () => void {
  buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-package-'));
  project.provide('packageTests', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
