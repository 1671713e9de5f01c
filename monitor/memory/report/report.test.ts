import { afterAll, beforeAll, expect, test } from 'vitest';
import { money, number, share } from '../../cli/words.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { reportPage } from './page.ts';
import { readMonth } from './read-month.ts';
import { linear, linePath, ticks } from './scale.ts';

let there: Remembered;
beforeAll(async () => {
  there = await rememberedDays(elevenWeeks, (day) => (day.date === '2026-01-12' ? undefined : day));
});
afterAll(() => there[Symbol.asyncDispose]());

const page = async (month: string, of = there) => reportPage(await readMonth(of.memory, month), 18);

test('M06 the report is one file: no network, no script, the same bytes each time', async () => {
  const text = await page('2026-01');
  expect(await page('2026-01')).toBe(text);
  expect(text).not.toMatch(/<script|<link|<img|\bsrc=|url\(|@import|https?:/);
  expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
});

test('M06 its figures are those of the snapshots, with the change against the month before', async () => {
  const text = await page('2026-01');
  const of = (month: string) => there.days.filter(({ date }) => date.startsWith(month));
  const [now, before] = [of('2026-01'), of('2025-12')];
  const cost = (days: typeof now) => sumMicroUsd(days.map((day) => day.cost.micro_usd)) as number;
  const ended = now.reduce((sum, { tasks }) => sum + tasks.completed + tasks.failed, 0);
  const failed = now.reduce((sum, { tasks }) => sum + tasks.failed, 0);
  const card = (name: string, value: string) => `<dt>${name}</dt><dd class="value">${value}</dd>`;
  expect(text).toContain(card('Cost', money(cost(now))));
  expect(text).toContain(card('Tasks ended', number(ended)));
  expect(text).toContain(card('Success', share(1 - failed / ended)));
  const perDay = cost(now) / now.length / (cost(before) / before.length) - 1;
  expect(text).toContain(`${share(perDay)} more than in December 2025`);
  expect(text).toContain(card('Days known', '30 of 31'));
});

test('M06 what is not known is not drawn as nothing: the day is grey, and the month before is said to be unknown', async () => {
  const [january, december] = [await page('2026-01'), await page('2025-12')];
  expect(january).toContain('Nothing is known of 2026-01-12: these days are in no sum.');
  // One grey day in each of the four charts.
  expect(january.match(/<rect class="unknown"/g)).toHaveLength(4);
  expect(january).toContain('<td class="word">2026-01-12</td><td class="number">not known</td>');
  expect(december).not.toContain('<rect class="unknown"');
  expect(december).toContain('November 2025 is not known');
  await expect(page('2025-10')).rejects.toThrow(
    /^Cannot tell of 2025-10: nothing is known of 2025-10-01 to 2025-10-31;/,
  );
});

test('M06 each chart has a title, a description, and its numbers beside it', async () => {
  const text = await page('2026-01');
  const charts = [
    ...text.matchAll(
      /<svg viewBox[^>]*aria-labelledby="(\S+) (\S+)">\n<title id="(\S+)">[^<]+<\/title>\n<desc id="(\S+)">[^<]+<\/desc>/g,
    ),
  ];
  expect(charts.map(([, title, desc, ownTitle, ownDesc]) => title === ownTitle && desc === ownDesc)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(text.match(/<details><summary>The numbers<\/summary><div class="wide"><table>/g)).toHaveLength(4);
  expect(text).toContain('budget $18.00');
  const above = there.days.filter(
    ({ date, cost }) => date.startsWith('2026-01') && (cost.micro_usd ?? 0) > 18e6,
  ).length;
  expect(text).toContain(`Above the budget on ${above} of 30 days.`);
});

test('M06 what agents, models and errors are called is text, whatever is in it', async () => {
  const evil = '<script>alert("1")</script>\u001b[2J&\'';
  await using strange = await rememberedDays({ ...elevenWeeks, days: 8 }, (day) => ({
    ...day,
    agents: day.agents.map((agent) => ({ ...agent, agent_name: `${evil}${agent.agent_name}` })),
    errors: day.errors.map((error) => ({ ...error, error_message: evil, fingerprint: `${evil}${error.fingerprint}` })),
    gaps: [evil],
  }));
  const text = await page('2025-12', strange);
  expect(text).not.toContain('<script');
  expect(text).not.toContain('\u001b');
  expect(text).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;');
});

test('M06 errors come with how they stand, lessons with their evidence', async () => {
  const text = await page('2026-01');
  expect(text).toMatch(/<code>error:fedcba987654<\/code><\/td><td class="word"><span class="state quiet">quiet/);
  expect(text).toContain('As they stood at the end of 2026-W04.');
  expect(text).toMatch(/<span class="state lesson">lesson<\/span> [^<]*costs/);
  expect(text).toContain('30 decisions: 30 went well, 0 failed');
});

test('M06 axes end above the greatest value, at round numbers', () => {
  expect(ticks(25.1, 'amount')).toEqual([0, 10, 20, 30]);
  expect(ticks(0, 'count')).toEqual([0, 1]);
  expect(ticks(3, 'count')).toEqual([0, 1, 2, 3]);
  expect(ticks(0.3, 'amount')).toEqual([0, 0.1, 0.2, 0.3]);
  expect(ticks(140_000, 'time')).toEqual([0, 60_000, 120_000, 180_000]);
  expect(ticks(900, 'time')).toEqual([0, 500, 1000]);
  expect(ticks(30 * 86_400_000, 'time').length).toBeLessThan(6);
  expect(linear(200, 100, 0)(50)).toBe(75);
  expect(linear(0, 100, 0)(0)).toBe(100);
});

test('M06 a line is broken where nothing is known', () => {
  expect(linePath([[0, 1], [1, 2], null, [3, 4], null])).toBe('M0 1L1 2M3 4');
  expect(linePath([null, null])).toBe('');
});
