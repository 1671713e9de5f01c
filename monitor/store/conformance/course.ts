/** What every ledger must tell of how executions went, stretch by stretch. Run by conformance.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../ledger/fact.ts';
import { agent, at, chat, wholeRun, wholeRunCalls } from '../../testing/some-facts.ts';
import type { Course, Ledger } from '../store.ts';
import type { Database } from './database.ts';

const hour = 3600;
const day = 24 * hour;

/** Of one agent of a trace of its own, so many seconds; without an end it still runs. Second 0 is a Thursday, 9 o'clock. */
function work(name: string, from: number, seconds: number, failed = false): Fact[] {
  const trace = `t${name}${from}`;
  return [
    agent(name, { trace, id: '01', from, to: from + seconds, error: failed }),
    chat({ trace, id: '02', parent: '01', from, to: from + 1, usd: 0.001, tokens: [1, 1] }),
  ];
}

export function courseConformance(store: string, empty: () => Promise<Database>): void {
  describe(`${store}: course`, () => {
    let database: Database;
    let ledger: Ledger;
    beforeEach(async () => {
      database = await empty();
      ledger = await database.open();
    });
    afterEach(async () => {
      await ledger.close();
      await database.remove();
    });

    const counts = (course: readonly Course[]) => course.map(({ at, executions }) => [at.slice(0, 13), executions]);

    test('R05 a course has exact counts and money, lengths within 1 %, and no stretch in which nothing began', async () => {
      const lengths = Array.from({ length: 100 }, (_, i) => 1 + i);
      await ledger.record([
        ...lengths.flatMap((seconds, i) => work('code', i * 30, seconds, i < 3)),
        ...work('code', 2 * day, 7),
      ]);
      const near = (ms: number) => expect.closeTo(ms, -Math.log10(ms / 50));
      expect(await ledger.course('day', {})).toEqual([
        {
          ...{ at: '2026-11-26T00:00:00.000Z', executions: 100, in_progress: 0, failed: 3, cost_micro_usd: 100_000 },
          ...{ p50_ms: near(50_000), p95_ms: near(95_000) },
        },
        {
          ...{ at: '2026-11-28T00:00:00.000Z', executions: 1, in_progress: 0, failed: 0, cost_micro_usd: 1000 },
          ...{ p50_ms: near(7000), p95_ms: near(7000) },
        },
      ]);
      expect(await ledger.course('day', { sinceIso: at(3 * day) })).toEqual([]);
    });

    test('R05 a course is by hour, day or week, of one agent or of all, and of its window alone', async () => {
      const begins = [0, hour + 1, 15 * hour - 1, 15 * hour, 3 * day + 15 * hour, 4 * day + 15 * hour];
      await ledger.record([...begins.flatMap((from) => work('code', from, 5)), ...work('qa', 10, 5)]);
      expect(counts(await ledger.course('hour', { untilIso: at(day) }))).toEqual([
        ['2026-11-26T09', 2],
        ['2026-11-26T10', 1],
        ['2026-11-26T23', 1],
        ['2026-11-27T00', 1],
      ]);
      expect(counts(await ledger.course('day', {}, 'code'))).toEqual([
        ['2026-11-26T00', 3],
        ['2026-11-27T00', 1],
        ['2026-11-30T00', 1],
        ['2026-12-01T00', 1],
      ]);
      expect(counts(await ledger.course('week', {}))).toEqual([
        ['2026-11-23T00', 5],
        ['2026-11-30T00', 2],
      ]);
      const some = { sinceIso: at(1), untilIso: at(3 * day + 15 * hour) };
      expect(counts(await ledger.course('week', some))).toEqual([['2026-11-23T00', 4]]);
      expect(counts(await ledger.course('hour', some, 'qa'))).toEqual([['2026-11-26T09', 1]]);
      expect(await ledger.course('week', some, 'nobody')).toEqual([]);
    });

    test('R05 a course counts what still runs as under way, until its end comes', async () => {
      const facts = wholeRunCalls('s1');
      await ledger.record(facts.slice(0, 2));
      expect(await ledger.course('day', {})).toMatchObject([{ executions: 1, in_progress: 1, p50_ms: null }]);
      await ledger.record([...facts, ...wholeRun('s1', 't1')]);
      const [seen] = await ledger.course('day', {});
      expect(seen).toMatchObject({ in_progress: 0, failed: 0 });
      const performance = await ledger.performance({});
      expect(seen?.executions).toBe(performance.reduce((sum, { executions }) => sum + executions, 0));
    });
  });
}
