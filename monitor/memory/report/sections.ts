/** What the month is made of: errors, approvals, incidents, lessons, decisions, and what is not known. */

import { count, duration, errorText, money, number, oneLine } from '../../words.ts';
import type { ErrorRow } from '../ask/errors.ts';
import { sameGaps, stretches } from '../ask/known.ts';
import { isSaidByAnother, type Lesson } from '../consolidate/lessons.ts';
import { sentence, standing } from '../consolidate/sentence.ts';
import { spark } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { byImportance, shortened } from './outstanding.ts';
import type { Month } from './read-month.ts';
import { rest, table } from './table.ts';

/** A page is read; the rest is asked for. */
const [mostErrors, mostLessons, mostGaps, mostFailed, mostAlerts] = [10, 12, 30, 5, 10];

export function errors(month: Month): Markup {
  const rows = month.errors;
  if (rows.length === 0) return html`<section><h2>Errors</h2><p>Nothing failed, as far as it is known.</p></section>`;
  const shown = rows.slice(0, mostErrors);
  return html`<section><h2>Errors</h2>
${table(
  ['error', 'by day', 'status', 'times', 'days', 'last', 'cost'],
  shown.map((row) => [
    errorCell(row),
    byDay(row, month),
    html`<span class="state ${row.status}">${row.status}</span>${month.newErrors.has(row.fingerprint) && html`<br><span class="soft">new</span>`}`,
    ...[number(row.times), number(row.days), row.last_at.slice(5, 10), money(row.cost_micro_usd)],
  ]),
  [3, 4, 5, 6],
  [1, 4],
  'stack',
)}${rest(rows.length - shown.length, `npm run memory -- ask errors --month ${month.month}`)}
<p class="soft note">open: it comes. quiet: it has not come for longer than chance would have it. resolved: its page says so. returned: it came after either. new: on no earlier day.</p></section>`;
}

function errorCell(row: ErrorRow): Markup {
  const [run] = row.sessions;
  return html`${shortened(errorText(row))}<br><code>error:${row.fingerprint}</code>${run !== undefined && html` <span class="soft">newest run</span> <code>${run}</code>`}`;
}

function byDay({ fingerprint }: ErrorRow, { dates, days, states }: Month): Markup {
  const times = new Map(
    days.map(({ date, errors }) => [date, errors.find((one) => one.fingerprint === fingerprint)?.times ?? 0]),
  );
  return spark(
    dates.map((date) => times.get(date) ?? 0),
    states,
  );
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
<p>${count(asked, 'approval')} asked for: ${number(sum((one) => one.approved))} given, ${number(sum((one) => one.rejected))} refused, ${number(sum((one) => one.unanswered))} unanswered. ${slowest && html`The longest waits were those of ${slowest.date}: 95 of 100 answers within ${duration(slowest.ms)}. <code>day:${slowest.date}</code>`}</p></section>`;
}

export function incidents({ days }: Month): Markup {
  const known = days.filter(({ incidents }) => incidents.raised !== null);
  if (known.length === 0)
    return html`<section><h2>Incidents</h2><p>Not known: no day could ask the escalation service.</p></section>`;
  const sum = (of: (one: Month['days'][number]['incidents']) => number | null) =>
    known.reduce((all, day) => all + (of(day.incidents) ?? 0), 0);
  const alerts = alertsOf(known);
  const shown = alerts.slice(0, mostAlerts);
  const open = known.at(-1)?.incidents.open ?? 0;
  const unasked = days.length - known.length;
  return html`<section class="together"><h2>Incidents</h2>
<p>${number(sum((one) => one.raised))} raised, ${number(sum((one) => one.resolved))} resolved; ${number(open)} open at the end. ${unasked > 0 && `Of ${count(unasked, 'day')} it is not known.`}</p>
${
  shown.length > 0 &&
  table(
    ['alert', 'severity', 'raised', 'resolved', 'days', 'last'],
    shown.map((one) => [
      one.alertname,
      one.severity,
      ...[number(one.raised), number(one.resolved), number(one.dates.length), one.dates.at(-1)?.slice(5) ?? '-'],
    ]),
    [2, 3, 4, 5],
    [4, 5],
  )
}${rest(alerts.length - shown.length, 'npm run incidents -- list --all')}</section>`;
}

/** The most frequent first. */
function alertsOf(days: Month['days']) {
  const all = days.flatMap(({ date, incidents }) => incidents.alerts.map((alert) => ({ ...alert, date })));
  return [...Map.groupBy(all, ({ alertname, severity }) => `${alertname} ${severity}`).values()]
    .map((same) => ({
      ...{ alertname: same[0]?.alertname ?? '', severity: same[0]?.severity ?? '' },
      raised: same.reduce((total, one) => total + one.raised, 0),
      resolved: same.reduce((total, one) => total + one.resolved, 0),
      dates: same.filter(({ raised }) => raised > 0).map(({ date }) => date),
    }))
    .sort((a, b) => b.raised - a.raised || (a.alertname < b.alertname ? -1 : 1));
}

export function lessons({ learnt }: Month): Markup {
  if (!learnt)
    return html`<section><h2>What was learnt</h2><p>No week that ended in this month is consolidated.</p></section>`;
  const order: readonly Lesson['state'][] = ['lesson', 'contradicted', 'note'];
  const held = learnt.lessons
    .filter((lesson) => order.includes(lesson.state) && !isSaidByAnother(lesson))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || byImportance(a, b));
  const shown = held.slice(0, mostLessons);
  return html`<section><h2>What was learnt</h2>
<p class="soft">As it stood at the end of ${learnt.week}. What two weeks have shown is a lesson, what one has a note. <code>npm run monitor -- show lesson:…</code> says by which method.</p>
${
  shown.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<ul class="lessons">
${shown.map(
  (lesson) =>
    html`<li><span class="state ${lesson.state}">${lesson.state}</span><p>${sentence(lesson.newest, oneLine)}<br><span class="soft">${upper(standing(lesson))}; confidence ${lesson.newest.confidence.toFixed(2)}, ${count(lesson.newest.sample, 'observation')}.</span> <code>lesson:${lesson.key}</code></p></li>
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
  if (all.length === 0) return html`<section><h2>Decisions</h2><p>None was recorded.</p></section>`;
  const failed = all.filter(({ outcome }) => outcome === 'failure').toReversed();
  return html`<section><h2>Decisions</h2>
<p>${count(all.length, 'decision')}: ${of('success')} went well, ${of('failure')} failed, ${of('unknown')} had not come to an end when the day was closed. By ${who.map(([name, times]) => `${oneLine(name)} (${number(times)})`).join(', ')}.</p>
${
  failed.length > 0 &&
  html`<h3>The newest that failed</h3><ul>
${failed.slice(0, mostFailed).map(
  ({ id, at, agent_name, name, choice }) =>
    html`<li>${at.slice(5, 16).replace('T', ' ')} ${agent_name ?? 'not known'}: ${name} → ${choice ?? 'nothing'} <code>decision:${id}</code></li>
`,
)}</ul>`
}${rest(failed.length - mostFailed, `npm run memory -- ask why decision:<id>, or docs/DECISIONS.md`)}</section>`;
}

/** The same of several days is said once. */
export function gaps({ days }: Month): Markup | undefined {
  const all = sameGaps(days);
  if (all.length === 0) return undefined;
  return html`<section><h2>What is not known</h2><ul>
${all.slice(0, mostGaps).map(
  ({ gap, dates }) => html`<li>${stretches(dates)}: ${gap}</li>
`,
)}</ul>${rest(all.length - mostGaps, 'npm run monitor -- show day:<day>')}</section>`;
}

function upper(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
