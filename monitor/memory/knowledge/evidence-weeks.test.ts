/** Every number and every id in the page of every week, and in the file of every day, computed again from the rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminal } from '../../testing/run-command.ts';
import { isRemembered } from '../ask/evidence.ts';
import { showRemembered } from '../ask/show.ts';
import type { Decision, Finding, Snapshot } from '../record.ts';
import { allFiles } from '../schedule/files.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';
import { add, dollars, mondayOf, percent, plus, seconds, values, weekOfDay } from '../testing/plain-numbers.ts';
import { Recomputed, wrong } from '../testing/recomputed.ts';
import { keepSixty, sixtyDays } from '../testing/some-knowledge.ts';
import { type Claim, claimsOf } from './evidence.ts';

let folder: string;
let store: MemoryStore;
let days: readonly Snapshot[];
let findings: readonly Finding[];
let decisions: readonly Decision[];
let rows: Recomputed;
const texts = new Map<string, string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-evidence-'));
  store = await openMemory(join(folder, 'memory.db'));
  await keepSixty(store, sixtyDays());
  [days, findings, decisions] = [await listed(store, {}), await store.findings('2026-W09'), await store.decisions({})];
  rows = new Recomputed(days, '2026-03-05');
  for (const { path, text } of await allFiles(store)) texts.set(path, (await text()) ?? '');
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const pages = () => [...texts].flatMap(([path, text]) => (path.startsWith('memory/') ? [[path, text] as const] : []));

/** By heading. */
function sections(text: string): Claim[] {
  return text.split(/^(?=## )/m).flatMap((part) => claimsOf(/^## (.*)$/m.exec(part)?.[1] ?? 'head', part));
}

function sums(of: readonly Snapshot[]): Record<string, string> {
  const ended = plus(of.map(({ tasks }) => tasks.completed + tasks.failed));
  const failed = plus(of.map(({ tasks }) => tasks.failed));
  const known = (numbers: readonly (number | null)[], said: (value: number) => string) =>
    numbers.every((one) => one === null) ? 'not known' : said(plus(numbers.map((one) => one ?? 0)));
  const times = values(
    of.flatMap(({ work }) => work),
    'durations',
  );
  return {
    'tasks that ended': `${ended}`,
    'of them failed': `${failed}`,
    success: ended === 0 ? 'not known' : percent((ended - failed) / ended),
    '95th percentile of the time':
      times.length === 0 ? 'not known' : seconds(times[Math.ceil(times.length * 0.95) - 1] as number),
    cost: known(
      of.map(({ cost }) => cost.micro_usd),
      dollars,
    ),
    'cost of what failed': known(
      of.map(({ cost }) => cost.failed_micro_usd),
      dollars,
    ),
    'calls without a price': `${plus(of.map(({ cost }) => cost.unpriced_calls))}`,
    'approvals asked for': `${plus(of.map(({ approvals }) => approvals.asked))}`,
    'incidents raised': known(
      of.map(({ incidents }) => incidents.raised),
      (raised) => {
        const known = of.filter(({ incidents }) => incidents.raised !== null).length;
        return known < of.length ? `${raised} (of ${known} days)` : `${raised}`;
      },
    ),
    'days of seven': `${of.length}`,
  };
}

test('B10 the page of a week: its numbers beside those of the week before', () => {
  expect(pages()).toHaveLength(8);
  for (const [path, text] of pages()) {
    const week = /2026-W\d\d/.exec(path)?.[0] as string;
    const columns: Record<string, Record<string, string>> = {
      'this week': sums(rows.week(week)),
      'week before': sums(rows.week(weekOfDay(add(mondayOf(week), -7)))),
    };
    const cells = sections(text).filter(({ block, column }) => block === 'Key metrics' && column);
    expect(cells).toHaveLength(20);
    for (const { row, column, text } of cells)
      expect(`${row}: ${text}`).toBe(`${row}: ${columns[`${column}`]?.[`${row}`]}`);
  }
});

test('B10 the page of a week: findings, decisions and lessons', () => {
  const known = new Map<Finding, string[]>();
  const told = (finding: Finding) => {
    const all = known.get(finding) ?? rows.ofFinding(finding);
    known.set(finding, all);
    return all;
  };
  const may = (week: string) => (claim: Claim) => {
    const { block, text, ids } = claim;
    if (block === 'head') return [week, mondayOf(week), add(mondayOf(week), 6)];
    if (block === 'Key metrics') return claim.numbers;
    if (block === 'Decisions') {
      const of = decisions.filter(({ date }) => weekOfDay(date) === week);
      const shown = of.find(({ id }) => ids.includes(`decision:${id}`));
      const kind = shown ? of.filter(({ name, choice }) => name === shown.name && choice === shown.choice) : of;
      const by = (outcome: string) => `${kind.filter((one) => one.outcome === outcome).length}`;
      return [`${kind.length}`, by('success'), by('failure'), by('unknown')];
    }
    const standing = /seen (?:once, )?in [^)]+|contradicted in \S+(?=\))|not seen again until \S+(?=\))/.exec(
      text,
    )?.[0];
    // Some finding until then, of which all of it can be computed again; in the week's own part, of that week.
    const until = findings.filter((one) => (block === 'Findings' ? one.week === week : one.week <= week));
    const best = until.map((one) => [...told(one), standing ?? '']);
    return best.find((known) => wrong('', [claim], () => known).length === 0) ?? [];
  };
  const bad = () =>
    pages().flatMap(([path, text]) => wrong(path, sections(text), may(/2026-W\d\d/.exec(path)?.[0] as string)));
  expect(
    pages().flatMap(([, text]) => sections(text).filter(({ block }) => block === 'Findings')).length,
  ).toBeGreaterThan(30);
  expect(bad()).toEqual([]);
  // One row that is otherwise, and pages are wrong.
  rows.days = days.map((day) => ({ ...day, work: day.work.map((one) => ({ ...one, failed: one.failed + 1 })) }));
  known.clear();
  expect(bad().length).toBeGreaterThan(10);
  rows.days = days;
});

test('B10 every id in the page of a week opens by show, or is a run of the rows', async () => {
  const runs = new Set([
    ...days.flatMap(({ work, errors }) => [
      ...work.flatMap((one) => [...one.went_well, ...one.went_wrong]),
      ...errors.flatMap(({ sessions }) => sessions),
    ]),
  ]);
  const all = new Set(pages().flatMap(([, text]) => sections(text).flatMap(({ ids }) => ids)));
  expect(all.size).toBeGreaterThan(100);
  for (const id of all) {
    if (isRemembered(id)) expect((await showRemembered(store, id, terminal(80))).text).toBeTruthy();
    else expect(runs, id).toContain(id);
  }
  await expect(showRemembered(store, 'error:ffffffffffff', terminal(80))).rejects.toThrow(/^Cannot open error:f/);
});

test('B10 the file of a day is its row, and its sums are those of what is in it', async () => {
  const files = [...texts].filter(([path]) => path.startsWith('logs/snapshots/'));
  expect(files).toHaveLength(60);
  for (const [path, text] of files) {
    const day = JSON.parse(text) as Snapshot;
    expect(day).toEqual(days.find(({ date }) => path.endsWith(`${date}.json`)));
    expect(day.tasks.completed + day.tasks.failed).toBe(plus(day.work.map(({ ended }) => ended)));
    expect(day.tasks.failed).toBe(plus(day.work.map(({ failed }) => failed)));
  }
});
