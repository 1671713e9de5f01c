/** The figures of a month in one glance, each with what it was the month before. */

import { count, duration, money, number, share } from '../../cli/words.ts';
import { stretches } from '../ask/known.ts';
import { monthBefore } from '../ask/span.ts';
import { totalOf, type WeekTotal } from '../consolidate/week-total.ts';
import { html, type Markup } from './markup.ts';
import type { Month } from './read-month.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly change: string;
}

const names = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** `January 2026` */
export function monthName(month: string): string {
  return `${names[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
}

export function head(facts: Month): Markup {
  const [now, before] = [totalOf(facts.days), facts.before.length > 0 ? totalOf(facts.before) : undefined];
  return html`<header>
<p class="soft">Fleet report, days in UTC</p>
<h1>${monthName(facts.month)}</h1>
<p class="lead">${inShort(facts, now, before)}</p>
</header>
${missing(facts)}
<dl class="cards">
${figures(facts, now, before).map(
  ({
    name,
    value,
    change,
  }) => html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="change">${change}</dd></div>
`,
)}</dl>`;
}

/** The month in two sentences. */
function inShort(facts: Month, now: WeekTotal, before: WeekTotal | undefined): string {
  const well = now.success_rate === null ? '' : `, ${share(now.success_rate)} of them well`;
  const spent =
    now.cost_micro_usd === null
      ? 'what it cost is not known'
      : `it cost ${money(now.cost_micro_usd, now.unpriced_calls)}`;
  const open = facts.errors.filter(({ status }) => status === 'open' || status === 'returned');
  const worst = open[0];
  const trouble = !worst
    ? 'No error was open at its end.'
    : `${count(open.length, 'kind')} of error ${open.length === 1 ? 'was' : 'were'} open at its end; the most frequent came ${count(worst.times, 'time')}.`;
  const more = changed(perDay(now, 'cost_micro_usd'), before && perDay(before, 'cost_micro_usd'));
  const change =
    more === undefined || now.cost_micro_usd === null
      ? ''
      : `, ${more} a day than in ${monthName(monthBefore(facts.month))}`;
  return `${count(now.ended, 'task')} ended${well}; ${spent}${change}. ${trouble}`;
}

function figures(facts: Month, now: WeekTotal, before: WeekTotal | undefined): Figure[] {
  const than = monthName(monthBefore(facts.month));
  const versus = (words: (before: WeekTotal) => string | undefined) =>
    before === undefined ? `${than} is not known` : (words(before) ?? `of ${than} it is not known`);
  const more = (text: string | undefined) => text && `${text} than in ${than}`;
  const [cost, tasks] = [perDay(now, 'cost_micro_usd'), perDay(now, 'ended')];
  const wasted = (of: WeekTotal) =>
    of.cost_micro_usd && of.failed_micro_usd !== null ? of.failed_micro_usd / of.cost_micro_usd : null;
  const ofCost = wasted(now);
  return [
    {
      ...{ name: 'Cost', value: told(now.cost_micro_usd, (usd) => money(usd, now.unpriced_calls)) },
      change: `${told(cost, (usd) => `${money(usd)} a day; `, '')}${versus((then) => more(changed(cost, perDay(then, 'cost_micro_usd'))))}`,
    },
    {
      ...{ name: 'Tasks ended', value: number(now.ended) },
      change: `${told(tasks, (of) => `${of.toFixed(1)} a day; `, '')}${versus((then) => more(changed(tasks, perDay(then, 'ended'))))}`,
    },
    {
      ...{ name: 'Success', value: told(now.success_rate, share) },
      change: `${number(now.failed)} failed; ${versus((then) => more(points(now.success_rate, then.success_rate)))}`,
    },
    {
      ...{ name: '95 of 100 tasks within', value: told(now.p95_ms, duration) },
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
      ...{ name: 'Incidents', value: told(now.incidents_raised, number) },
      change: versus((then) =>
        then.incidents_raised === null ? undefined : `${number(then.incidents_raised)} in ${than}`,
      ),
    },
    {
      ...{ name: 'Days known', value: `${facts.days.length} of ${facts.dates.length}` },
      change: `of ${than}: ${before === undefined ? 'none' : before.days}`,
    },
  ];
}

function missing({ missing, days }: Month): Markup | undefined {
  const open = days.filter(({ state }) => state === 'open').map(({ date }) => date);
  const partly = days.filter(({ state, gaps }) => state === 'final' && gaps.length > 0).map(({ date }) => date);
  const lines = [
    missing.length > 0 && `Nothing is known of ${stretches(missing)}: these days are in no sum.`,
    open.length > 0 && `${stretches(open)} is told so far: the day was not closed yet.`,
    partly.length > 0 &&
      `${count(partly.length, 'day')} ${partly.length === 1 ? 'is' : 'are'} known in part: ${stretches(partly)}. What is missing stands at the end.`,
  ].filter((line) => line !== false);
  return lines.length === 0 ? undefined : html`<div class="missing">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

/** Months differ in length, and in how much of them is known. */
function perDay(of: WeekTotal, what: 'cost_micro_usd' | 'ended'): number | null {
  const sum = of[what];
  return sum === null || of.days === 0 ? null : sum / of.days;
}

/** `12.0 % more`; undefined: it cannot be told. */
function changed(now: number | null, before: number | null | undefined): string | undefined {
  if (now === null || !before) return undefined;
  const by = now / before - 1;
  return Math.abs(by) < 0.0005 ? 'not more' : `${share(Math.abs(by))} ${by > 0 ? 'more' : 'less'}`;
}

/** Of shares: `1.2 points more`. */
function points(now: number | null, before: number | null): string | undefined {
  if (now === null || before === null) return undefined;
  const by = (now - before) * 100;
  return Math.abs(by) < 0.05 ? 'not more' : `${Math.abs(by).toFixed(1)} points ${by > 0 ? 'more' : 'less'}`;
}

function told<Value>(value: Value | null, said: (value: Value) => string, none = 'not known'): string {
  return value === null ? none : said(value);
}
