/** Every number and every id in every document, computed again from the rows: by other code than that which wrote them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numbersIn } from '../consolidate/numbers.ts';
import type { Finding, Snapshot, WayDay } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';
import { type Ends, quantileOfDays, shareOfDays } from '../testing/plain-chances.ts';
import {
  add,
  dollars,
  eachDay,
  endedOf,
  failedOf,
  mondayOf,
  percent,
  plus,
  seconds,
  weekOfDay,
} from '../testing/plain-numbers.ts';
import { costOf, Recomputed, wrongIn } from '../testing/recomputed.ts';
import { keepSixty, sixtyDays } from '../testing/some-knowledge.ts';
import { knowledge } from './documents.ts';
import { type Claim, claims } from './evidence.ts';

const until = '2026-03-05';
let folder: string;
let store: MemoryStore;
let days: readonly Snapshot[];
let rows: Recomputed;
let findings: Finding[];
let texts: ReadonlyMap<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-evidence-'));
  store = await openMemory(join(folder, 'memory.db'));
  await keepSixty(store, sixtyDays());
  days = await listed(store, {});
  rows = new Recomputed(days, until);
  findings = await store.findings('2026-W09');
  ({ texts } = await knowledge(store, until, () => undefined));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

type Part = Pick<WayDay, 'ended' | 'failed'>;

/** By day, as sure as days that differ bear. */
function checkShare(cell: string, byDay: readonly (readonly Part[])[]): void {
  const [value, ...ends] = numbersIn(cell).map((one) => Number(one.split(' ')[0])) as [number, ...number[]];
  const well = byDay.map((day) => ({ count: endedOf(day) - failedOf(day), total: endedOf(day) }));
  const own = shareOfDays(well, 0.95) as Ends;
  // Told to a tenth of a hundredth; the code's normal law is good to four digits.
  const away = [own.value, own.low, own.high].map((end, at) => Math.abs(100 * end - ([value, ...ends][at] as number)));
  expect([ends.length, ...away.map((one) => one < 0.052)], cell).toEqual([2, true, true, true]);
}

function checkMedian(cell: string, byDay: readonly (readonly number[])[], said: (value: number) => string): void {
  const own = quantileOfDays(byDay, 0.5, 0.95) as Ends;
  expect(numbersIn(cell)).toEqual([own.value, own.low, own.high].map(said));
}

describe('B10 every number of every document is computed again from the rows', () => {
  test('B10 pages of errors, and their table', () => {
    for (const [path, document] of texts) {
      const own = /errors\/(\w+)\.md$/.exec(path)?.[1];
      if (own === undefined) continue;
      const found = wrongIn(path, document, ({ block, row }) => {
        if (block === 'course' && row !== undefined) {
          const week = rows.errorsOf(own, mondayOf(row), add(mondayOf(row), 6));
          return [row, `${week.length}`, `${plus(week.map(({ times }) => times))}`, costOf(week)];
        }
        // A confidence is its own test's: evidence-confidence.test.ts. Here it is in its range.
        return [...rows.ofError(own), ...(block === 'course' ? ['0.95', '0.96', '0.97', '0.98', '0.99'] : [])];
      });
      expect(found).toEqual([]);
    }
    const path = 'docs/ENCOUNTERED_ERRORS.md';
    const table = (text: string) =>
      wrongIn(path, text, ({ block, row }) =>
        block === 'state' ? ['3', '1', '1', '1', '0', `${days.length}`, until] : rows.ofError(row ?? ''),
      );
    expect(table(texts.get(path) as string)).toEqual([]);
    rows.days = days.map((day) => ({
      ...day,
      errors: day.errors.map((error) => ({ ...error, times: error.times + 1 })),
    }));
    expect(table(texts.get(path) as string)).toContain('docs/ENCOUNTERED_ERRORS.md: 72 in "72"');
    rows.days = days;
  });

  test('B10 decisions, in their document and in MEMORY.md', async () => {
    const all = await store.decisions({});
    const may = ({ text, ids, row }: Claim) => {
      const decision = all.find(({ id }) => ids.includes(`decision:${id}`));
      if (decision) {
        const { at, confidence, reasoning, choice, supporting, outcome_at } = decision;
        const clock = (iso: string) => iso.slice(0, 16).replace('T', ' ');
        return [
          clock(at),
          (confidence ?? 0).toFixed(2),
          `${reasoning}`,
          `${choice}`,
          `${supporting.failed}`,
          dollars(Number(supporting.cost_micro_usd)),
          seconds(Number(supporting.duration_ms)),
          clock(outcome_at ?? at),
        ];
      }
      const week = row ?? /2026-W\d\d/.exec(`${text} ${ids.join(' ')}`)?.[0];
      const of = all.filter(({ date }) => weekOfDay(date) === week);
      const by = (outcome: string) => `${of.filter((one) => one.outcome === outcome).length}`;
      return [`${week}`, `${of.length}`, by('success'), by('failure'), by('unknown')];
    };
    const path = 'docs/DECISIONS.md';
    expect(wrongIn(path, texts.get(path) as string, may)).toEqual([]);
    // One row that is otherwise, and the document is wrong.
    all.splice(-1, 1, { ...(all.at(-1) as (typeof all)[0]), confidence: 0.11 });
    expect(wrongIn(path, texts.get(path) as string, may)).toEqual([expect.stringContaining('0.79 in')]);
  });

  test('B10 practices: counts, shares, medians and their intervals', () => {
    const [from, to] = [mondayOf('2026-W02'), '2026-03-01'];
    const path = 'docs/BEST_PRACTICES.md';
    const all = claims(path, texts.get(path) as string).filter(({ row }) => row !== undefined);
    expect(all.length).toBeGreaterThan(60);
    for (const block of ['models', 'agents']) {
      const cells = all.filter((claim) => claim.block === block);
      const width =
        cells.findLastIndex(({ column }) => column === cells[0]?.column) === 0
          ? cells.length
          : new Set(cells.map(({ column }) => column)).size;
      for (let at = 0; at < cells.length; at += width) {
        const line = cells.slice(at, at + width);
        const cell = (column: string) => line.find((one) => one.column === column)?.text ?? '';
        const by = block === 'models' ? ('model' as const) : ('agent_name' as const);
        const byDay = rows
          .between(from, to)
          .map(({ work }) =>
            work.filter((one) => one.operation === cell('Kind of task') && one[by] === (line[1] as Claim).text),
          );
        const work = byDay.flat();
        const [ended, failed] = [plus(work.map((one) => one.ended)), plus(work.map((one) => one.failed))];
        expect([cell('Tasks'), cell('Failed')]).toEqual([`${ended}`, `${failed}`]);
        checkShare(cell('Success (interval)'), byDay);
        for (const [column, of] of [
          ['Median time', 'durations'],
          ['Median cost', 'costs'],
        ] as const) {
          checkMedian(cell(column), eachDay(byDay, of), of === 'costs' ? dollars : seconds);
        }
      }
    }
  });

  test('B10 practices: sizes of batches and tools that were used together', () => {
    const path = 'docs/BEST_PRACTICES.md';
    const days = rows.between(mondayOf('2026-W02'), '2026-03-01').map((day) => day.work);
    const seen = ['batches', 'tools'].map((block) => {
      const cells = claims(path, texts.get(path) as string).filter(
        (one) => one.block === block && one.row !== undefined,
      );
      const lines = Array.from({ length: cells.length / 9 }, (_, at) => cells.slice(9 * at, 9 * at + 9));
      for (const line of lines) {
        const [agent, task, model, name, ended, failed, success, cost] = line.map(({ text }) => text) as string[];
        const ways = days.map((work) =>
          work
            .filter((one) => one.agent_name === agent && one.operation === task && (one.model ?? '-') === model)
            .flatMap((one): WayDay[] =>
              block === 'tools'
                ? one.toolsets.filter(({ tools }) => tools.join(' + ') === name)
                : one.batches.filter(({ size }) => numbersIn(`${name}`)[0] === (size === 1 ? undefined : `${size}`)),
            ),
        );
        expect([ended, failed]).toEqual([`${endedOf(ways.flat())}`, `${failedOf(ways.flat())}`]);
        checkShare(success as string, ways);
        checkMedian(cost as string, eachDay(ways, 'costs'), dollars);
      }
      return lines.map((line) => line[3]?.text);
    });
    // Of what was done too seldom it is only said how much of it there is.
    expect(seen).toEqual([
      ['one task', '4 to 7 tasks'],
      ['grep + read', 'read + web'],
    ]);
  });

  test('B10 lessons: each number is that of the week that showed it last', () => {
    const path = 'docs/BEST_PRACTICES.md';
    const lines = claims(path, texts.get(path) as string).filter(
      ({ block, ids }) => ['lessons', 'no-longer'].includes(block) && ids.length > 0,
    );
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const { text, ids, numbers } of lines) {
      const week = ids[0]?.replace('week:', '') as string;
      const states = text.match(/seen (?:once, )?in .+?(?=;|\))|contradicted in \S+(?=\))/)?.[0] ?? '';
      // Some finding of that week, of which all of it can be computed again.
      const lacking = findings
        .filter((one) => one.week === week && !one.kind.endsWith('-error'))
        .map((one) => {
          const known = new Set([...rows.ofFinding(one), states].flatMap(numbersIn));
          return numbers.filter((number) => !known.has(number));
        })
        .toSorted((a, b) => a.length - b.length);
      expect(lacking[0], text).toEqual([]);
    }
  });

  test('B10 MEMORY.md: the day, the week, the week before, and what is to be done', () => {
    const path = 'MEMORY.md';
    const unasked = (of: readonly Snapshot[]) => {
      const known = of.filter(({ incidents }) => incidents.raised !== null).length;
      return known < of.length ? ` (of ${known} days)` : '';
    };
    const sums = (of: readonly Snapshot[]) => {
      const ended = plus(of.map(({ tasks }) => tasks.completed + tasks.failed));
      const failed = plus(of.map(({ tasks }) => tasks.failed));
      return {
        'tasks that ended': `${ended}`,
        'of them failed': `${failed}`,
        success: percent((ended - failed) / ended),
        cost: dollars(plus(of.map(({ cost }) => cost.micro_usd ?? 0))),
        'cost of what failed': dollars(plus(of.map(({ cost }) => cost.failed_micro_usd ?? 0))),
        'calls without a price': `${plus(of.map(({ cost }) => cost.unpriced_calls))}`,
        'approvals asked for': `${plus(of.map(({ approvals }) => approvals.asked))}`,
        'incidents raised': `${plus(of.map(({ incidents }) => incidents.raised ?? 0))}${unasked(of)}`,
      };
    };
    const today = days.find(({ date }) => date === until) as Snapshot;
    const columns: Record<string, ReturnType<typeof sums>> = {
      [until]: sums([today]),
      '2026-W09 (7 of 7 days)': sums(rows.week('2026-W09')),
      '2026-W08 (7 of 7 days)': sums(rows.week('2026-W08')),
    };
    const all = claims(path, texts.get(path) as string);
    const cells = all.filter(({ block, row }) => block === 'metrics' && row !== undefined);
    const seen = cells.flatMap(({ row, column, text }) => {
      const sum = columns[column ?? '']?.[row as 'cost'];
      return sum === undefined ? [] : [[text === 'not known' ? '0' : text, sum]];
    });
    expect(seen).toHaveLength(24);
    for (const [told, sum] of seen) expect(told).toBe(sum);

    const unpriced = plus(
      rows.between(add(until, -6), until).map(({ models }) => plus(models.map(({ cost }) => cost.unpriced_calls))),
    );
    const may = ({ text, ids, numbers }: Claim) => {
      const fingerprint = ids.find((id) => id.startsWith('error:'))?.slice(6);
      if (fingerprint !== undefined) return rows.ofError(fingerprint);
      if (text.startsWith('- Act on what ')) {
        const of = findings
          .filter(({ week }) => ids.includes(`week:${week}`))
          .map((one) => [
            ...rows.ofFinding(one),
            `${new Set(findings.filter(({ key, direction }) => key === one.key && direction === 1).map(({ week }) => week)).size}`,
          ]);
        return of.find((known) => numbers.every((one) => known.flatMap(numbersIn).includes(one))) ?? [];
      }
      if (text.includes('a price')) return [`${unpriced}`, '7', until];
      if (text.includes('approval')) return [`${today.approvals.open}`, until];
      return [];
    };
    const rest = all.filter(({ block }) => block === 'next' || block === 'issues');
    const bad = (text: string) =>
      wrongIn(path, text, (claim) => (claim.block === 'next' || claim.block === 'issues' ? may(claim) : claim.numbers));
    expect(rest.flatMap(({ numbers }) => numbers).length).toBeGreaterThanOrEqual(8);
    expect(bad(texts.get(path) as string)).toEqual([]);
  });
});

test('B10 every id is one of the rows', async () => {
  const runs = new Set([
    ...days.flatMap(({ work, errors }) => [
      ...work.flatMap((one) => [...one.went_well, ...one.went_wrong]),
      ...errors.flatMap(({ sessions }) => sessions),
    ]),
    ...(await store.decisions({})).flatMap(({ session_id }) => session_id ?? []),
  ]);
  const opens = async (id: string) => {
    const [, kind, rest = ''] = /^(day|week|error|decision):(.*)$/.exec(id) ?? [];
    if (kind === 'day') return (await store.snapshot(rest)) !== undefined;
    if (kind === 'week') return rows.week(rest).length > 0;
    if (kind === 'error') return rows.errorsOf(rest).length > 0;
    if (kind === 'decision') return (await store.decision(rest)) !== undefined;
    return runs.has(id);
  };
  const all = new Set([...texts].flatMap(([path, text]) => claims(path, text).flatMap(({ ids }) => ids)));
  const closed: string[] = [];
  for (const id of all) if (!(await opens(id))) closed.push(id);
  expect(all.size).toBeGreaterThan(60);
  expect(closed).toEqual([]);
  expect(await opens('decision:none')).toBe(false);
});

test('B10 a number in a name is none, what people wrote is not asked for, and a text is read as it was meant', () => {
  expect(
    numbersIn(
      'gpt-5 v2 took 3 min 20 s, 97.5 % of 12 345 cost <$0.0001 on 2026-02-15 09:12 in 2026-W07 (+3 to -8 %), -4.',
    ),
  ).toEqual([...['3 min', '20 s', '97.5 %', '12 345', '<$0.0001', '2026-02-15 09:12', '2026-W07', '+3', '-8 %', '-4']]);
  const path = 'MEMORY.md';
  const changed = (texts.get(path) as string).replace('## Known issues', '## Known issues 17');
  expect(new Set(claims(path, changed).map(({ block }) => block))).toEqual(new Set(['metrics', 'decisions', 'next']));
});
