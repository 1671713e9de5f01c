/** Whatever is recorded, in whatever portions: SQLite tells what the plainest ledger tells. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyFacts } from '../../testing/any-facts.ts';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { at } from '../../testing/some-facts.ts';
import type { CostBy, Ledger, Sample, Window } from '../store.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const all = { limit: Number.POSITIVE_INFINITY };
const hours = [0, 1, -25, -30, -60];
const moment = fc.option(
  fc
    .tuple(fc.constantFrom(...hours, -24), fc.integer({ min: -3, max: 12 }))
    .map(([hour, second]) => at(hour * 3600 + second)),
  { nil: undefined },
);
const window = fc
  .tuple(moment, moment)
  .map(([sinceIso, untilIso]): Window => ({ ...(sinceIso && { sinceIso }), ...(untilIso && { untilIso }) }));

/** All that a ledger answers. */
async function told(ledger: Ledger | SqliteLedger, window: Window, beforeIso: string) {
  const by: CostBy[] = ['agent', 'model', 'task', 'tool', 'workflow'];
  const order = (a: Sample, b: Sample) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const runs = await ledger.orchestrations({ ...all, ...window });
  return {
    runs,
    executions: await ledger.executions({ ...all, ...window }),
    newest: await ledger.executions({ limit: 3, newestFirst: true, agentName: 'code' }),
    steps: await Promise.all(runs.map(({ id }) => ledger.steps(id))),
    health: await ledger.health(window.sinceIso ?? at(-1e6)),
    performance: await ledger.performance(window),
    failures: await ledger.failures(10, window),
    costs: await Promise.all(by.map((one) => ledger.costs(one, window))),
    losses: await ledger.losses(window),
    course: await ledger.course('day', window),
    samples: [...(await ledger.samples(window, 1000))].sort(order),
    removable: await ledger.removable(beforeIso),
  };
}

test('R02 SQLite tells of any facts what the ledger in memory tells, before and after a cleanup', async () => {
  const now = () => Date.parse(at(2 * 3600));
  const cases = fc
    .record({ facts: anyFacts(hours), window, before: moment, portion: fc.integer({ min: 1, max: 30 }) })
    .chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given.facts, { minLength: given.facts.length })),
    );
  let count = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ([{ window, before = at(-24 * 3600), portion }, facts]) => {
      const file = join(folder, `${count++}.db`);
      const sqlite = new SqliteLedger(file, { now, notice: expect.unreachable });
      // Hundreds of files: none of them has to outlive a power cut.
      sqlite.connection.database.exec('PRAGMA synchronous = OFF');
      const memory = new MemoryLedger([], now);
      try {
        for (let i = 0; i < facts.length; i += portion) {
          sqlite.record(facts.slice(i, i + portion));
          await memory.record(facts.slice(i, i + portion));
        }
        expect(await told(sqlite, window, before)).toEqual(await told(memory, window, before));
        const { bytesFreed: _, ...gone } = sqlite.cleanup(before);
        expect({ ...gone, bytesFreed: 0 }).toEqual(await memory.cleanup(before));
        expect(await told(sqlite, {}, before)).toEqual(await told(memory, {}, before));
        expect(sqlite.damage()).toBeUndefined();
      } finally {
        sqlite.close();
        rmSync(file);
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);
