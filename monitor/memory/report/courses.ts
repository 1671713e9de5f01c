/** The month day by day: charts, each with its numbers beside it. */
import { duration, money, number } from '../../cli/words.ts';
import type { Snapshot } from '../record.ts';
import { type DayChart, dayChart, type Series } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { Month } from './read-month.ts';
import { table } from './table.ts';

export function courses({ dates, days }: Month, usdPerDay: number): Markup {
  const byDate = new Map(days.map((day) => [day.date, day]));
  const isKnown = dates.map((date) => byDate.has(date));
  const of = (read: (day: Snapshot) => number | null) =>
    dates.map((date) => {
      const day = byDate.get(date);
      return day ? read(day) : null;
    });
  const budget = usdPerDay * 1e6;
  const cost = of(({ cost }) => cost.micro_usd);
  const [well, failed] = [of(({ tasks }) => tasks.completed), of(({ tasks }) => tasks.failed)];
  const waits = of(({ approvals }) => approvals.p95_wait_ms);
  const p95 = of(({ p95_ms }) => p95_ms);
  const above = cost.filter((usd) => usd !== null && usd > budget).length;
  const charts: (Omit<DayChart, 'dates' | 'isKnown' | 'description'> & { readonly note: string })[] = [
    {
      ...{ id: 'cost', title: 'Cost by day', of: 'amount', said: (usd) => money(usd) },
      bars: [{ name: 'cost', look: 'main', values: cost }],
      limit: { value: budget, name: `budget ${money(budget)}` },
      note: `Above the budget on ${above} of ${days.length} days.`,
    },
    {
      ...{ id: 'tasks', title: 'Tasks ended by day', of: 'count', said: number },
      bars: [
        { name: 'well', look: 'good', values: well },
        { name: 'failed', look: 'bad', values: failed },
      ],
      note: 'On the day on which they began.',
    },
    {
      ...{ id: 'p95', title: 'Time of tasks by day', of: 'time', said: duration },
      line: { name: '95th percentile', look: 'main', values: p95 },
      note: '95 of 100 tasks that ended well took no longer.',
    },
    {
      ...{ id: 'waits', title: 'Wait for approvals by day', of: 'time', said: duration },
      line: { name: '95th percentile', look: 'main', values: waits },
      note: '95 of 100 answers took no longer; a day without a dot had none.',
    },
  ];
  return html`<section><h2>Day by day</h2><div class="charts">
${charts.map(({ note, ...chart }) => figure({ ...chart, dates, isKnown, description: note }, note))}
</div></section>`;
}

function figure(chart: DayChart, note: string): Markup {
  const all: readonly Series[] = [...(chart.bars ?? []), ...(chart.line ? [chart.line] : [])];
  const isAbove = ({ bars = [], limit }: DayChart) =>
    limit !== undefined && bars.some(({ values }) => values.some((value) => value !== null && value > limit.value));
  const keys: (readonly [look: string, name: string])[] = [
    ...(all.length > 1 ? all.map(({ look, name }) => [look, name] as const) : []),
    ...(isAbove(chart) ? [['bad', 'above the budget'] as const] : []),
    ...(chart.isKnown.includes(false) ? [['unknown', 'not known'] as const] : []),
  ];
  const rows = chart.dates.map((date, day) => [
    date,
    ...all.map(({ values }) => {
      const value = values[day] ?? null;
      return value === null ? (chart.isKnown[day] ? '-' : 'not known') : chart.said(value);
    }),
  ]);
  return html`<figure><h3>${chart.title}</h3>
${dayChart(chart)}
<figcaption>${keys.map(([look, name]) => html`<span class="keys"><span class="key ${look}"></span>${name}</span> `)}${note}</figcaption>
<details><summary>The numbers</summary>${table(['day', ...all.map(({ name }) => name)], rows, [1, 2])}</details></figure>
`;
}
