/** A month drawn day by day, as SVG that needs nothing else. What is not known is drawn as that. (M06) */
import { html, type Markup } from './markup.ts';
import { bandPath, linear, linePath, rounded, shareTicks, ticks } from './scale.ts';

/** `beyond`: the memory does not reach so far yet, or began later. */
export type DayState = 'known' | 'unknown' | 'beyond';

export interface DayChart {
  /** Of the page: for names within it. */
  readonly id: string;
  readonly title: string;
  /** What a person sees in it, for one who does not. */
  readonly description: string;
  readonly dates: readonly string[];
  readonly states: readonly DayState[];
  /** Upon one another, the first at the bottom. */
  readonly bars?: readonly Series[];
  readonly line?: Series;
  /** By day, between what the line may lie as well. */
  readonly band?: readonly (readonly [low: number, high: number] | null)[];
  readonly limit?: { readonly value: number; readonly name: string };
  /** A share is drawn from below its least, all others from 0. */
  readonly of: 'count' | 'time' | 'amount' | 'share';
  readonly said: (value: number) => string;
  /** At the axis, where room is scarce; default: as `said`. */
  readonly saidShort?: (value: number) => string;
}

export interface Series {
  readonly name: string;
  /** A class of the style sheet. */
  readonly look: 'main' | 'good' | 'bad' | 'first' | 'second' | 'third' | 'fourth' | 'others';
  /** By day. Null: it is not known, or there was nothing to measure. */
  readonly values: readonly (number | null)[];
}

/** Drawn as wide as a phone: what is read there is read everywhere. */
const [width, height] = [400, 186];
const [left, right, top, bottom] = [46, 4, 14, 164];

export function dayChart(chart: DayChart): Markup {
  const { id, title, description, dates, states, bars = [], line, band, limit, said, saidShort = said } = chart;
  const scale = scaleOf(chart);
  const y = linear([scale[0] as number, scale.at(-1) as number], bottom, top);
  const slot = (width - left - right) / dates.length;
  const x = (day: number) => rounded(left + day * slot);
  const middle = (day: number) => rounded(left + (day + 0.5) * slot);
  const isDrawn = bars.some(({ values }) => values.some((one) => one)) || dotted(line).length > 0;
  const dots = line?.values.map((value, day) => (value === null ? null : ([middle(day), y(value)] as const))) ?? [];
  const edges = band?.map((one, day) => one && ([middle(day), y(one[0]), y(one[1])] as const)) ?? [];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>
${states.map((one, day) => one === 'unknown' && html`<rect class="unknown" x="${x(day)}" y="${top}" width="${rounded(slot)}" height="${bottom - top}"/>`)}
${(isDrawn || limit ? scale : []).map((value, at) => html`<path class="${at === 0 ? 'base' : 'grid'}" d="M${left} ${y(value)}H${width - right}"/><text x="${left - 6}" y="${rounded(y(value) + 4)}" text-anchor="end">${value === 0 ? '0' : saidShort(value)}</text>`)}
${band && html`<path class="band" d="${bandPath(edges, rounded(slot * 0.3))}"/>`}
${bars.map((series, at) =>
  series.values.map((value, day) => {
    if (!value) return undefined;
    const below = bars.slice(0, at).reduce((sum, { values }) => sum + (values[day] ?? 0), 0);
    const [from, to] = [y(below), y(below + value)];
    return html`<rect class="${series.look}" x="${rounded(x(day) + slot * 0.1)}" y="${to}" width="${rounded(slot * 0.8)}" height="${rounded(from - to)}"/>`;
  }),
)}
${line && html`<path class="line" d="${linePath(dots)}"/>${dots.map((dot) => dot && html`<circle class="${line.look}" cx="${dot[0]}" cy="${dot[1]}" r="2.2"/>`)}`}
${limit && html`<path class="limit" d="M${left} ${y(limit.value)}H${width - right}"/><text class="limit-name" x="${left + 4}" y="${rounded(y(limit.value) - 4)}">${limit.name}</text>`}
${dates.map((date, day) => day % 7 === 0 && html`<text x="${middle(day)}" y="${bottom + 16}" text-anchor="middle">${Number(date.slice(8))}</text>`)}
${!isDrawn && html`<text class="nothing" x="${(left + width - right) / 2}" y="${(top + bottom) / 2}" text-anchor="middle">nothing to show</text>`}
</svg>`;
}

function scaleOf({ dates, bars = [], line, limit, of }: DayChart): number[] {
  const drawn = dotted(line);
  const least = Math.min(1, ...drawn);
  // With room below it for how sure it is.
  if (of === 'share') return shareTicks(Math.max(0, least - (1 - least) / 2));
  const sums = dates.map((_, day) => bars.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  return ticks(Math.max(0, ...sums, ...drawn, limit?.value ?? 0), of);
}

function dotted(line: Series | undefined): number[] {
  return line?.values.filter((one) => one !== null) ?? [];
}

/** Days of a month as a line of small bars, beside their sum in a table. It says when, and nothing that is not said in words as well. */
export function spark(values: readonly number[], states: readonly DayState[]): Markup {
  const most = Math.max(1, ...values);
  return html`<svg class="spark" viewBox="0 0 ${values.length * 4} 20" preserveAspectRatio="none" aria-hidden="true"><path class="base" d="M0 19.5H${values.length * 4}"/>${values.map(
    (value, day) => {
      if (states[day] === 'unknown') return html`<rect class="unknown" x="${day * 4}" y="0" width="4" height="19"/>`;
      if (value === 0) return undefined;
      const high = rounded(Math.max(3, (value / most) * 18));
      return html`<rect class="bad" x="${day * 4 + 0.5}" y="${rounded(19 - high)}" width="3" height="${high}"/>`;
    },
  )}</svg>`;
}

/** A share of the greatest, beside its number in a table. It says nothing that the number does not. */
export function barOf(value: number | null, greatest: number, look: Series['look'] = 'main'): Markup {
  const long = greatest > 0 ? rounded((Math.max(0, value ?? 0) / greatest) * 100) : 0;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${look}" width="${long}" height="10"/></svg>`;
}
