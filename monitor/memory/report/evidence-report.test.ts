/** Every number in the report of a month, computed again from the rows: table by table, by other code than that which wrote it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminal } from '../../testing/run-command.ts';
import { isRemembered } from '../ask/evidence.ts';
import { showRemembered } from '../ask/show.ts';
import { numbersIn } from '../consolidate/numbers.ts';
import type { AgentDay, Decision, Finding, ModelDay, Snapshot, WorkDay } from '../record.ts';
import { type DayShare, type Ends, moreBy, shareOfDays } from '../testing/plain-chances.ts';
import { dollars, endedOf, failedOf, percent, plus, seconds, values } from '../testing/plain-numbers.ts';
import { costOf, Recomputed } from '../testing/recomputed.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import type { Fleet } from '../testing/some-days.ts';
import { reportPage } from './page.ts';
import { readMonth } from './read-month.ts';

/** With an error that begins in January. */
const fresh = 'abcabcabcabc';
const fleet: Fleet = {
  ...elevenWeeks,
  troubles: [...(elevenWeeks.troubles ?? []), { fingerprint: fresh, chance: (day) => (day < 40 ? 0 : 0.5) }],
};

/** Two kinds of alert, and a day of which something is not known. */
function troubled(day: Snapshot): Snapshot {
  const number = Number(day.date.slice(8));
  const alerts = [
    { alertname: 'QueueBacklog', severity: 'high', raised: number % 3, resolved: 1, incidents: [day.date] },
    { alertname: 'AgentSlow', severity: 'low', raised: 1, resolved: number % 2, incidents: [day.date] },
  ].slice(number % 4);
  const of = (what: 'raised' | 'resolved') => plus(alerts.map((alert) => alert[what]));
  const incidents = { raised: of('raised'), resolved: of('resolved'), open: number % 5, alerts };
  return { ...day, incidents, gaps: day.date === '2026-01-20' ? ['Something is not known.'] : [] };
}

let there: Remembered;
let page: string;
let rows: Recomputed;
let now: readonly Snapshot[];
let findings: readonly Finding[];
let decisions: readonly Decision[];
beforeAll(async () => {
  there = await rememberedDays(fleet, troubled);
  page = reportPage(await readMonth(there.memory, '2026-01'), 18);
  rows = new Recomputed(there.days, '2026-01-31');
  now = there.days.filter(({ date }) => date.startsWith('2026-01'));
  // The last week that ends in the month.
  findings = await there.memory.findings('2026-W04');
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

/** Of a month, by plain sums. */
function monthly(days: readonly Snapshot[]) {
  const sum = (of: (day: Snapshot) => number | null) => plus(days.map((day) => of(day) ?? 0));
  const times = values(
    days.flatMap(({ work }) => work),
    'durations',
  );
  const [ended, failed] = [sum(({ tasks }) => tasks.completed + tasks.failed), sum(({ tasks }) => tasks.failed)];
  const [spent, lost] = [sum(({ cost }) => cost.micro_usd), sum(({ cost }) => cost.failed_micro_usd)];
  const byDay = days.map(({ tasks }): DayShare => ({ count: tasks.completed, total: tasks.completed + tasks.failed }));
  return {
    ...{ days: days.length, ended, failed, spent, lost, late: times[Math.ceil(0.95 * times.length) - 1] as number },
    ...{ asked: sum(({ approvals }) => approvals.asked), raised: sum(({ incidents }) => incidents.raised) },
    well: shareOfDays(byDay, 0.95) as Ends,
  };
}

const december = () => there.days.filter(({ date }) => date.startsWith('2025-12'));
const more = (is: number, was: number) => `${percent(Math.abs(is / was - 1))} ${is > was ? 'more' : 'less'}`;

/** Told to a tenth, they are within it; the code's normal law is good to four digits. */
function expectNear(told: string | undefined, own: readonly number[]): void {
  const numbers = [...`${told}`.matchAll(/\d+(?:\.\d+)?/g)].map(([one]) => Number(one));
  expect(numbers).toHaveLength(own.length);
  for (const [at, number] of numbers.entries())
    expect(Math.abs(number - Math.abs(own[at] as number)), told).toBeLessThan(0.052);
}

test('B10 the report: each figure at its head, its interval and its change', () => {
  const [is, was] = [monthly(now), monthly(december())];
  const cards = [
    ...page.matchAll(
      /<div><dt>(.*?)<\/dt><dd class="value">(.*?)<\/dd>(?:<dd class="range">(.*?)<\/dd>)?(?:<dd class="change">(.*?)<\/dd>)?<\/div>/g,
    ),
  ].map(([, ...card]) => card.map((one) => one && read(one)));
  const than = 'than in December 2025';
  const points = 100 * (is.lost / is.spent - was.lost / was.spent);
  const plain = [
    [
      'Cost',
      dollars(is.spent),
      `${dollars(is.spent / is.days)} a day; ${more(is.spent / is.days, was.spent / was.days)} ${than}`,
    ],
    [
      'Tasks ended',
      thousands(is.ended),
      `${(is.ended / is.days).toFixed(1)} a day; ${more(is.ended / is.days, was.ended / was.days)} ${than}`,
    ],
    ['95 of 100 tasks within', clock(is.late), `${clock(was.late)} in December 2025`],
    [
      'Spent on what failed',
      dollars(is.lost),
      `${percent(is.lost / is.spent)} of the cost; ${points.toFixed(1)} points more ${than}`,
    ],
    ['Approvals asked', `${is.asked}`, `${was.asked} in December 2025`],
    ['Incidents', `${is.raised}`, `${was.raised} in December 2025`],
    ['Days known', `${is.days} of 31`, `${was.days} of December 2025`],
  ];
  const [success, others] = [cards.find(([name]) => name === 'Success'), cards.filter(([name]) => name !== 'Success')];
  expect(others).toEqual(plain.map(([name, value, change]) => [name, value, undefined, change]));
  const change = moreBy(was.well, is.well);
  expect(success?.[1]).toBe(percent(is.ended === 0 ? 0 : 1 - is.failed / is.ended));
  expectNear(success?.[2], [100 * is.well.low, 100 * is.well.high]);
  expect(() => expectNear(success?.[2], [100 * was.well.low, 100 * was.well.high])).toThrow();
  const [, failed, moved, range] =
    /^(\d+) failed; (\d+\.\d points less) than in December 2025 \((.*)\)$/.exec(`${success?.[3]}`) ?? [];
  expect([failed, moved]).toEqual([`${is.failed}`, `${(-100 * change.value).toFixed(1)} points less`]);
  expectNear(range, [100 * change.high, 100 * change.low]);

  const open = rowsOfErrors().filter(({ status }) => status === 'open');
  expect(read(/<p class="lead">(.*?)<\/p>/.exec(page)?.[1] ?? '')).toBe(
    `${thousands(is.ended)} tasks ended, ${percent(1 - is.failed / is.ended)} of them well; it cost ${dollars(is.spent)}. Against December 2025, it cost ${more(is.spent / is.days, was.spent / was.days)} a day, and ${moved} went well. ${open.length} kinds of error were open at its end; the most frequent came ${Math.max(...open.map(({ times }) => times))} times.`,
  );
});

/** Of the month; whether each is open is said by its row in the report, and is its own test's (knowledge/documents.test.ts). */
function rowsOfErrors(): { times: number; status: string; fingerprint: string }[] {
  const told = section('Errors').split('<h2>Incidents')[0] as string;
  return [...told.matchAll(/error:([0-9a-f]{12})<[\s\S]*?class="state (\w+)"/g)].map(
    ([, fingerprint = '', status = '']) => ({
      ...{ fingerprint, status },
      times: plus(rows.errorsOf(fingerprint, '2026-01-01', '2026-01-31').map(({ times }) => times)),
    }),
  );
}

test('B10 the report: what stands out', () => {
  const told = [...section('What stands out').matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item]) =>
    read(`${item}`).replace(/\s+/g, ' ').trim(),
  );
  const before = december();
  // The days above the budget, and the dearest.
  const spent = now.map(({ date, cost }) => [cost.micro_usd ?? 0, date] as const).sort(([a], [b]) => b - a);
  const above = spent.filter(([cost]) => cost > 18e6);
  expect(told[0]).toBe(
    `${above.length} days of ${now.length} cost more than the budget of $18.00; the dearest was ${spent[0]?.[1]} with ${dollars(spent[0]?.[0] ?? 0)}.`,
  );
  // The agent whose money moved most.
  const daily = (days: readonly Snapshot[], name: string) =>
    plus(
      days
        .flatMap(({ agents }) => agents.filter((one) => one.agent_name === name))
        .map(({ cost }) => cost.micro_usd ?? 0),
    ) / days.length;
  const [moved = ''] = [...new Set(now.flatMap(({ agents }) => agents.map(({ agent_name }) => agent_name)))].sort(
    (a, b) => Math.abs(daily(now, b) - daily(before, b)) - Math.abs(daily(now, a) - daily(before, a)),
  );
  const [is, was] = [daily(now, moved), daily(before, moved)];
  expect(told[1]).toBe(
    `${moved} cost ${dollars(is)} a day, ${more(is, was)}: ${dollars(was)} in December 2025. No agent's cost moved more.`,
  );
  // The work whose failures moved most, of that of which it is no chance among all.
  const kinds = [
    ...new Set(now.flatMap(({ work }) => work.map((one) => JSON.stringify([one.agent_name, one.operation])))),
  ];
  const failures = kinds.flatMap((kind) => {
    const of = (days: readonly Snapshot[]) =>
      days.map(({ work }) => work.filter((one) => JSON.stringify([one.agent_name, one.operation]) === kind));
    const ends = (days: readonly Snapshot[]) =>
      shareOfDays(
        of(days).map((day) => ({ count: failedOf(day), total: endedOf(day) })),
        1 - 0.05 / kinds.length,
      ) as Ends;
    const change = moreBy(ends(before), ends(now));
    return change.low > 0 || change.high < 0 ? [{ kind, change, is: of(now).flat(), was: of(before).flat() }] : [];
  });
  const [first] = failures.sort((a, b) => Math.abs(b.change.value) - Math.abs(a.change.value));
  const whole = (work: readonly Pick<WorkDay, 'ended' | 'failed'>[]) =>
    `${percent(failedOf(work) / endedOf(work))} of ${endedOf(work)}`;
  const [start, points] = told[2]?.split(/(?<=2025); /) ?? [];
  expect(start).toBe(
    `${JSON.parse(`${first?.kind}`).join(' ')} failed more: ${whole(first?.is ?? [])} tasks, ${whole(first?.was ?? [])} in December 2025`,
  );
  expectNear(points, [100 * (first?.change.low ?? 0), 100 * (first?.change.high ?? 0)]);
  // What is new, and open.
  const old = new Set(
    there.days.filter(({ date }) => date < '2026-01-01').flatMap(({ errors }) => errors.map((one) => one.fingerprint)),
  );
  const open = rowsOfErrors().filter(({ fingerprint, status }) => status === 'open' && !old.has(fingerprint));
  expect(open.map(({ fingerprint }) => fingerprint)).toEqual([fresh]);
  expect(told[3]).toBe(
    `1 kind of error never seen before is open; the most frequent, TimeoutError: no answer (${fresh}), came ${open[0]?.times} times.`,
  );
  // And what the weeks have shown: sentences of findings of the month.
  expect(told.length).toBeGreaterThan(4);
  const known = findings.filter(({ week }) => week >= '2026-W01').map((one) => rows.ofFinding(one));
  for (const sentence of told.slice(4))
    expect(
      known.some((one) => stray(sentence, one).length === 0),
      sentence,
    ).toBe(true);
});

type Spender = Pick<AgentDay, 'cost'> & Partial<Pick<AgentDay, 'agent_name'> & Omit<ModelDay, 'cost'>>;
const nameOf = (one: Partial<Spender>) => one.agent_name ?? one.model ?? '';

test('B10 the report: what the money went to, errors, and what was learnt', () => {
  const money = lines(section('What the money went to'));
  const before = december();
  for (const by of ['agents', 'models'] as const) {
    const of = (days: readonly Snapshot[], name?: string) =>
      days.flatMap((day): Spender[] => [...day[by]]).filter((one) => name === undefined || nameOf(one) === name);
    const sum = (some: readonly Spender[], what: (one: Spender) => number | null | undefined) =>
      plus(some.map((one) => what(one) ?? 0));
    const cost = (some: readonly Spender[]) => sum(some, (one) => one.cost.micro_usd);
    // Of what nobody told there is no share.
    const part = (
      some: readonly Spender[],
      what: 'cache_read_tokens' | 'reasoning_tokens',
      whole: 'input_tokens' | 'output_tokens',
    ) =>
      some.every((one) => (one[what] ?? null) === null)
        ? '-'
        : percent(sum(some, (one) => one[what]) / sum(some, (one) => one.cost[whole]));
    const names = [...new Set(of(now).map(nameOf))].sort((a, b) => cost(of(now, b)) - cost(of(now, a)));
    const told = names.map((name) => {
      const [own, then] = [of(now, name), of(before, name)];
      const tokens = [part(own, 'cache_read_tokens', 'input_tokens'), part(own, 'reasoning_tokens', 'output_tokens')];
      return [
        ...[name, '', dollars(cost(own)), percent(cost(own) / cost(of(now)))],
        ...(by === 'models' ? tokens : []),
        more(cost(own) / now.length, cost(then) / before.length),
        dollars(sum(own, (one) => one.cost.failed_micro_usd)),
      ];
    });
    expect(money.splice(0, names.length)).toEqual(told);
  }
  expect(money).toEqual([]);
  const errors = lines(section('Errors').split('<h2>Incidents')[0] as string);
  expect(errors).toHaveLength(3);
  const old = before.flatMap((day) => day.errors.map(({ fingerprint }) => fingerprint));
  for (const [at, { fingerprint, times, status }] of rowsOfErrors().entries()) {
    const seen = rows.errorsOf(fingerprint, '2026-01-01', '2026-01-31');
    const state = old.includes(fingerprint) ? status : `${status} new`;
    expect(errors[at]?.slice(1).map((cell) => cell.replace(/\s+/g, ' '))).toEqual([
      ...['', state, `${times}`, `${seen.length}`, seen.at(-1)?.last_at.slice(5, 10), costOf(seen)],
    ]);
  }
  const learnt = [...section('What was learnt').matchAll(/<li>([\s\S]*?)<code>lesson:(.*?)<\/code>/g)];
  expect(learnt.length).toBeGreaterThan(2);
  for (const [, item, key] of learnt) {
    const text = read(`${item}`);
    // Every finding of that name, by week: the newest is told, and in how many weeks it was seen.
    const seen = findings.filter((one) => one.key === key);
    const weeks = seen.map(({ week }) => week);
    const standing = weeks.length === 1 ? `in ${weeks[0]}` : `in ${weeks.length} weeks, ${weeks[0]} to ${weeks.at(-1)}`;
    expect(text).toContain(weeks.length === 1 ? `Seen once, ${standing};` : `Seen ${standing};`);
    expect(stray(text, [...rows.ofFinding(seen.at(-1) as Finding), standing]), text).toEqual([]);
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
    plus(now.map(({ approvals }) => approvals[of]));
  const [slowest] = now.toSorted((a, b) => (b.approvals.p95_wait_ms ?? 0) - (a.approvals.p95_wait_ms ?? 0));
  expect(read(section('Approvals'))).toContain(
    `${asked('asked')} approvals asked for: ${asked('approved')} given, ${asked('rejected')} refused, ${asked('unanswered')} unanswered. The longest waits were those of ${slowest?.date}: 95 of 100 answers within ${clock(slowest?.approvals.p95_wait_ms ?? 0)}.`,
  );
  const sums = (of: 'raised' | 'resolved') => plus(now.map(({ incidents }) => incidents[of] ?? 0));
  const told = section('Incidents');
  expect(read(told)).toContain(
    `${sums('raised')} raised, ${sums('resolved')} resolved; ${now.at(-1)?.incidents.open} open at the end.`,
  );
  const all = now.flatMap(({ date, incidents }) => incidents.alerts.map((alert) => ({ date, ...alert })));
  const alerts = ['AgentSlow', 'QueueBacklog'].map((name) => {
    const of = all.filter(({ alertname }) => alertname === name);
    const raised = of.filter((one) => one.raised > 0);
    const sum = (what: 'raised' | 'resolved') => `${plus(of.map((one) => one[what]))}`;
    return [
      name,
      `${of[0]?.severity}`,
      sum('raised'),
      sum('resolved'),
      `${raised.length}`,
      `${raised.at(-1)?.date.slice(5)}`,
    ];
  });
  expect(lines(told.slice(told.indexOf('<h2>Incidents')))).toEqual(
    alerts.toSorted((a, b) => Number(b[2]) - Number(a[2])),
  );
  expect(page).toContain('<p>1 day is known in part: 2026-01-20. What is missing stands at the end.</p>');
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
