import { acquireAll } from '../../engine/native.ts';
import { reporter } from '../../engine/progress.ts';
import { cacheFolder } from '../../native/cache.ts';

/** Before the first whole-stack test: every binary is there, built if it must be. */
export default async function setup(): Promise<void> {
  const report = reporter(process.stderr);
  await acquireAll(
    { cache: cacheFolder(process.env), env: process.env, notice: report.line, progress: report.build },
    () => undefined,
  );
}
