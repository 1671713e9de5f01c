/** Times for people. The server does not know their zone: how long ago, and the moment in UTC. */
import type { Instant } from '../../clock.ts';
import { type Html, html } from './html.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `45 s`, `12 min`, `3 h 5 min`, `2 d`: the largest unit, and the next while it matters. */
export function spoken(ms: number): string {
  const at = units.findIndex(([, size]) => ms >= size);
  if (at < 0) return '0 s';
  const [unit, size] = units[at] as (typeof units)[number];
  const count = Math.floor(ms / size);
  const [nextUnit, nextSize] = units[at + 1] ?? [];
  const rest = nextSize ? Math.floor((ms % size) / nextSize) : 0;
  return count < 4 && rest > 0 && unit !== 'min' ? `${count} ${unit} ${rest} ${nextUnit}` : `${count} ${unit}`;
}

/** `12 min ago`, `in 3 min`, with the moment for whoever looks closer. */
export function when(at: Instant, now: Instant): Html {
  const iso = new Date(at).toISOString();
  const words = at > now ? `in ${spoken(at - now)}` : now - at < 1000 ? 'now' : `${spoken(now - at)} ago`;
  return html`<time datetime="${iso}" title="${utc(at)}">${words}</time>`;
}

/** `12 min`, with the moment since when. */
export function lasting(since: Instant, now: Instant): Html {
  return html`<time datetime="${new Date(since).toISOString()}" title="since ${utc(since)}">${spoken(Math.max(0, now - since))}</time>`;
}

/** `26 Nov 09:30 UTC` */
export function utc(at: Instant): string {
  const [, day, month, , time = ''] = new Date(at).toUTCString().split(' ');
  return `${day} ${month} ${time.slice(0, 5)} UTC`;
}
