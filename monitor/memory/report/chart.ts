/** A month drawn day by day, as SVG that needs nothing else. What is not known is drawn as that. (M06) */
import { html, type Markup } from './markup.ts';
import { linear, linePath, rounded, ticks } from './scale.ts';

export interface DayChart {
  /** Of the page: for names within it. */
  readonly id: string;
  readonly title: string;
  /** What a person sees in it, for one who does not. */
  readonly description: string;
  readonly dates: readonly string[];
  /** By day, whether anything is known of it. */
  readonly isKnown: readonly boolean[];
  /** Upon one another, the first at the bottom. */
  readonly bars?: readonly Series[];
  readonly line?: Series;
  readonly limit?: { readonly value: number; readonly name: string };
  readonly of: 'count' | 'time' | 'amount';
  readonly said: (value: number) => string;
}

export interface Series {
  readonly name: string;
  /** A class of the style sheet. */
  readonly look: 'main' | 'good' | 'bad';
  /** By day. Null: it is not known, or there was nothing to measure. */
  readonly values: readonly (number | null)[];
}

/** Drawn as wide as a phone: what is read there is read everywhere. */
const [width, height] = [400, 200];
const [left, right, top, bottom] = [54, 6, 16, 178];

export function dayChart(chart: DayChart): Markup {
  const { id, title, description, dates, isKnown, bars = [], line, limit, of, said } = chart;
  const sums = dates.map((_, day) => bars.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  const scale = ticks(Math.max(...sums, ...(line?.values.map((one) => one ?? 0) ?? []), limit?.value ?? 0), of);
  const y = linear(scale.at(-1) as number, bottom, top);
  const slot = (width - left - right) / dates.length;
  const x = (day: number) => rounded(left + day * slot);
  const middle = (day: number) => rounded(left + (day + 0.5) * slot);
  const isDrawn =
    bars.some(({ values }) => values.some((one) => one !== null)) || line?.values.some((one) => one !== null);
  const dots = line?.values.map((value, day) => (value === null ? null : ([middle(day), y(value)] as const))) ?? [];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>
${isKnown.map((one, day) => !one && html`<rect class="unknown" x="${x(day)}" y="${top}" width="${rounded(slot)}" height="${bottom - top}"/>`)}
${scale.map((value) => html`<path class="grid" d="M${left} ${y(value)}H${width - right}"/><text x="${left - 5}" y="${y(value) + 4}" text-anchor="end">${value === 0 ? '0' : said(value)}</text>`)}
${bars.map((series, at) =>
  series.values.map((value, day) => {
    if (!value) return undefined;
    const below = bars.slice(0, at).reduce((sum, { values }) => sum + (values[day] ?? 0), 0);
    const [from, to] = [y(below), y(below + value)];
    const look = limit && value > limit.value ? 'bad' : series.look;
    return html`<rect class="${look}" x="${rounded(x(day) + slot * 0.12)}" y="${to}" width="${rounded(slot * 0.76)}" height="${rounded(from - to)}"/>`;
  }),
)}
${line && html`<path class="line" d="${linePath(dots)}"/>${dots.map((dot) => dot && html`<circle class="${line.look}" cx="${dot[0]}" cy="${dot[1]}" r="2.2"/>`)}`}
${limit && html`<path class="limit" d="M${left} ${y(limit.value)}H${width - right}"/><text class="limit-name" x="${width - right}" y="${y(limit.value) - 4}" text-anchor="end">${limit.name}</text>`}
${dates.map((date, day) => day % 7 === 0 && html`<text x="${middle(day)}" y="${bottom + 15}" text-anchor="middle">${Number(date.slice(8))}</text>`)}
${!isDrawn && html`<text class="nothing" x="${(left + width - right) / 2}" y="${(top + bottom) / 2}" text-anchor="middle">nothing to show</text>`}
</svg>`;
}

/** A share of the greatest, beside its number in a table. It says nothing that the number does not. */
export function barOf(value: number | null, greatest: number): Markup {
  const long = greatest > 0 ? rounded((Math.max(0, value ?? 0) / greatest) * 100) : 0;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="main" width="${long}" height="10"/></svg>`;
}
