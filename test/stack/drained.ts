import { expect } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { readPipeline } from '../../doctor/pipeline.ts';
import type { Targets } from '../../doctor/targets.ts';

/** Everything that was sent to the Collector has been passed on. */
export async function drained(targets: Targets): Promise<void> {
  let quiet = 0;
  const empty = async () => {
    const { exporters } = await readPipeline(targets);
    quiet = Object.values(exporters).every(({ queued }) => queued === 0) ? quiet + 1 : 0;
    return quiet > 5;
  };
  expect(await until(empty, { timeoutMs: 60_000, everyMs: 200 }), 'queues of the Collector empty').toEqual({
    found: true,
  });
}
