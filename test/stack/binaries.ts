import { acquireAll } from '../../engine/native.ts';
import { reporter } from '../../engine/progress.ts';
import { cacheFolder } from '../../native/cache.ts';
import type { Component } from '../../stack.ts';

/** Before the first whole-stack test: every binary is there, built if it must be. */
export default async function setup(): Promise<void> {
  const report = reporter(process.stderr);
  let building: Component | undefined;
  let progress = report.build('collector');
  await acquireAll(
    {
      cache: cacheFolder(process.env),
      env: process.env,
      notice: report.line,
      progress: (component, step, detail) => {
        if (component !== building) progress = report.build(component);
        building = component;
        progress(step, detail);
      },
    },
    () => undefined,
  );
}
