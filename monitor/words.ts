/** Numbers, times and texts of the ledger, as people read them. What is not known is `-`. */
import { stripVTControlCharacters } from 'node:util';
import type { Window } from './store/store.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `250 ms`, `1.50 s`, `45 s`, `3 min 20 s`, `2 d 4 h`: two units at most. */
export function duration(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  const whole = Math.round(ms / 1000) * 1000;
  const at = units.findIndex(([, size]) => whole >= size);
  const [unit, size] = units[at] as (typeof units)[number];
  const [nextUnit, nextSize] = units[at + 1] ?? [];
  const rest = nextSize ? Math.floor((whole % size) / nextSize) : 0;
  return `${Math.floor(whole / size)} ${unit}${rest > 0 ? ` ${rest} ${nextUnit}` : ''}`;
}

/** `$0.0123`, `$12.50`, `<$0.0001`; `+` behind it: calls without a known price are not in it. */
export function money(microUsd: number | null, unpricedCalls = 0): string {
  const more = unpricedCalls > 0 ? '+' : '';
  if (microUsd === null) return more ? '?' : '-';
  if (microUsd > 0 && microUsd < 50) return `<$0.0001${more}`;
  return `$${(microUsd / 1e6).toFixed(microUsd < 1_000_000 ? 4 : 2)}${more}`;
}

/** `1 run`, `12 runs`, `1 234 567 runs`. */
export function count(of: number, one: string, many = `${one}s`): string {
  return `${number(of)} ${of === 1 ? one : many}`;
}

/** `1234`, `12 345`: by thousands, once it is too long to be read at a glance. */
export function number(of: number): string {
  return Math.abs(of) < 10_000 ? `${of}` : `${of}`.replace(/(?<=\d)(?=(\d{3})+$)/g, ' ');
}

/** `512 B`, `1.2 MiB`. */
export function bytes(number: number): string {
  const at = number < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(number) / 10));
  return at === 0 ? `${number} B` : `${(number / 1024 ** at).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB'][at]}`;
}

/** A share of 1: `97.5 %`. */
export function share(of1: number | null): string {
  return of1 === null ? '-' : `${(of1 * 100).toFixed(1)} %`;
}

/** `12 min ago`, or the moment itself: `2026-11-26 09:30:15Z`. */
export function when(iso: string | null, { now, absolute }: { now: number; absolute: boolean }): string {
  if (iso === null) return '-';
  if (absolute) return `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
  const ago = now - Date.parse(iso);
  if (Math.abs(ago) < 1000) return 'now';
  return ago < 0 ? `in ${rough(-ago)}` : `${rough(ago)} ago`;
}

/** `since 2026-11-26 00:00Z`, `from 2026-11-01 00:00Z until 2026-11-08 00:00Z`. */
export function span({ sinceIso, untilIso }: Window): string {
  const at = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')}Z`;
  if (sinceIso === undefined) return untilIso === undefined ? 'since the beginning' : `until ${at(untilIso)}`;
  return untilIso === undefined ? `since ${at(sinceIso)}` : `from ${at(sinceIso)} until ${at(untilIso)}`;
}

/** `TimeoutError: no answer in 30 s`. */
export function errorText(error: {
  readonly error_type: string | null;
  readonly error_message: string | null;
}): string {
  return [error.error_type, error.error_message].filter(Boolean).map(oneLine).join(': ') || '-';
}

/** One line of what somebody else wrote: without the codes by which a text could steer a terminal. */
export function oneLine(text: string | null): string {
  return stripVTControlCharacters(text ?? '-')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
}

/** Only the largest unit: somebody scans a column. */
function rough(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? units[3];
  return `${Math.floor(ms / size)} ${unit}`;
}
