import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Counted } from '../counts.ts';
import { figuresOf, progressOn, progressText } from './progress.ts';
import { summaryRows } from './summary.ts';

const counted: Counted = {
  workflows: { 'build-feature success': 3, 'fix-bug success': 1, 'fix-bug failure': 1, 'cut-release cancelled': 1 },
  tasks: { 'Code code success': 7, 'Code code failure': 2 },
  models: { 'gpt-4o-mini success': 10, 'gpt-4o-mini failure': 1 },
  tokens: { 'gpt-4o-mini input': 1000, 'gpt-4o-mini output': 500 },
  usd: { 'gpt-4o-mini': 0.00045, read_page: 0.00005 },
  approvals: { 'deploy requested': 4, 'deploy escalated': 1, 'deploy approved': 2, 'deploy cancelled': 1 },
};

test('C02 the figures of a run are the sums of what was counted', () => {
  expect(figuresOf(counted)).toEqual({
    ...{ done: 4, failed: 1, calledOff: 1, tasks: 9, modelCalls: 11, tokens: 1500, usd: 0.0005, pendingApprovals: 1 },
  });
  expect(figuresOf({})).toMatchObject({ done: 0, usd: 0, pendingApprovals: 0 });
});

test('the line of progress and the table say the same', () => {
  const line = progressText(figuresOf(counted), { seconds: 61.9, active: 2 });
  expect(line).toBe(
    '61 s · workflows 4 done, 1 failed, 2 active · 1 approvals pending · 9 tasks · 11 model calls · 1500 tokens · USD 0.0005',
  );
  const rows = summaryRows({
    ...{ seconds: 60, sent: { requests: 5, commands: 1, refused: 0 }, counted, ledger: undefined },
    github: { issues: 0, closed: 0, commits: 0 },
  });
  expect(rows).toContainEqual(['Workflows', '4 done, 1 failed, 1 called off']);
  expect(rows).toContainEqual(['Cost', 'USD 0.0005; at this rate USD 0.72 a day']);
  expect(rows.map(([title]) => title)).not.toContain('Ledger');
});

/** A stream that keeps what is written to it. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      written.push(text);
      done();
    },
  });
  return { written, sink: Object.assign(sink, { isTTY, columns: 20 }) as unknown as NodeJS.WriteStream };
}

test('a terminal has one line that rewrites itself', () => {
  const { sink, written } = stream(true);
  const progress = progressOn(sink);
  progress.status('a status longer than the terminal is wide');
  progress.line('a fault');
  progress.status('again');
  progress.end();
  expect(written.map((text) => text.startsWith('\r\x1b[2K'))).toEqual([true, true, true, false]);
  expect(written[0]).not.toContain('wide');
  expect(written.at(-1)).toBe('\n');
});

test('a file gets a line now and then', () => {
  const { sink, written } = stream(false);
  let now = 0;
  const progress = progressOn(sink, () => now);
  now += 14_000;
  progress.status('too soon');
  now += 1_000;
  progress.status('first');
  progress.line('a fault');
  now += 15_000;
  progress.status('second');
  progress.end();
  expect(written).toEqual(['first\n', 'a fault\n', 'second\n']);
});
