import { expect, test } from 'vitest';
import { moduleLoads } from '../../instrumentation/src/catalog/commands.ts';
import { sessionDuration, sessionType } from '../../instrumentation/src/catalog/sessions.ts';
import { promql } from '../../queries/promql.ts';
import { countOf } from './count-of.ts';
import { counted } from './counted.ts';
import { fewest } from './fewest.ts';
import { slowness } from './slower.ts';
import { series } from './world.ts';

const failed = series(moduleLoads, { status: 'failure' });

test.each([
  [0.02, 100],
  [0.05, 40],
  [0.5, 4],
  [0.15, 14],
])('A17 beyond %d of the fewest events, %i, are three bad ones, not two', (share, events) => {
  expect(fewest(share)).toBe(events);
  expect([2, 3].map((bad) => bad / events > share)).toEqual([false, true]);
});

test('A17 what is counted keeps the environment and what it is asked for, and is proved', () => {
  const loads = promql`${moduleLoads}{status="failure"}`;
  const rare = { within: '5m', means: 'modules', like: failed, exactly: true } as const;
  const { query, proof } = counted('service:modules:added5m', loads, { ...rare, by: ['service_name'] });
  expect([...query.labels]).toEqual(['deployment_environment_name', 'service_name']);
  expect(query.text).toContain('last_over_time(module_loads_total{status="failure"}[1h] offset 5m)');
  expect(proof.map(({ title }) => title)).toContain('counts what is there at the first look');
  const often = counted('environment:modules:increase5m', loads, { ...rare, exactly: false });
  expect(often.query.text).toBe(
    'sum by (deployment_environment_name) (increase(module_loads_total{status="failure"}[5m]))',
  );
  expect(often.proof).toHaveLength(1);
});

test('A17 a count under a label that its metric does not have is refused', () => {
  const wrong = { within: '5m', means: 'modules', like: failed, by: ['agent_name'] } as const;
  expect(() => counted('service:modules:increase5m', moduleLoads, wrong)).toThrow('has no label agent_name');
});

test('A18 what is slower than its own past is told above a floor, and with enough of both', () => {
  const of = slowness('session:duration_seconds', sessionDuration, {
    ...{ q: 0.5, by: [sessionType], within: '30m' },
    like: series(sessionDuration, { session_type: 'chat' }),
  });
  expect(of.slower({ over: 2, atLeast: 10, enough: 4 }).text).toBe(
    'session:duration_seconds:p50_30m > 2 * session:duration_seconds:p50_past1d and session:duration_seconds:p50_30m >= 10 and session:duration_seconds:count_30m >= 4 and session:duration_seconds:count_past1d >= 20',
  );
  expect(of.rules.map(({ proof }) => proof.length)).toEqual([1, 1, 1, 1]);
});

test('A17 the count of a histogram is a counter with its labels', () => {
  expect(countOf(sessionDuration)).toMatchObject({ name: 'session_duration_seconds_count', type: 'counter' });
  expect(countOf(sessionDuration).labels).toContain('session_type');
});
