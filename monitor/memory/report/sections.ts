/** What the month is made of: money, errors, approvals, incidents, lessons, decisions, and what is not known. */

import { count, duration, errorText, money, number, oneLine, share } from '../../cli/words.ts';
import { type CostRow, costBy } from '../ask/cost.ts';
import type { Lesson } from '../consolidate/lessons.ts';
import { rests, sentence, standing } from '../consolidate/sentence.ts';
import { barOf } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { Month } from './read-month.ts';
import { table } from './table.ts';

/** A page is read; the rest is asked for. */
const [mostErrors, mostLessons, mostGaps, mostAgents] = [10, 12, 40, 15];

export function spent({ days }: Month): Markup {
  return html`<section><h2>What the money went to</h2>
${costTable('agent', costBy(days, 'agent'))}
${costTable('model', costBy(days, 'model'))}
</section>`;
}

function costTable(by: string, rows: readonly CostRow[]): Markup {
  if (rows.length === 0) return html`<p class="soft">No ${by} is known to have cost anything.</p>`;
  const [sum, most] = [
    rows.reduce((all, row) => all + (row.cost_micro_usd ?? 0), 0),
    Math.max(...rows.map((row) => row.cost_micro_usd ?? 0)),
  ];
  const shown = rows.slice(0, mostAgents);
  return html`<div class="together"><h3>By ${by}</h3>
${table(
  [by, '', 'cost', 'of all', 'on what failed'],
  shown.map((row) => [
    row.name ?? '-',
    barOf(row.cost_micro_usd, most),
    money(row.cost_micro_usd, row.unpriced_calls),
    sum > 0 && row.cost_micro_usd !== null ? share(row.cost_micro_usd / sum) : '-',
    money(row.failed_micro_usd),
  ]),
  [2, 3, 4],
  [4],
)}${rest(rows.length - shown.length, `npm run memory -- ask cost --by ${by}`)}</div>`;
}

export function errors({ errors: rows, month }: Month): Markup {
  if (rows.length === 0) return html`<section><h2>Errors</h2><p>Nothing failed, as far as it is known.</p></section>`;
  const shown = rows.slice(0, mostErrors);
  return html`<section><h2>Errors</h2>
${table(
  ['error', 'status', 'times', 'days', 'last', 'cost'],
  shown.map((row) => [
    html`${errorText(row)}<br><code>error:${row.fingerprint}</code>`,
    html`<span class="state ${row.status}">${row.status}</span>`,
    ...[number(row.times), number(row.days), row.last_at.slice(0, 10), money(row.cost_micro_usd)],
  ]),
  [2, 3, 4, 5],
  [3, 4],
)}${rest(rows.length - shown.length, `npm run memory -- ask errors --month ${month}`)}
<p class="soft">quiet: it has not come for longer than chance would have it. resolved: its page says so. returned: it came after either. open: all others.</p></section>`;
}

export function approvals({ days }: Month): Markup {
  const sum = (of: (day: Month['days'][number]['approvals']) => number) =>
    days.reduce((all, day) => all + of(day.approvals), 0);
  const asked = sum((one) => one.asked);
  if (asked === 0) return html`<section><h2>Approvals</h2><p>None was asked for.</p></section>`;
  const waits = days.flatMap(({ date, approvals }) =>
    approvals.p95_wait_ms === null ? [] : [{ date, ms: approvals.p95_wait_ms }],
  );
  const slowest = waits.toSorted((a, b) => b.ms - a.ms || (a.date < b.date ? -1 : 1))[0];
  return html`<section><h2>Approvals</h2>
<p>${count(asked, 'approval')} asked for: ${number(sum((one) => one.approved))} given, ${number(sum((one) => one.rejected))} refused, ${number(sum((one) => one.unanswered))} unanswered. ${slowest && `The longest waits were those of ${slowest.date}: 95 of 100 answers within ${duration(slowest.ms)}.`}</p></section>`;
}

export function incidents({ days }: Month): Markup {
  const known = days.filter(({ incidents }) => incidents.raised !== null);
  if (known.length === 0)
    return html`<section><h2>Incidents</h2><p>Not known: no day could ask the escalation service.</p></section>`;
  const sum = (of: (one: Month['days'][number]['incidents']) => number | null) =>
    known.reduce((all, day) => all + (of(day.incidents) ?? 0), 0);
  const alerts = [
    ...Map.groupBy(
      known.flatMap(({ incidents }) => incidents.alerts),
      ({ alertname, severity }) => `${alertname} ${severity}`,
    ).values(),
  ]
    .map((all) => ({
      ...{ alertname: all[0]?.alertname ?? '', severity: all[0]?.severity ?? '' },
      raised: all.reduce((total, one) => total + one.raised, 0),
      resolved: all.reduce((total, one) => total + one.resolved, 0),
    }))
    .sort((a, b) => b.raised - a.raised || (a.alertname < b.alertname ? -1 : 1));
  const open = known.at(-1)?.incidents.open ?? 0;
  const unasked = days.length - known.length;
  return html`<section class="together"><h2>Incidents</h2>
<p>${number(sum((one) => one.raised))} raised, ${number(sum((one) => one.resolved))} resolved; ${number(open)} open at the end. ${unasked > 0 && `Of ${count(unasked, 'day')} it is not known.`}</p>
${
  alerts.length > 0 &&
  table(
    ['alert', 'severity', 'raised', 'resolved'],
    alerts.map((one) => [one.alertname, one.severity, number(one.raised), number(one.resolved)]),
    [2, 3],
  )
}</section>`;
}

export function lessons({ learnt }: Month): Markup {
  if (!learnt) return html`<section><h2>Lessons</h2><p>No week that ended in this month is consolidated.</p></section>`;
  const order: readonly Lesson['state'][] = ['lesson', 'contradicted', 'note'];
  const held = learnt.lessons
    .filter(({ state }) => order.includes(state))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const shown = held.slice(0, mostLessons);
  return html`<section><h2>Lessons</h2>
<p class="soft">As they stood at the end of ${learnt.week}. What two weeks have shown is a lesson, what one has a note.</p>
${
  shown.length === 0
    ? html`<p>None yet.</p>`
    : html`<ul>
${shown.map(
  (
    lesson,
  ) => html`<li><span class="state ${lesson.state}">${lesson.state}</span> ${sentence(lesson.newest, oneLine)} <span class="soft">${standing(lesson)}; ${rests(lesson.newest)}.</span> ${lesson.evidence.slice(0, 3).map((id) => html`<code>${id}</code> `)}</li>
`,
)}</ul>`
}${rest(held.length - shown.length, `npm run memory -- ask lessons --week ${learnt.week}`)}</section>`;
}

export function decisions({ decisions: all }: Month): Markup {
  const of = (outcome: string) => number(all.filter((one) => one.outcome === outcome).length);
  const who = [...Map.groupBy(all, ({ agent_name }) => agent_name ?? 'not known')]
    .map(([name, some]) => [name, some.length] as const)
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .slice(0, 5);
  const text =
    all.length === 0
      ? 'None was recorded.'
      : `${count(all.length, 'decision')}: ${of('success')} went well, ${of('failure')} failed, ${of('unknown')} had not come to an end when the day was closed. By ${who.map(([name, times]) => `${oneLine(name)} (${number(times)})`).join(', ')}.`;
  return html`<section><h2>Decisions</h2><p>${text}</p></section>`;
}

export function gaps({ days }: Month): Markup | undefined {
  const all = days.flatMap(({ date, gaps: own }) => own.map((gap) => ({ date, gap })));
  if (all.length === 0) return undefined;
  return html`<section><h2>What is not known</h2><ul>
${all.slice(0, mostGaps).map(
  ({ date, gap }) => html`<li>${date}: ${gap}</li>
`,
)}</ul>${rest(all.length - mostGaps, 'npm run monitor -- show day:<day>')}</section>`;
}

function rest(more: number, ask: string): Markup | undefined {
  return more > 0 ? html`<p class="soft">${count(more, 'more row')}: <code>${ask}</code></p>` : undefined;
}
