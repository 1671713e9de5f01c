/** The figures of a month in one glance, each with what it was the month before. */
import { count, duration, money, number, share } from '../../words.ts';
import { stretches } from '../ask/known.ts';
import { monthBefore } from '../ask/span.ts';
import { ofDays, onlyWhole, totalOf, type WeekTotal } from '../consolidate/week-total.ts';
import { successShare } from '../knowledge/measured.ts';
import type { Snapshot } from '../record.ts';
import { html, type Markup } from './markup.ts';
import {
  between,
  changed,
  monthName,
  monthOutcome,
  perDay,
  points,
  type ShareChange,
  successChange,
} from './months.ts';
import type { Month } from './read-month.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  /** Of a rate: where it lies in 95 of 100 cases. */
  readonly range?: string | undefined;
  readonly change: string;
}

export function head(facts: Month): Markup {
  const [now, before] = [totalOf(facts.days), facts.before.length > 0 ? totalOf(facts.before) : undefined];
  return html`<header>
<p class="soft kicker">Fleet report, days in UTC</p>
<h1>${monthName(facts.month)}</h1>
<p class="lead">${inShort(facts, now, before)}</p>
</header>
${missing(facts)}
<dl class="cards">
${figures(facts, now, before).map(
  ({ name, value, range, change }) =>
    html`<div><dt>${name}</dt><dd class="value">${value}</dd>${range && html`<dd class="range">${range}</dd>`}${change && html`<dd class="change">${change.replace(/; $/, '')}</dd>`}</div>
`,
)}</dl>`;
}

/** The month in three sentences: what there was, what changed, what is open. */
function inShort(facts: Month, now: WeekTotal, before: WeekTotal | undefined): string {
  const well = now.success_rate === null ? '' : `, ${share(now.success_rate)} of them well`;
  const spent =
    now.cost_micro_usd === null
      ? 'what it cost is not known'
      : `it cost ${money(now.cost_micro_usd, now.unpriced_calls)}`;
  const cost = changed(costADay(facts.days), before && costADay(facts.before));
  const success = changeOfSuccess(facts);
  const changes = [
    cost && `it cost ${cost} a day`,
    success && (success.points === undefined ? 'as much went well, but for chance' : `${success.text} went well`),
  ].filter((one) => one !== undefined);
  const earlier = monthName(monthBefore(facts.month));
  const told = changes.length === 0 ? '' : ` Against ${earlier}, ${changes.join(', and ')}.`;
  const than = before === undefined ? ` ${earlier} is not known.` : told;
  const open = facts.errors.filter(({ status }) => status === 'open' || status === 'returned');
  const trouble =
    open.length === 0
      ? 'No error was open at its end.'
      : `${count(open.length, 'kind')} of error ${open.length === 1 ? 'was' : 'were'} open at its end; the most frequent came ${count(open[0]?.times ?? 0, 'time')}.`;
  return `${count(now.ended, 'task')} ended${well}; ${spent}.${than} ${trouble}`;
}

function figures(facts: Month, now: WeekTotal, before: WeekTotal | undefined): Figure[] {
  const than = monthName(monthBefore(facts.month));
  const versus = (words: (before: WeekTotal) => string | undefined) =>
    before === undefined ? '' : (words(before) ?? `of ${than} it is not known`);
  const more = (text: string | undefined) => text && `${text} than in ${than}`;
  const [cost, tasks] = [costADay(facts.days), tasksADay(facts.days)];
  const wasted = (of: WeekTotal) =>
    of.cost_micro_usd && of.failed_micro_usd !== null ? of.failed_micro_usd / of.cost_micro_usd : null;
  const [ofCost, rate] = [wasted(now), successShare(monthOutcome(facts.days))];
  return [
    {
      ...{
        name: 'Cost',
        value: told(now.cost_micro_usd, (usd) => ofDays(money(usd, now.unpriced_calls), now.cost_days, now)),
      },
      change: `${told(cost, (usd) => `${money(usd)} a day; `, '')}${versus(() => more(changed(cost, costADay(facts.before))))}`,
    },
    {
      ...{ name: 'Tasks ended', value: number(now.ended) },
      change: `${told(tasks, (of) => `${of.toFixed(1)} a day; `, '')}${versus(() => more(changed(tasks, tasksADay(facts.before))))}`,
    },
    {
      ...{ name: 'Success', value: told(now.success_rate, share, '-'), range: rate && between(rate) },
      change: `${number(now.failed)} failed; ${versus((then) => {
        const found = changeOfSuccess(facts);
        // Days differ, and of one or two nobody knows by how much.
        if (!found) return now.ended > 0 && then.ended > 0 ? 'too few days to be compared' : undefined;
        return found.points === undefined
          ? `not to be told apart from ${than} (${found.range})`
          : `${found.text} than in ${than} (${found.range})`;
      })}`,
    },
    {
      ...{ name: '95 of 100 tasks within', value: told(now.p95_ms, duration, '-') },
      change: versus((then) => (then.p95_ms === null ? undefined : `${duration(then.p95_ms)} in ${than}`)),
    },
    {
      ...{ name: 'Spent on what failed', value: told(now.failed_micro_usd, (usd) => money(usd)) },
      change: `${told(ofCost, (of) => `${share(of)} of the cost; `, '')}${versus((then) => more(points(ofCost, wasted(then))))}`,
    },
    {
      ...{ name: 'Approvals asked', value: number(now.approvals_asked) },
      change: versus((then) => `${number(then.approvals_asked)} in ${than}`),
    },
    {
      ...{ name: 'Incidents', value: told(now.incidents_raised, (of) => ofDays(number(of), now.incident_days, now)) },
      change: versus((then) =>
        then.incidents_raised === null
          ? undefined
          : `${ofDays(number(then.incidents_raised), then.incident_days, then)} in ${than}`,
      ),
    },
    {
      ...{ name: 'Days known', value: `${facts.days.length} of ${facts.dates.length}` },
      change: before === undefined ? `none of ${than}` : `${before.days} of ${than}`,
    },
  ];
}

function costADay(days: readonly Snapshot[]): number | null {
  const { cost_micro_usd, cost_days } = totalOf(onlyWhole(days));
  return perDay(cost_micro_usd, cost_days);
}

function tasksADay(days: readonly Snapshot[]): number | null {
  const { ended, days: whole } = totalOf(onlyWhole(days));
  return perDay(ended, whole);
}

function changeOfSuccess({ days, before }: Month): ShareChange | undefined {
  return successChange(monthOutcome(days), before.length > 0 ? monthOutcome(before) : undefined);
}

function missing({ month, missing, dates, days, reach }: Month): Markup | undefined {
  const open = days.filter(({ state }) => state === 'open').map(({ date }) => date);
  const partly = days.filter(({ state, gaps }) => state === 'final' && gaps.length > 0).map(({ date }) => date);
  const one = missing.length === 1;
  const unpriced = days.reduce((all, { cost }) => all + cost.unpriced_calls, 0);
  const lines = [
    reach.from > (dates[0] as string) && `The memory begins on ${reach.from}.`,
    reach.to < (dates.at(-1) as string) && `${monthName(month)} is told until ${reach.to}: the memory ends there.`,
    missing.length > 0 &&
      `Nothing is known of ${stretches(missing)}: ${one ? 'this day is' : 'these days are'} in no sum.`,
    open.length > 0 && `${stretches(open)} is told so far: the day was not closed yet.`,
    partly.length > 0 &&
      `${count(partly.length, 'day')} ${partly.length === 1 ? 'is' : 'are'} known in part: ${stretches(partly)}. What is missing stands at the end.`,
    unpriced > 0 && `+ ${count(unpriced, 'call')} had no known price: what they cost is in no sum.`,
  ].filter((line) => line !== false);
  return lines.length === 0 ? undefined : html`<div class="missing">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

function told<Value>(value: Value | null, said: (value: Value) => string, none = 'not known'): string {
  return value === null ? none : said(value);
}
