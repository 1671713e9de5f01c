/** The month day by day: charts, each with its numbers beside it. */
import { shareEstimate } from '../../analysis/interval.ts';
import { count, duration, money, number, share } from '../../words.ts';
import type { Snapshot } from '../record.ts';
import { type DayChart, type DayState, dayChart, type Series } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { Month } from './read-month.ts';
import { colours } from './spenders.ts';
import { table } from './table.ts';

type Chart = Omit<DayChart, 'dates' | 'states' | 'description'> & { readonly note: string };

export function courses(month: Month, usdPerDay: number): Markup {
  const { dates, days } = month;
  const byDate = new Map(days.map((day) => [day.date, day]));
  const of = <Value>(read: (day: Snapshot) => Value | null): (Value | null)[] =>
    dates.map((date) => {
      const day = byDate.get(date);
      return day ? read(day) : null;
    });
  const cost = of(({ cost }) => cost.micro_usd);
  const charts: Chart[] = [
    costChart('agent', of, colours(days, 'agent'), { cost, usdPerDay, known: days.length }),
    costChart('model', of, colours(days, 'model')),
    {
      ...{
        id: 'success',
        title: 'Success by day',
        of: 'share',
        said: share,
        saidShort: (one) => `${Math.round(one * 100)} %`,
      },
      line: { name: 'success', look: 'main', values: of(({ success_rate }) => success_rate) },
      band: of(({ tasks: { completed, failed } }) => {
        const found = shareEstimate(completed, completed + failed, 0.95);
        return found ? [found.low, found.high] : null;
      }),
      note: 'Of the tasks that began that day and ended. In the band in 95 of 100 cases: a step inside it means nothing.',
    },
    {
      ...{ id: 'tasks', title: 'Tasks ended by day', of: 'count', said: number },
      bars: [
        { name: 'well', look: 'good', values: of(({ tasks }) => tasks.completed) },
        { name: 'failed', look: 'bad', values: of(({ tasks }) => tasks.failed) },
      ],
      note: 'On the day on which they began.',
    },
    {
      ...{ id: 'p95', title: 'Time of tasks by day', of: 'time', said: duration, saidShort: byClock },
      line: { name: '95th percentile', look: 'main', values: of(({ p95_ms }) => p95_ms) },
      note: '95 of 100 tasks that ended well took no longer.',
    },
    {
      ...{ id: 'waits', title: 'Wait for approvals by day', of: 'time', said: duration, saidShort: byClock },
      line: { name: '95th percentile', look: 'main', values: of(({ approvals }) => approvals.p95_wait_ms) },
      note: '95 of 100 answers took no longer; a day without a dot had none.',
    },
  ];
  return html`<section><h2>Day by day</h2><div class="charts">
${charts.map((chart) => figure(chart, month))}
</div></section>`;
}

/** `30 s`, `90 s`, `2 min`: a scale is read by its steps, and has little room. */
function byClock(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

function costChart(
  by: 'agent' | 'model',
  of: (read: (day: Snapshot) => number | null) => (number | null)[],
  parts: ReturnType<typeof colours>,
  budget?: { cost: readonly (number | null)[]; usdPerDay: number; known: number },
): Chart {
  const value = (budget?.usdPerDay ?? 0) * 1e6;
  const known = budget?.cost.filter((usd) => usd !== null) ?? [];
  const above = known.filter((usd) => usd > value).length;
  // Where nothing comes near the budget, its line would press the days against the ground.
  const isNear = budget !== undefined && value < 2 * Math.max(0, ...known);
  return {
    ...{ id: `cost-${by}`, title: `Cost by day, by ${by}`, of: 'amount', said: (usd) => money(usd) },
    saidShort: (usd) => money(usd).replace(/\.?0+$/, ''),
    bars: parts.map(({ name, look, cost }) => ({ name, look, values: of(cost) })),
    ...(isNear && { limit: { value, name: `budget ${money(value)}` } }),
    note: budget
      ? `Above the budget of ${money(value)} on ${above} of ${count(budget.known, 'day')}.`
      : 'What was paid for models; tools cost besides.',
  };
}

function figure({ note, ...rest }: Chart, { dates, states }: Month): Markup {
  const chart: DayChart = { ...rest, dates, states, description: note };
  const all: readonly Series[] = [...(chart.bars ?? []), ...(chart.line ? [chart.line] : [])];
  const keys: (readonly [look: string, name: string])[] = [
    ...(all.length > 1 ? all.map(({ look, name }) => [look, name] as const) : []),
    ...(states.includes('unknown') ? [['unknown', 'not known'] as const] : []),
  ];
  return html`<figure><h3>${chart.title}</h3>
${dayChart(chart)}
<figcaption>${keys.map(([look, name]) => html`<span class="keys"><span class="key ${look}"></span>${name}</span> `)}${note}</figcaption>
<details><summary>The numbers</summary>${table(
    ['day', ...all.map(({ name }) => name)],
    rowsOf(chart, all, states),
    all.map((_, at) => at + 1),
  )}</details></figure>
`;
}

function rowsOf(chart: DayChart, all: readonly Series[], states: readonly DayState[]): string[][] {
  return chart.dates.flatMap((date, day) => {
    if (states[day] === 'beyond') return [];
    const said = (value: number | null) => {
      if (value === null) return states[day] === 'known' ? '-' : 'not known';
      return chart.said(value);
    };
    return [[date, ...all.map(({ values }) => said(values[day] ?? null))]];
  });
}
