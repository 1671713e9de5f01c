import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../doctor/doctor.ts';
import { freshnessTable } from '../../doctor/print.ts';
import { startStack, type TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

test('P08 spans, metrics and logs are findable within 10 s (p95 of 60 canaries, SDK batching left out)', async () => {
  const { freshness } = await examine(stack.targets, { canaries: 60, timeoutMs: 30_000 });
  console.log(freshnessTable(freshness));
  expect(freshness.map(({ finding }) => finding)).toEqual([
    'Tempo, by id',
    'Tempo, by search',
    'Prometheus',
    'Loki',
    'Ledger',
  ]);
  for (const { finding, canaries, lost, p95Ms } of freshness) {
    expect({ finding, canaries, lost }).toEqual({ finding, canaries: 60, lost: 0 });
    expect(p95Ms, `p95 of ${finding} in ms`).toBeLessThan(10_000);
  }
});
