/** All that may stand in a sentence, computed again from the rows that are kept. */
import { numbersIn } from '../consolidate/numbers.ts';
import { type Claim, claims } from '../knowledge/evidence.ts';
import type { ErrorDay, Finding, Snapshot, WayDay, WorkDay } from '../record.ts';
import {
  add,
  dollars,
  endedOf,
  failedOf,
  middle,
  mondayOf,
  percent,
  plus,
  seconds,
  values,
  weekOfDay,
} from './plain-numbers.ts';

export class Recomputed {
  days: readonly Snapshot[];
  readonly #until: string;

  /** @param until the last day that documents tell of */
  constructor(days: readonly Snapshot[], until: string) {
    this.days = days;
    this.#until = until;
  }

  between(from: string, to: string): Snapshot[] {
    return this.days.filter(({ date }) => date >= from && date <= to);
  }

  week(week: string): Snapshot[] {
    return this.between(mondayOf(week), add(mondayOf(week), 6));
  }

  errorsOf(fingerprint: string, from = '', to = '~'): (ErrorDay & { date: string })[] {
    return this.between(from, to).flatMap(({ date, errors }) =>
      errors.filter((error) => error.fingerprint === fingerprint).map((error) => ({ date, ...error })),
    );
  }

  ofError(fingerprint: string): string[] {
    const until = this.#until;
    const [all, recent] = [this.errorsOf(fingerprint), this.errorsOf(fingerprint, add(until, -27), until)];
    const dates = all.map(({ date }) => date);
    const total = (errors: readonly ErrorDay[]) => `${plus(errors.map(({ times }) => times))}`;
    // The longest silence is the only one of this fleet that means anything.
    const longest = dates
      .map((date, i) => ({ after: date, until: dates[i + 1] ?? until }))
      .toSorted((a, b) => Date.parse(b.until) - Date.parse(b.after) - (Date.parse(a.until) - Date.parse(a.after)))[0];
    return [
      ...[total(all), `${all.length}`, costOf(all), total(recent), costOf(recent), '28', until],
      ...[dates[0], dates.at(-1), all[0]?.first_at, all.at(-1)?.last_at, longest?.after, longest?.until].map(String),
    ];
  }

  /** What is compared in a finding: the one side and the other. */
  sides({ week, words, kind }: Finding): (readonly Pick<WorkDay, 'ended' | 'failed' | 'costs'>[])[] {
    const [now, before] = [this.week(week), this.week(weekOfDay(add(mondayOf(week), -7)))];
    const work = (days: readonly Snapshot[], is: (one: WorkDay) => boolean) =>
      days.flatMap((day) => day.work).filter(is);
    const mine = ({ agent_name, operation }: WorkDay) => agent_name === words.agent && operation === words.operation;
    const others = ({ agent_name, operation }: WorkDay) =>
      words.against === 'its other work'
        ? agent_name === words.agent && operation !== words.operation
        : agent_name !== words.agent && operation === words.operation;
    // Agents that have enough of both.
    const enough = (agent: string) =>
      [words.model, words.instead_of].every((model) => {
        const own = work(
          now,
          (one) => one.agent_name === agent && one.operation === words.operation && one.model === model,
        );
        return endedOf(own) >= 20 && values(own, 'costs').length >= 20;
      });
    const of = (model: string | undefined) => (one: WorkDay) =>
      one.operation === words.operation && one.model === model && enough(one.agent_name);
    const way = (name: string | undefined): WayDay[] =>
      work(now, (one) => mine(one) && (one.model ?? '') === words.model).flatMap((one): readonly WayDay[] =>
        kind === 'batch-size'
          ? one.batches.filter(({ size }) => sizes(size) === name)
          : one.toolsets.filter(({ tools }) => tools.join(' + ') === name),
      );
    if (kind === 'agent-task') return [work(now, mine), work(now, others)];
    if (kind === 'model-choice') return [work(now, of(words.model)), work(now, of(words.instead_of))];
    if (kind === 'batch-size' || kind === 'tool-choice') return [way(words.way), way(words.instead_of)];
    return [work(before, mine), work(now, mine)];
  }

  /** All that the sentence about a finding may say, with what it rests on. */
  ofFinding(finding: Finding): string[] {
    const { week, words, confidence, sample, method, low, high, kind } = finding;
    const rest = [confidence.toFixed(2), `${sample}`, method, week];
    if (kind.endsWith('-error')) {
      const found = this.errorsOf(words.fingerprint ?? '', mondayOf(week), add(mondayOf(week), 6));
      const counts = [`${plus(found.map(({ times }) => times))}`, `${found.length}`, costOf(found)];
      return [...counts, ...this.ofError(words.fingerprint ?? ''), ...rest];
    }
    const sides = this.sides(finding);
    const told = sides.flatMap((side) => {
      const [ended, failed, money] = [endedOf(side), failedOf(side), values(side, 'costs')];
      const times = side.every((one) => 'durations' in one) ? values(side as WorkDay[], 'durations') : [];
      const late = times[Math.ceil(times.length * 0.95) - 1] ?? 0;
      return [
        ...[`${ended}`, `${failed}`, percent(failed / ended), dollars(middle(money))],
        ...[seconds(middle(times) ?? 0), seconds(late)],
      ];
    });
    const [one = 0, other = 0] = sides.map((side) => failedOf(side) / endedOf(side));
    // The way is part of the sentence, and its name has figures.
    const names = [words.way ?? '', words.instead_of ?? ''];
    const interval = [low, high].map((end) => `${(end ?? 0) > 0 ? '+' : ''}${Math.round((end ?? 0) * 100)} %`);
    // Of what was nothing, money and no share.
    const difference = [low, high].map((end) => dollars(Math.abs(end ?? 0)));
    const ends = [
      ...interval,
      interval.join(' to ').replace(' % to', ' to'),
      ...(finding.numbers.before === 0 || finding.numbers.after === 0 ? difference : []),
    ];
    const smaller = `${Math.min(...sides.map(endedOf))}`;
    return [...told, ...names, percent(Math.abs(one - other)), ...ends, ...rest.with(1, smaller)];
  }
}

export function costOf(errors: readonly ErrorDay[]): string {
  // Nothing known is no number.
  if (errors.every(({ cost_micro_usd }) => cost_micro_usd === null)) return '';
  return dollars(plus(errors.map(({ cost_micro_usd }) => cost_micro_usd ?? 0)));
}

function sizes(size: number): string {
  return size === 1 ? 'one task' : size === 2 ? '2 or 3 tasks' : `${size} to ${2 * size - 1} tasks`;
}

/** A number that no row gives, by document: what is wrong. */
export function wrong(path: string, found: readonly Claim[], may: (claim: Claim) => readonly string[]): string[] {
  return found.flatMap((claim) => {
    const known = new Set(may(claim).flatMap(numbersIn));
    return claim.numbers.filter((one) => !known.has(one)).map((one) => `${path}: ${one} in "${claim.text}"`);
  });
}

export function wrongIn(path: string, document: string, may: (claim: Claim) => readonly string[]): string[] {
  return wrong(path, claims(path, document), may);
}
