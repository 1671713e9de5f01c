/** How well an alert would have done: what it told, what that was, what it overlooked. */
import type { Fault } from './faults.ts';
import type { Firing } from './simulate.ts';

/** Firings of one rule that overlap: one notification, however many series it is of. */
export interface Incident {
  activeAt: number;
  firedAt: number;
  /** Undefined: not over yet. */
  resolvedAt: number | undefined;
  series: Readonly<Record<string, string>>[];
  /** The faults during which, or so soon after which, its condition began to hold. */
  faults: Fault[];
}

/** One incident per stretch of time in which anything of the rule fires. */
export function incidents(
  courses: readonly { labels: Readonly<Record<string, string>>; firings: readonly Firing[] }[],
): Omit<Incident, 'faults'>[] {
  const all = courses
    .flatMap(({ labels, firings }) => firings.map((firing) => ({ ...firing, labels })))
    .sort((a, b) => a.firedAt - b.firedAt);
  const merged: Omit<Incident, 'faults'>[] = [];
  for (const { activeAt, firedAt, resolvedAt, labels } of all) {
    const open = merged.at(-1);
    if (open && (open.resolvedAt ?? Number.POSITIVE_INFINITY) >= firedAt) {
      open.activeAt = Math.min(open.activeAt, activeAt);
      open.resolvedAt = open.resolvedAt && resolvedAt && Math.max(open.resolvedAt, resolvedAt);
      if (!open.series.includes(labels)) open.series.push(labels);
    } else merged.push({ activeAt, firedAt, resolvedAt, series: [labels] });
  }
  return merged;
}

/** What a condition that began at a time can be the doing of: windows of rates and slow work reach beyond the fault. */
export function faultsBehind(activeAt: number, faults: readonly Fault[], afterSeconds: number): Fault[] {
  return faults.filter(({ from, to }) => activeAt >= from && activeAt <= to + afterSeconds);
}

/** How often an alert may fire for no reason that is known: so often a day, but once in any history. */
export function allowance(perDay: number, historySeconds: number): number {
  return Math.max(1, Math.floor((perDay * historySeconds) / 86_400));
}

/** The alerts that told of a fault, soonest first. */
export function caughtBy(fault: Fault, told: readonly { name: string; incidents: readonly Incident[] }[]): Catch[] {
  return told
    .flatMap(({ name, incidents }) => {
      const first = incidents.find(({ faults }) => faults.includes(fault));
      return first ? [{ alert: name, afterSeconds: first.firedAt - fault.from }] : [];
    })
    .sort((a, b) => a.afterSeconds - b.afterSeconds);
}

export interface Catch {
  alert: string;
  /** From the beginning of the fault to the notification. */
  afterSeconds: number;
}
