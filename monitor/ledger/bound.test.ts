import { expect, test } from 'vitest';
import { costAmount, inputTokens } from '../../instrumentation/src/catalog/llm.ts';
import { taskRetryCount } from '../../instrumentation/src/catalog/tasks.ts';
import { chat, span, task } from '../testing/some-facts.ts';
import { fold } from './fold.ts';
import { isoOf, read, timesFrom } from './span.ts';

test.each([
  ['tokens', 1e9, 1e9 + 1, inputTokens],
  ['tokens', 7, 7.5, inputTokens],
  ['USD', 1e5, 100_001, costAmount],
  ['USD', 0.25, Number.POSITIVE_INFINITY, costAmount],
  ['retries', 1e6, 1e6 + 1, taskRetryCount],
])('R03 %s may be %d, and not %d', (_, possible, impossible, attribute) => {
  const told = (value: number) => read(span({ id: '01', attributes: { [attribute.name]: value } }), attribute);
  expect(told(possible)).toBe(possible);
  expect(told(impossible)).toBeUndefined();
});

test('R03 an impossible number is not known; what else the span tells is', () => {
  const { steps } = fold([
    chat({ id: '01', usd: 1e10, tokens: [1e12, 5] }),
    task('t', { id: '02', attributes: { 'agent.task.retry.count': -3 } }),
    chat({ id: '03', usd: 2, tokens: [1, 5] }),
  ]);
  const told = steps.map((one) => [
    one.cost_micro_usd,
    one.input_tokens,
    one.output_tokens,
    one.unpriced_calls,
    one.attempt,
  ]);
  expect(told).toEqual([
    [null, 0, 5, 1, 1],
    [null, 0, 0, 0, 1],
    [2_000_000, 1, 5, 0, 1],
  ]);
});

test('R03 times are within the years that sort as text', () => {
  expect([isoOf(-1e18), isoOf(0), isoOf(1e18)]).toEqual([
    '0000-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ]);
  const { started_at, completed_at, duration_ms } = timesFrom(-1e18, 1e18);
  expect(duration_ms).toBe(Date.parse(completed_at as string) - Date.parse(started_at));
});
