/**
 * The arithmetic of error budgets, apart from any metric. In whole numbers: an objective in basis points (9990 is
 * 99.9 %), a factor in tenths (144 is 14.4×), so that a threshold in a rule is exact and reads well.
 */

import type { Duration } from '../kit/duration.ts';
import type { Severity } from '../kit/severity.ts';

/** Two windows that must both burn: the long one says that it matters, the short one that it still goes on. */
export interface BurnWindow {
  readonly long: '1h' | '6h' | '1d' | '3d';
  readonly short: '5m' | '30m' | '2h' | '6h';
  /** How many times faster than "spent exactly at the end of the period", in tenths. */
  readonly factorTenths: number;
  /** By how soon somebody must act. */
  readonly severity: Severity;
  /** How long both must burn before it is told, and how long it must be over before it is not: the short ones flap. */
  readonly for: Duration;
  readonly keepFiringFor: Duration;
}

/** The period of every budget. */
export const periodDays = 30;

/** The windows of the SRE Workbook (chapter 5, table 5-8) and of sloth: 2, 5, 10 and 10 % of the budget per long window. */
export const standardWindows: readonly BurnWindow[] = [
  { long: '1h', short: '5m', factorTenths: 144, severity: 'critical', for: '2m', keepFiringFor: '5m' },
  { long: '6h', short: '30m', factorTenths: 60, severity: 'high', for: '5m', keepFiringFor: '15m' },
  { long: '1d', short: '2h', factorTenths: 30, severity: 'warning', for: '15m', keepFiringFor: '15m' },
  { long: '3d', short: '6h', factorTenths: 10, severity: 'info', for: '30m', keepFiringFor: '15m' },
];

/**
 * For objectives of 82 to 94 %. Ten times a budget of 10 % is more than everything: what counts here is not how soon the
 * budget is gone but that half of the work fails.
 */
export const lowObjectiveWindows: readonly BurnWindow[] = standardWindows.map((window, at) => ({
  ...window,
  factorTenths: [50, 30, 20, 10][at] as number,
}));

/** An error ratio that everything failing hardly reaches is no threshold. */
const highestThreshold = 90_000;
/** Thresholds are counted in 1/100 000: basis points times tenths. */
const one = 100_000;
/** At the threshold so many events are bad: one mishap is none, two are an accident. */
const fewestBadEvents = 3;

/** The error ratio above which a window burns, 0 to 1, as exact text. */
export function threshold(objectiveBp: number, { factorTenths }: BurnWindow): string {
  return decimal(budgetBp(objectiveBp) * factorTenths, 5);
}

/** The fewest events in the long window that say anything: three bad ones of them reach the threshold, two do not. */
export function fewestEvents(objectiveBp: number, { factorTenths }: BurnWindow): number {
  return Math.ceil((fewestBadEvents * one) / (budgetBp(objectiveBp) * factorTenths));
}

/** Hours until the budget of a whole period is spent, at the pace at which the window fires. */
export function hoursToExhaustion({ factorTenths }: BurnWindow): number {
  return (periodDays * 24 * 10) / factorTenths;
}

/** Share of failures that is allowed, in basis points. */
function budgetBp(objectiveBp: number): number {
  return 10_000 - objectiveBp;
}

/** What is allowed in a period: minutes of everything failing, and failures of 10 000 events. */
export function budget(objectiveBp: number): { minutes: number; of10000: number } {
  return { minutes: (periodDays * 24 * 60 * budgetBp(objectiveBp)) / 10_000, of10000: budgetBp(objectiveBp) };
}

/** `99.9 %`. */
export function percent(bp: number): string {
  return `${decimal(bp, 2)} %`;
}

/** 9990 → `0.999`: a share as exact text. */
export function share(bp: number): string {
  return decimal(bp, 4);
}

/** @throws RangeError for an objective that is none, or that one of the windows can never find broken. */
export function checkObjective(name: string, objectiveBp: number, windows: readonly BurnWindow[]): void {
  if (!Number.isInteger(objectiveBp) || objectiveBp <= 0 || objectiveBp >= 10_000)
    throw new RangeError(
      `Cannot use the objective ${objectiveBp} of "${name}": write basis points, a whole number from 1 to 9999. 9990 is 99.9 %.`,
    );
  const deaf = windows.find((window) => budgetBp(objectiveBp) * window.factorTenths > highestThreshold);
  if (!deaf) return;
  const seen = percent((budgetBp(objectiveBp) * deaf.factorTenths) / 10);
  throw new RangeError(
    `Cannot use the objective ${percent(objectiveBp)} of "${name}": its alert on ${deaf.long} would wait for ${seen} of failures, and above 90 % is as good as never. ${remedy(objectiveBp, windows)}`,
  );
}

function remedy(objectiveBp: number, windows: readonly BurnWindow[]): string {
  const raise = `Raise the objective to ${percent(lowestObjectiveBp(windows))}`;
  return windows !== lowObjectiveWindows && objectiveBp >= lowestObjectiveBp(lowObjectiveWindows)
    ? `Use lowObjectiveWindows, or raise the objective to ${percent(lowestObjectiveBp(windows))}.`
    : `${raise}, or alert on the plain error ratio: a promise that holds less than four times of five has no budget to burn.`;
}

/** The lowest objective that every window of a table can find broken, in basis points. */
export function lowestObjectiveBp(windows: readonly BurnWindow[]): number {
  const fastest = Math.max(...windows.map(({ factorTenths }) => factorTenths));
  return 10_000 - Math.floor(highestThreshold / fastest);
}

/** A whole number of 10^-places as text, without trailing zeros: `decimal(1440, 5)` is 0.0144. */
function decimal(units: number, places: number): string {
  const digits = String(Math.round(units)).padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '');
}
