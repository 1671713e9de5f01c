/** Every number and every id in every document, computed again from the rows: by other code than that which wrote them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorDay, Finding, Snapshot, WorkDay } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';
import { keepSixty, sixtyDays } from '../testing/some-knowledge.ts';
import { knowledge } from './documents.ts';
import { type Claim, claims, numbersIn } from './evidence.ts';

const until = '2026-03-05';
let folder: string;
let store: MemoryStore;
let days: Snapshot[];
let findings: Finding[];
let texts: ReadonlyMap<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-evidence-'));
  store = await openMemory(join(folder, 'memory.db'));
  await keepSixty(store, sixtyDays());
  days = [];
  for await (const day of store.snapshots({})) days.push(day);
  findings = await store.findings('2026-W09');
  ({ texts } = await knowledge(store, until, () => undefined));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/* Plain arithmetic and plain formats, on purpose not those of the renderer. */
const dollars = (micro: number) =>
  micro > 0 && micro < 50 ? '<$0.0001' : `$${(micro / 1e6).toFixed(micro >= 1e6 ? 2 : 4)}`;
const percent = (of1: number) => `${(100 * of1).toFixed(1)} %`;
const seconds = (ms: number) =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 9995 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 1000)} s`;
const plus = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const add = (date: string, n: number) => new Date(Date.parse(date) + n * 86_400_000).toISOString().slice(0, 10);
/** Weeks of this fleet: 2026-01-05 is a Monday, and the first day of W02. */
const mondayOf = (week: string) => add('2026-01-05', 7 * (Number(week.slice(6)) - 2));
const weekOfDay = (date: string) =>
  `2026-W${String(2 + Math.floor((Date.parse(date) - Date.parse('2026-01-05')) / (7 * 86_400_000))).padStart(2, '0')}`;
const between = (from: string, to: string) => days.filter(({ date }) => date >= from && date <= to);
const inWeek = (week: string) => between(mondayOf(week), add(mondayOf(week), 6));
/** What a bucket of store/histogram.ts stands for: its middle, in 2 % steps from 64 on. */
const inside = (bucket: number) => (bucket < 64 ? bucket : Math.round(64 * 1.02 ** (bucket - 64 + 0.5)));
const middle = (sorted: readonly number[]) => sorted[Math.ceil(sorted.length / 2) - 1] as number;
/** Times or money of some work, one value after the other, within 1 %: from the text that is kept. */
const values = (work: readonly WorkDay[], of: 'durations' | 'costs') =>
  work
    .flatMap((one) => {
      const flat = JSON.parse(one[of]) as number[];
      return flat.flatMap((bucket, at) =>
        at % 2 === 0 ? Array<number>(flat[at + 1] as number).fill(inside(bucket)) : [],
      );
    })
    .sort((a, b) => a - b);
const errorsOf = (fingerprint: string, from = '', to = '~') =>
  days.flatMap(({ date, errors }) =>
    date >= from && date <= to
      ? errors.flatMap((error): (ErrorDay & { date: string })[] =>
          error.fingerprint === fingerprint ? [{ date, ...error }] : [],
        )
      : [],
  );
const costOf = (errors: readonly ErrorDay[]) => dollars(plus(errors.map(({ cost_micro_usd }) => cost_micro_usd ?? 0)));

/** A number that no row gives, by document: what is wrong. */
function wrong(path: string, document: string, may: (claim: Claim) => readonly string[]): string[] {
  return claims(path, document).flatMap((claim) => {
    const known = new Set(may(claim).flatMap(numbersIn));
    return claim.numbers.filter((one) => !known.has(one)).map((one) => `${path}: ${one} in "${claim.text}"`);
  });
}

function ofError(fingerprint: string): string[] {
  const [all, recent] = [errorsOf(fingerprint), errorsOf(fingerprint, add(until, -27), until)];
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

/** All that a sentence about a finding may say. */
function ofFinding({ week, words, confidence, sample, method, low, high, kind }: Finding): string[] {
  const work = (of: Snapshot[], who: Partial<WorkDay>) =>
    of
      .flatMap((day) => day.work)
      .filter((one) => Object.entries(who).every(([name, value]) => one[name as keyof WorkDay] === value));
  const now = inWeek(week);
  const before = inWeek(weekOfDay(add(mondayOf(week), -7)));
  const agent = { agent_name: words.agent ?? '', operation: words.operation ?? '' };
  const others = now
    .flatMap((day) => day.work)
    .filter((one) =>
      words.against === 'its other work'
        ? one.agent_name === words.agent && one.operation !== words.operation
        : one.agent_name !== words.agent && one.operation === words.operation,
    );
  const sides = {
    'agent-task': [work(now, agent), others],
    'model-choice': [words.model, words.instead_of].map((model) =>
      work(now, { operation: agent.operation, model: model ?? '' }),
    ),
    regression: [work(before, agent), work(now, agent)],
    improvement: [work(before, agent), work(now, agent)],
  }[kind as 'regression'];
  const told = sides.flatMap((side) => {
    const [ended, failed] = [plus(side.map((one) => one.ended)), plus(side.map((one) => one.failed))];
    const [times, money] = [values(side, 'durations'), values(side, 'costs')];
    const late = times[Math.ceil(times.length * 0.95) - 1] as number;
    return [
      `${ended}`,
      `${failed}`,
      percent(failed / ended),
      seconds(middle(times)),
      seconds(late),
      dollars(middle(money)),
    ];
  });
  const [one = 0, other = 0] = sides.map(
    (side) => plus(side.map(({ failed }) => failed)) / plus(side.map(({ ended }) => ended)),
  );
  const smaller = Math.min(...sides.map((side) => plus(side.map((one) => one.ended))));
  expect(sample).toBe(smaller);
  const interval = [low, high].map((end) => `${(end ?? 0) > 0 ? '+' : ''}${Math.round((end ?? 0) * 100)} %`);
  return [
    ...told,
    percent(Math.abs(one - other)),
    `${sample}`,
    confidence.toFixed(2),
    method,
    ...interval,
    interval.join(' to ').replace(' % to', ' to'),
    week,
  ];
}

describe('B10 every number of every document is computed again from the rows', () => {
  test('B10 pages of errors, and their table', () => {
    for (const [path, document] of texts) {
      const own = /errors\/(\w+)\.md$/.exec(path)?.[1];
      if (own === undefined) continue;
      const found = wrong(path, document, ({ block, row }) => {
        if (block === 'course' && row !== undefined) {
          const week = errorsOf(own, mondayOf(row), add(mondayOf(row), 6));
          return [row, `${week.length}`, `${plus(week.map(({ times }) => times))}`, costOf(week)];
        }
        // A confidence is its own test's: consolidate/findings.test.ts. Here it is in its range.
        return [...ofError(own), ...(block === 'course' ? ['0.95', '0.96', '0.97', '0.98', '0.99'] : [])];
      });
      expect(found).toEqual([]);
    }
    const path = 'docs/ENCOUNTERED_ERRORS.md';
    const table = (text: string) =>
      wrong(path, text, ({ block, row }) =>
        block === 'state' ? ['3', '1', '1', '1', '0', `${days.length}`, until] : ofError(row ?? ''),
      );
    expect(table(texts.get(path) as string)).toEqual([]);
    const before = days;
    days = days.map((day) => ({ ...day, errors: day.errors.map((error) => ({ ...error, times: error.times + 1 })) }));
    expect(table(texts.get(path) as string)).toContain('docs/ENCOUNTERED_ERRORS.md: 72 in "72"');
    days = before;
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
    expect(wrong(path, texts.get(path) as string, may)).toEqual([]);
    // One row that is otherwise, and the document is wrong.
    all.splice(-1, 1, { ...(all.at(-1) as (typeof all)[0]), confidence: 0.11 });
    expect(wrong(path, texts.get(path) as string, may)).toEqual([expect.stringContaining('0.79 in')]);
  });

  test('B10 practices: counts, shares, medians and their intervals', () => {
    const [from, to] = [mondayOf('2026-W02'), '2026-03-01'];
    const path = 'docs/BEST_PRACTICES.md';
    const rows = claims(path, texts.get(path) as string).filter(({ row }) => row !== undefined);
    expect(rows.length).toBeGreaterThan(60);
    for (const block of ['models', 'agents']) {
      const cells = rows.filter((claim) => claim.block === block);
      const width =
        cells.findLastIndex(({ column }) => column === cells[0]?.column) === 0
          ? cells.length
          : new Set(cells.map(({ column }) => column)).size;
      for (let at = 0; at < cells.length; at += width) {
        const line = cells.slice(at, at + width);
        const cell = (column: string) => line.find((one) => one.column === column)?.text ?? '';
        const by = block === 'models' ? ('model' as const) : ('agent_name' as const);
        const work = between(from, to)
          .flatMap((day) => day.work)
          .filter((one) => one.operation === cell('Kind of task') && one[by] === (line[1] as Claim).text);
        const [ended, failed] = [plus(work.map((one) => one.ended)), plus(work.map((one) => one.failed))];
        expect([cell('Tasks'), cell('Failed')]).toEqual([`${ended}`, `${failed}`]);
        const [value, low, high] = numbersIn(cell('Success (interval)')).map(
          (one) => Number(one.split(' ')[0]) / 100,
        ) as [number, number, number];
        expect(value).toBeCloseTo((ended - failed) / ended, 3);
        // Wilson's ends are where the share would be 1.96 standard deviations away.
        for (const end of [low, high])
          expect(Math.abs(value - end) / Math.sqrt((end * (1 - end)) / ended)).toBeCloseTo(1.96, 0);
        for (const [column, of] of [
          ['Median time', 'durations'],
          ['Median cost', 'costs'],
        ] as const) {
          const sorted = values(work, of);
          const said = of === 'costs' ? dollars : seconds;
          const [median, ...ends] = numbersIn(cell(column));
          expect(median).toBe(said(middle(sorted)));
          // The normal law's ranks, and two more on either side: the binomial one is within that.
          for (const [side, end] of ends.entries()) {
            const rank = Math.round(sorted.length / 2 + (side === 0 ? -0.98 : 0.98) * Math.sqrt(sorted.length));
            expect(sorted.slice(Math.max(0, rank - 4), rank + 4).map(said)).toContain(end);
          }
          expect(ends).toHaveLength(2);
        }
      }
    }
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
        .filter(
          (one) =>
            one.week === week && one.kind in { 'agent-task': 1, 'model-choice': 1, regression: 1, improvement: 1 },
        )
        .map((one) => {
          const known = new Set([...ofFinding(one), states].flatMap(numbersIn));
          return numbers.filter((number) => !known.has(number));
        })
        .toSorted((a, b) => a.length - b.length);
      expect(lacking[0], text).toEqual([]);
    }
  });

  test('B10 MEMORY.md: the day, the week, the week before, and what is to be done', () => {
    const path = 'MEMORY.md';
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
        'incidents raised': `${plus(of.map(({ incidents }) => incidents.raised ?? 0))}`,
      };
    };
    const today = days.find(({ date }) => date === until) as Snapshot;
    const columns: Record<string, ReturnType<typeof sums>> = {
      [until]: sums([today]),
      '2026-W09 (7 of 7 days)': sums(inWeek('2026-W09')),
      '2026-W08 (7 of 7 days)': sums(inWeek('2026-W08')),
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
      between(add(until, -6), until).map(({ models }) => plus(models.map(({ cost }) => cost.unpriced_calls))),
    );
    const may = ({ text, ids }: Claim) => {
      const fingerprint = ids.find((id) => id.startsWith('error:'))?.slice(6);
      if (fingerprint !== undefined) return ofError(fingerprint);
      if (text.includes('a price')) return [`${unpriced}`, '7', until];
      if (text.includes('approval')) return [`${today.approvals.open}`, until];
      return [];
    };
    const rest = all.filter(({ block }) => block === 'next' || block === 'issues');
    const bad = (text: string) =>
      wrong(path, text, (claim) => (claim.block === 'next' || claim.block === 'issues' ? may(claim) : claim.numbers));
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
    if (kind === 'week') return inWeek(rest).length > 0;
    if (kind === 'error') return errorsOf(rest).length > 0;
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
