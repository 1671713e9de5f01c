/** Every number in the report of a month, computed again from the rows: table by table, by other code than that which wrote it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminal } from '../../testing/run-command.ts';
import { isRemembered } from '../ask/evidence.ts';
import { showRemembered } from '../ask/show.ts';
import { numbersIn } from '../consolidate/numbers.ts';
import type { Decision, Finding, Snapshot } from '../record.ts';
import { dollars, percent, plus, seconds } from '../testing/plain-numbers.ts';
import { costOf, Recomputed } from '../testing/recomputed.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { reportPage } from './page.ts';
import { readMonth } from './read-month.ts';

let there: Remembered;
let page: string;
let rows: Recomputed;
let now: readonly Snapshot[];
let findings: readonly Finding[];
let decisions: readonly Decision[];
beforeAll(async () => {
  there = await rememberedDays(elevenWeeks);
  page = reportPage(await readMonth(there.memory, '2026-01'), 18);
  rows = new Recomputed(there.days, '2026-01-31');
  now = there.days.filter(({ date }) => date.startsWith('2026-01'));
  findings = await there.memory.findings('2026-W05');
  decisions = await there.memory.decisions({ from: '2026-01-01', to: '2026-01-31' });
});
afterAll(() => there[Symbol.asyncDispose]());

const read = (markup: string) =>
  markup
    .replace(/<svg[\s\S]*?<\/svg>|<style>[\s\S]*?<\/style>|<code>[\s\S]*?<\/code>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const section = (heading: string) =>
  page.split('<section>').find((part) => part.includes(`<h2>${heading}</h2>`)) ?? expect.unreachable(heading);
/** The cells of all lines of tables, as they are read. */
const lines = (markup: string) =>
  [...markup.matchAll(/<tr>(<td[\s\S]*?)<\/tr>/g)].map(([, line]) =>
    [...`${line}`.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell]) => read(`${cell}`).trim()),
  );
const thousands = (value: number) => (value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ' '));
const clock = (ms: number) => {
  const whole = Math.round(ms / 1000);
  return ms < 60_000
    ? seconds(ms)
    : [Math.floor(whole / 60), whole % 60].map((one, at) => `${one} ${at === 0 ? 'min' : 's'}`).join(' ');
};
const money = (of: readonly { cost: { micro_usd: number | null } }[]) =>
  dollars(plus(of.map(({ cost }) => cost.micro_usd ?? 0)));

function ofDay({ tasks, p95_ms, cost, approvals, agents, models }: Snapshot): string[] {
  const { completed, failed } = tasks;
  return [
    ...[thousands(completed), thousands(failed), percent(completed / (completed + failed))],
    ...[clock(p95_ms ?? 0), clock(approvals.p95_wait_ms ?? 0), dollars(cost.micro_usd ?? 0)],
    ...[...agents, ...models].map((one) => dollars(one.cost.micro_usd ?? 0)),
  ];
}

const stray = (text: string, known: readonly string[]) => {
  const may = new Set(known.flatMap(numbersIn));
  return numbersIn(text).filter((one) => !may.has(one));
};

test('B10 the report: each day beside its chart', () => {
  const all = lines(section('Day by day'));
  // Three charts at least, each with every day of the month.
  expect(all.length).toBeGreaterThanOrEqual(3 * 31);
  for (const [date = '', ...cells] of all) {
    const day = now.find((one) => one.date === date) as Snapshot;
    expect(stray(cells.join(' | '), ofDay(day)), date).toEqual([]);
  }
  const other = { ...(now[0] as Snapshot), tasks: { ...(now[0] as Snapshot).tasks, completed: 1 } };
  expect(
    all.filter(([date]) => date === '2026-01-01').flatMap((cells) => stray(cells.slice(1).join(' | '), ofDay(other))),
  ).not.toEqual([]);
});

test('B10 the report: the figures at its head', () => {
  const before = there.days.filter(({ date }) => date.startsWith('2025-12'));
  const of = (days: readonly Snapshot[]) => {
    const [ended, failed] = [
      plus(days.map(({ tasks }) => tasks.completed + tasks.failed)),
      plus(days.map(({ tasks }) => tasks.failed)),
    ];
    const [spent, lost] = [
      plus(days.map(({ cost }) => cost.micro_usd ?? 0)),
      plus(days.map(({ cost }) => cost.failed_micro_usd ?? 0)),
    ];
    return {
      ended,
      failed,
      spent,
      lost,
      days: days.length,
      asked: plus(days.map(({ approvals }) => approvals.asked)),
      raised: plus(days.map(({ incidents }) => incidents.raised ?? 0)),
    };
  };
  const [is, was] = [of(now), of(before)];
  const value = (name: string) =>
    read(new RegExp(`<dt>${name}</dt><dd class="value">(.*?)</dd>`, 's').exec(page)?.[1] ?? '').trim();
  expect([value('Cost'), value('Tasks ended'), value('Success')]).toEqual([
    dollars(is.spent),
    thousands(is.ended),
    percent(1 - is.failed / is.ended),
  ]);
  expect([value('Spent on what failed'), value('Approvals asked'), value('Incidents')]).toEqual([
    dollars(is.lost),
    `${is.asked}`,
    `${is.raised}`,
  ]);
  const change = (name: string) =>
    read(new RegExp(`<dt>${name}</dt>(?:.*?)<dd class="change">(.*?)</dd></div>`, 's').exec(page)?.[1] ?? '');
  expect(change('Cost')).toContain(dollars(is.spent / is.days));
  expect(change('Cost')).toContain(percent(Math.abs(is.spent / is.days / (was.spent / was.days) - 1)));
  expect(change('Success')).toContain(thousands(is.failed));
});

test('B10 the report: what the money went to, errors, and what was learnt', () => {
  for (const line of lines(section('What the money went to'))) {
    const name = line[0] as string;
    const of = now.flatMap(({ agents, models }) => [
      ...agents.filter((one) => one.agent_name === name),
      ...models.filter((one) => one.model === name),
    ]);
    expect(line, name).toContain(money(of));
    expect(line, name).toContain(dollars(plus(of.map(({ cost }) => cost.failed_micro_usd ?? 0))));
  }
  const errors = lines(section('Errors').split('<h2>Incidents')[0] as string);
  expect(errors).toHaveLength(2);
  for (const [at, line] of [...section('Errors').matchAll(/error:([0-9a-f]{12})/g)]
    .map(([, one]) => one as string)
    .entries()) {
    const seen = rows.errorsOf(line, '2026-01-01', '2026-01-31');
    expect(errors[at]).toEqual(
      expect.arrayContaining([`${plus(seen.map(({ times }) => times))}`, `${seen.length}`, costOf(seen)]),
    );
  }
  const learnt = [...section('What was learnt').matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item]) => read(`${item}`));
  expect(learnt.length).toBeGreaterThan(2);
  const told = findings.map((one) => rows.ofFinding(one));
  for (const item of learnt) {
    // How long it has been seen is its own test's: consolidate/findings.test.ts.
    const standing = /(?:Seen (?:once, )?in|Contradicted in|Not seen again until) [^;]+/.exec(item)?.[0] ?? '';
    expect(
      told.some((known) => stray(item, [...known, standing]).length === 0),
      item,
    ).toBe(true);
  }
});

test('B10 the report: decisions, approvals, incidents', () => {
  const by = (outcome: string) => `${decisions.filter((one) => one.outcome === outcome).length}`;
  const clocks = decisions.map(({ at, choice }) => `${at.slice(11, 16)} ${choice}`);
  expect(
    stray(read(section('Decisions')).replace(/\d\d-\d\d \d\d:\d\d/g, ''), [
      `${decisions.length}`,
      by('success'),
      by('failure'),
      by('unknown'),
      ...clocks,
    ]),
  ).toEqual([]);
  const asked = (of: 'asked' | 'approved' | 'rejected' | 'unanswered') =>
    `${plus(now.map(({ approvals }) => approvals[of]))}`;
  const first = read(section('Approvals')).match(/\d+ approvals? asked[^.]*/)?.[0] ?? '';
  expect(stray(first, [asked('asked'), asked('approved'), asked('rejected'), asked('unanswered')])).toEqual([]);
  const sums = (of: 'raised' | 'resolved') => `${plus(now.map(({ incidents }) => incidents[of] ?? 0))}`;
  expect(read(section('Incidents'))).toContain(`${sums('raised')} raised, ${sums('resolved')} resolved`);
});

test('B10 every id in the report opens by show, or is a run of the rows', async () => {
  const runs = JSON.stringify(there.days);
  const ids = [...page.matchAll(/<code>([^<]*)<\/code>/g)].map(([, id]) => `${id}`).filter((id) => !/^npm |…/.test(id));
  expect(new Set(ids).size).toBeGreaterThan(8);
  for (const id of new Set(ids)) {
    if (isRemembered(id)) expect((await showRemembered(there.memory, id, terminal(80))).text).toBeTruthy();
    else expect(runs).toContain(JSON.stringify(id));
  }
});
