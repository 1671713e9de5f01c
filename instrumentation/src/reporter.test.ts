import { expect, test } from 'vitest';
import { Reporter } from './reporter.ts';

function bench(level: 'none' | 'error' | 'warn' | 'info' = 'warn') {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const reporter = new Reporter(
    level,
    (line) => lines.push(line),
    () => clock.nowMs,
  );
  return { lines, clock, reporter };
}

test('I01 each message is said at most once a minute', () => {
  const { lines, clock, reporter } = bench();
  for (clock.nowMs of [0, 1, 59_999]) reporter.warn('down');
  reporter.warn('other');
  expect(lines).toEqual(['fleetscope: down\n', 'fleetscope: other\n']);
  clock.nowMs = 60_000;
  reporter.warn('down');
  expect(lines).toHaveLength(3);
});

test('I01 messages of one kind count as the same', () => {
  const { lines, reporter } = bench();
  reporter.warn('failed after 3 ms', 'failed');
  reporter.warn('failed after 4 ms', 'failed');
  expect(lines).toEqual(['fleetscope: failed after 3 ms\n']);
});

test.each([
  ['none', []],
  ['error', []],
  ['warn', ['fleetscope: down\n']],
  ['info', ['fleetscope: down\n', 'fleetscope: started\n']],
] as const)('I02 OTEL_LOG_LEVEL=%s decides what is said', (level, expected) => {
  const { lines, reporter } = bench(level);
  reporter.warn('down');
  reporter.info('started');
  expect(lines).toEqual(expected);
});
