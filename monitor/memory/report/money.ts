/** What the month's money went to, by agent and by model, beside the month before. */
import { money, share } from '../../words.ts';
import { costBy } from '../ask/cost.ts';
import { monthBefore } from '../ask/span.ts';
import { onlyWhole } from '../consolidate/week-total.ts';
import type { Snapshot } from '../record.ts';
import { barOf } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { changed, monthName, perDay } from './months.ts';
import type { Month } from './read-month.ts';
import { colours } from './spenders.ts';
import { rest, table } from './table.ts';

/** A page is read; the rest is asked for. */
const mostRows = 12;

export function spent(month: Month): Markup {
  return html`<section><h2>What the money went to</h2>
${costTable('agent', month)}
${costTable('model', month)}
</section>`;
}

function costTable(by: 'agent' | 'model', { days, before, month }: Month): Markup {
  const rows = costBy(days, by);
  if (rows.length === 0) return html`<p class="soft">No ${by} is known to have cost anything.</p>`;
  const [sum, most] = [
    rows.reduce((all, row) => all + (row.cost_micro_usd ?? 0), 0),
    Math.max(...rows.map((row) => row.cost_micro_usd ?? 0)),
  ];
  const looks = new Map(colours(days, by).map(({ name, look }) => [name, look]));
  const [own, earlier] = [onlyWhole(days), onlyWhole(before)];
  const of = (some: readonly Snapshot[]) =>
    new Map(costBy(some, by).map(({ name, cost_micro_usd }) => [name, cost_micro_usd]));
  const [now, then] = [of(own), of(earlier)];
  const change = (name: string | null) => {
    if (earlier.length === 0) return 'not known';
    const was = then.get(name);
    if (was === undefined) return 'new';
    return changed(perDay(now.get(name) ?? null, own.length), perDay(was, earlier.length)) ?? '-';
  };
  const shown = rows.slice(0, mostRows);
  return html`<div class="by"><h3>By ${by}</h3>
${table(
  [
    by,
    '',
    'cost',
    'of all',
    ...(by === 'model' ? ['from cache', 'reasoning'] : []),
    `a day, against ${monthName(monthBefore(month)).split(' ')[0]}`,
    'on what failed',
  ],
  shown.map((row) => [
    row.name ?? '-',
    barOf(row.cost_micro_usd, most, looks.get(row.name ?? '-') ?? 'others'),
    money(row.cost_micro_usd, row.unpriced_calls),
    sum > 0 && row.cost_micro_usd !== null ? share(row.cost_micro_usd / sum) : '-',
    ...(by === 'model'
      ? [part(row.cache_read_tokens, row.input_tokens), part(row.reasoning_tokens, row.output_tokens)]
      : []),
    change(row.name),
    money(row.failed_micro_usd),
  ]),
  by === 'model' ? [2, 3, 4, 5, 6, 7] : [2, 3, 4, 5],
  by === 'model' ? [3, 4, 5, 7] : [3, 5],
)}${rest(rows.length - shown.length, `npm run memory -- ask cost --month ${month} --by ${by}`)}</div>`;
}

/** Of input tokens, read from the cache; of output tokens, reasoning. */
function part(tokens: number | null, of: number): string {
  return tokens === null || of === 0 ? '-' : share(tokens / of);
}
