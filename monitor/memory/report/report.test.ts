import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Estimate } from '../../analysis/interval.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import { money, number, share } from '../../words.ts';
import type { Outcome } from '../consolidate/work-week.ts';
import { successShare } from '../knowledge/measured.ts';
import type { Snapshot } from '../record.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { between, successChange } from './months.ts';
import { reportPage } from './page.ts';
import { readMonth } from './read-month.ts';
import { bandPath, linear, linePath, shareTicks, ticks } from './scale.ts';

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

test('M06 days that lost a part are in the sums, and in no average of days nor in a change of it', async () => {
  const month = await readMonth(there.memory, '2026-01');
  const isLost = ({ date }: Snapshot) => date >= '2026-01-20' && date <= '2026-01-24';
  const emptied = (day: Snapshot): Snapshot => ({
    ...{ ...day, ledger: 'part', agents: day.agents.slice(0, 1), models: day.models.slice(0, 1) },
    tasks: { ...day.tasks, completed: 5, failed: 0 },
    cost: { ...day.cost, micro_usd: 1000 },
  });
  const [lost, without] = [
    reportPage({ ...month, days: month.days.map((day) => (isLost(day) ? emptied(day) : day)) }, 18),
    reportPage({ ...month, days: month.days.filter((day) => !isLost(day)) }, 18),
  ];
  const daily = (text: string) => text.match(/(?<=<dd class="change">)[^<]+ a day; [^<]+/g);
  expect(daily(lost)).toHaveLength(2);
  expect(daily(lost)).toEqual(daily(without));
  const moved = (text: string) => / cost \$[^<]+ in December 2025\. No agent/.exec(text)?.[0];
  expect(moved(lost)).toBeDefined();
  expect(moved(lost)).toBe(moved(without));
  expect(daily(lost)).not.toEqual(daily(reportPage(month, 18)));
});

test('M06 what is not known is not drawn as nothing: the day is grey, and the month before is said to be unknown', async () => {
  const [january, december] = [await page('2026-01'), await page('2025-12')];
  expect(january).toContain('Nothing is known of 2026-01-12: this day is in no sum.');
  // One grey day in each of the six charts, and beside each of two errors.
  expect(january.match(/<rect class="unknown"/g)).toHaveLength(8);
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
  expect(charts.map(([, title, desc, ownTitle, ownDesc]) => title === ownTitle && desc === ownDesc)).toEqual(
    Array.from({ length: 6 }, () => true),
  );
  expect(text.match(/<details><summary>The numbers<\/summary><div class="wide"><table class="rows">/g)).toHaveLength(6);
  expect(text).toContain('budget $18.00');
  const above = there.days.filter(
    ({ date, cost }) => date.startsWith('2026-01') && (cost.micro_usd ?? 0) > 18e6,
  ).length;
  expect(text).toContain(`Above the budget of $18.00 on ${above} of 30 days.`);
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
  expect(text).toMatch(/<code>error:fedcba987654<\/code>.*<span class="state quiet">quiet/);
  expect(text).toContain('<code>run-fedcba987654-2026-01-09</code>');
  expect(text).toContain('As it stood at the end of 2026-W04.');
  expect(text).toContain('<code>lesson:model-choice/write/claude-haiku-4.5-instead-of-claude-sonnet-5</code>');
  expect(text).toMatch(/<span class="state lesson">lesson<\/span><p>[^<]*costs/);
  expect(text).toContain('30 decisions: 30 went well, 0 failed');
});

test('M06 what stands out is computed, with ids: the dearest day, the agent whose cost moved, the work that fails more', async () => {
  const text = await page('2026-01');
  const told = text.slice(text.indexOf('What stands out'), text.indexOf('Day by day'));
  const january = there.days.filter(({ date }) => date.startsWith('2026-01'));
  const dearest = january.toSorted((a, b) => (b.cost.micro_usd ?? 0) - (a.cost.micro_usd ?? 0))[0];
  expect(told).toContain(
    `the dearest was ${dearest?.date} with ${money(dearest?.cost.micro_usd ?? null)}. <code>day:${dearest?.date}</code>`,
  );
  expect(told).toMatch(/director cost \$\d+\.\d\d a day, \d+\.\d % more/);
  const [ended, failed] = (['ended', 'failed'] as const).map((what) =>
    january
      .flatMap(({ work }) => work.filter(({ agent_name }) => agent_name === 'code'))
      .reduce((sum, one) => sum + one[what], 0),
  ) as [number, number];
  expect(told).toContain(`code write failed more: ${share(failed / ended)} of ${number(ended)} tasks`);
  // Told of the month, and not of its weeks again.
  expect(told).not.toContain('the share that fails rose');
  // What is the same as in the month before does not stand out.
  await using steady = await rememberedDays({ ...elevenWeeks, habits: elevenWeeks.habits.slice(1, 2), troubles: [] });
  expect(reportPage(await readMonth(steady.memory, '2026-01'), 18)).toContain('Nothing that chance would not explain.');
});

/** Ten days, each as good as the others, or every second one twice as bad and the others without a failure. */
const tenDays = (each: number, failed: number, isClustered = false): Outcome => {
  const on = (at: number) => (isClustered ? (at % 2) * 2 * failed : failed);
  const days = Array.from({ length: 10 }, (_, at) => [`2026-01-1${at}`, { ended: each, failed: on(at) }] as const);
  return { ended: 10 * each, failed: 10 * failed, days: new Map(days) };
};

test('M06 a rate has its interval, and a change that may be chance is called so', () => {
  const [before, after, none] = [tenDays(100, 5), tenDays(100, 10), tenDays(0, 0)];
  expect(between(successShare(after) as Estimate)).toBe('88.0 to 91.7 %');
  expect(successChange(after, before)).toMatchObject({ text: '5.0 points less', range: '2.7 to 7.3' });
  expect(successChange(before, after)?.text).toBe('5.0 points more');
  expect(successChange(tenDays(100, 6), tenDays(100, 5))).toMatchObject({
    ...{ text: 'not to be told apart', points: undefined },
  });
  expect(successChange(none, before)).toBeUndefined();
  expect(successChange(after, undefined)).toBeUndefined();
});

test('M06 failures that come together, on bad days, make a rate and its change less sure', () => {
  expect(successChange(tenDays(100, 10, true), tenDays(100, 5))?.points).toBeUndefined();
  const { low, high } = successShare(tenDays(100, 10, true)) as Estimate;
  expect([low < 0.87, high > 0.925]).toEqual([true, true]);
  // Of two days nobody knows how much they differ.
  const days = new Map([...tenDays(100, 10).days].slice(0, 2));
  expect(successShare({ ended: 200, failed: 20, days })).toBeUndefined();
});

test('M06 of a month that is not over, days to come are neither missing nor grey', async () => {
  await using one = await rememberedDays({ ...elevenWeeks, from: '2026-02-02', days: 1 }, (day) => ({
    ...{ ...day, state: 'open', through: `${day.date}T23:00:00.000Z` },
  }));
  const text = await page('2026-02', one);
  expect(text).toContain('The memory begins on 2026-02-02.');
  expect(text).toContain('February 2026 is told until 2026-02-02: the memory ends there.');
  expect(text).toContain('2026-02-02 is told so far: the day was not closed yet.');
  expect(text).not.toContain('Nothing is known of');
  expect(text).not.toContain('<rect class="unknown"');
  // Its tables have the one day.
  expect(text.match(/<td class="word">2026-02-\d\d<\/td>/g)).toHaveLength(6);
  expect(text).toContain('<dt>Days known</dt><dd class="value">1 of 28</dd>');
});

test('M06 a month without work says so: no axis of nothing, no share of nothing', async () => {
  await using idle = await rememberedDays({ ...elevenWeeks, habits: [], troubles: [], days: 9 });
  const text = await page('2025-12', idle);
  expect(text).toContain('0 tasks ended; it cost');
  expect(text).toContain('<dt>Success</dt><dd class="value">-</dd>');
  expect(text).toContain('Nothing failed, as far as it is known.');
  expect(text.match(/>nothing to show</g)).toHaveLength(5);
  expect(text).not.toMatch(/undefined|NaN|Infinity/);
});

test('M06 a figure of fewer days than the month says of how many, and a day is one of those', async () => {
  const unknown = { raised: null, resolved: null, open: null, alerts: [] };
  const known = new Set(['2026-02-02', '2026-02-03']);
  await using partly = await rememberedDays({ ...elevenWeeks, from: '2026-02-02', days: 4 }, (day) => ({
    ...{ ...day, incidents: known.has(day.date) ? { ...unknown, raised: 3 } : unknown },
    cost: { ...day.cost, micro_usd: known.has(day.date) ? 5_000_000 : null },
  }));
  const text = await page('2026-02', partly);
  expect(text).toContain('<dt>Incidents</dt><dd class="value">6 (of 2 days)</dd>');
  expect(text).toContain('<dt>Cost</dt><dd class="value">$10.00 (of 2 days)</dd>');
  expect(text).toContain('$5.00 a day');
});

test('M06 a day that the ledger has lost is one of which nothing is known', async () => {
  await using holed = await rememberedDays({ ...elevenWeeks, from: '2026-02-02', days: 4 }, (day) => ({
    ...day,
    ledger: day.date === '2026-02-03' ? 'gone' : 'known',
  }));
  const text = await page('2026-02', holed);
  expect(text).toContain('Nothing is known of 2026-02-03: this day is in no sum.');
  expect(text).toContain('<dt>Days known</dt><dd class="value">3 of 28</dd>');
});

test('M06 axes end above the greatest value, at round numbers', () => {
  expect(ticks(25.1, 'amount')).toEqual([0, 10, 20, 30]);
  expect(ticks(0, 'count')).toEqual([0, 1]);
  expect(ticks(3, 'count')).toEqual([0, 1, 2, 3]);
  expect(ticks(0.3, 'amount')).toEqual([0, 0.1, 0.2, 0.3]);
  expect(ticks(140_000, 'time')).toEqual([0, 60_000, 120_000, 180_000]);
  expect(ticks(900, 'time')).toEqual([0, 500, 1000]);
  expect(ticks(30 * 86_400_000, 'time').length).toBeLessThan(6);
  expect(linear([0, 200], 100, 0)(50)).toBe(75);
  expect(linear([0, 0], 100, 0)(0)).toBe(100);
});

test('M06 a share near 1 is drawn from below its least, never beyond 0 and 1', () => {
  expect(shareTicks(0.86)).toEqual([0.85, 0.9, 0.95, 1]);
  expect(shareTicks(1)).toEqual([0.99, 1]);
  expect(shareTicks(0)).toEqual([0, 0.5, 1]);
  expect(linear([0.85, 1], 100, 0)(0.8)).toBe(100);
});

test('M06 a line is broken where nothing is known', () => {
  expect(linePath([[0, 1], [1, 2], null, [3, 4], null])).toBe('M0 1L1 2M3 4');
  expect(linePath([null, null])).toBe('');
  expect(bandPath([[0, 9, 1], [1, 8, 2], null, [3, 7, 3]], 0.5)).toBe('M0 1L1 2L1 8L0 9ZM2.5 3L3.5 3L3.5 7L2.5 7Z');
});
