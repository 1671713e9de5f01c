import { expect, test } from 'vitest';
import { summarize } from './freshness.ts';

test('B09 percentiles are measured values, and lost canaries are counted, not averaged away', () => {
  const latencies = [...Array.from({ length: 99 }, (_, index) => index + 1), undefined];
  expect(summarize('Loki', latencies)).toEqual({
    finding: 'Loki',
    canaries: 100,
    lost: 1,
    p50Ms: 50,
    p95Ms: 95,
    maxMs: 99,
  });
});
