import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorDay } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';
import { quiet } from '../testing/some-days.ts';
import { keepSixty, sixtyDays } from '../testing/some-knowledge.ts';
import { keepOverrides, knowledge } from './documents.ts';
import { returnedErrors } from './returned-errors.ts';

const until = '2026-03-05';
const sixty = sixtyDays();
let folder: string;
let full: MemoryStore;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-knowledge-'));
  full = await openMemory(join(folder, 'full.db'));
  await keepSixty(full, sixty);
});
afterAll(async () => {
  await full.close();
  rmSync(folder, { recursive: true });
});

const nothing = () => undefined;
const page = 'docs/errors/aaaaaaaaaaaa.md';

/** A store of its own, with an error on these days. */
async function withErrors(days: Record<string, Partial<ErrorDay> | null>): Promise<MemoryStore> {
  const store = await openMemory(join(mkdtempSync(join(folder, 'own-')), 'memory.db'));
  for (const [date, error] of Object.entries(days))
    await store.keep({
      job: 'day',
      period: date,
      rows: { snapshots: [{ ...quiet(date), errors: error ? [seen(date, error)] : [] }] },
    });
  return store;
}

function seen(date: string, more: Partial<ErrorDay>): ErrorDay {
  return {
    ...{ fingerprint: 'aaaaaaaaaaaa', error_type: 'TimeoutError', error_message: 'no answer', times: 2 },
    ...{ first_at: `${date}T09:00:00.000Z`, last_at: `${date}T15:00:00.000Z`, cost_micro_usd: 4000, duration_ms: 9000 },
    ...{ agents: ['code'], sessions: [`run-${date}`], ...more },
  };
}

/** As files: what is there, and what becomes of it. */
async function written(store: MemoryStore, day: string, files: Map<string, string>): Promise<Map<string, string>> {
  const made = await knowledge(store, day, (path) => files.get(path));
  expect(made.problems).toEqual([]);
  await keepOverrides(store, made);
  return new Map([...files, ...made.texts]);
}

test('M04 MEMORY.md says how many days of a week are known in part', async () => {
  const store = await openMemory(join(mkdtempSync(join(folder, 'part-')), 'memory.db'));
  for (const date of ['2026-02-24', '2026-02-25', until]) {
    const snapshot = { ...quiet(date), ledger: date === '2026-02-24' ? ('part' as const) : ('known' as const) };
    await store.keep({ job: 'day', period: date, rows: { snapshots: [snapshot] } });
  }
  const memory = (await knowledge(store, until, nothing)).texts.get('MEMORY.md');
  expect(memory).toContain('| 2026-W09 (2 of 7 days, 1 of them in part) | 2026-W08 (0 of 7 days) |');
  await store.close();
});

const edited = (files: Map<string, string>, path: string, from: string | RegExp, to: string) => {
  const text = files.get(path) as string;
  expect(text).toMatch(from);
  return new Map(files).set(path, text.replace(from, to));
};
const fixCommit = /(## Fix commit\n\n)Not known yet\./;
const statusBlock = /(## Status, by people\n\n)Not known yet\./;

describe('M05 documents of sixty days', () => {
  test('M05 the encyclopedia has a row and a page for each fingerprint, with its course', async () => {
    const { texts } = await knowledge(full, until, nothing);
    expect([...texts.keys()].sort()).toEqual([
      ...['MEMORY.md', 'docs/BEST_PRACTICES.md', 'docs/DECISIONS.md', 'docs/ENCOUNTERED_ERRORS.md'],
      ...['a', 'b', 'c'].map((one) => `docs/errors/${one.repeat(12)}.md`),
    ]);
    const table = texts.get('docs/ENCOUNTERED_ERRORS.md');
    expect(table).toContain('3 known: 1 returned, 1 open, 1 quiet, 0 resolved.');
    expect(table).toMatch(
      /\[`aaaaaaaaaaaa`\]\(errors\/aaaaaaaaaaaa\.md\) \| TimeoutError: no answer \(aaaaaaaaaaaa\) \| returned since 2026-0/,
    );
    expect(texts.get(page)).toMatch(/- Gone after 2026-02-\d\d, back on 2026-0\d-\d\d \(confidence 0\.9\d/);
    expect(texts.get('docs/errors/cccccccccccc.md')).toMatch(/- Not seen since 2026-01-/);
  });

  test('M05 practices have intervals, and nothing below the least sample; what is no longer so is apart', async () => {
    const practices = (await knowledge(full, until, nothing)).texts.get('docs/BEST_PRACTICES.md') ?? '';
    expect(practices).toMatch(
      /\| summarise \| claude-haiku-4\.5 \| \d+ \| \d+ \| 9\d\.\d % \(9\d\.\d % to 9\d\.\d %\) \|/,
    );
    expect(practices).not.toContain('translate');
    expect(practices).toContain('Not told: 1 with fewer than 20 tasks.');
    const [lessons, noLonger] = practices.split('## No longer') as [string, string];
    expect(lessons).toMatch(/\*\*lesson\*\*: For summarise, claude-haiku-4\.5 costs/);
    expect(lessons).not.toContain('contradicted');
    expect(noLonger).toMatch(/\*\*contradicted\*\*: code no longer fails at migrate/);
  });

  test('M05 decisions stand by week, the newest first, older ones as a count', async () => {
    const text = (await knowledge(full, until, nothing)).texts.get('docs/DECISIONS.md') ?? '';
    const weeks = [...text.matchAll(/^## (\S+)$/gm)].map(([, week]) => week);
    expect(weeks).toEqual([
      '2026-W10',
      '2026-W09',
      '2026-W08',
      '2026-W07',
      '2026-W06',
      '2026-W05',
      '2026-W04',
      '2026-W03',
      'Before',
    ]);
    expect(text).toMatch(/\| 2026-W02 \| 4 \| \[`week:2026-W02`\] \|/);
    expect(text).toContain(
      '- 2026-03-02 09:12 director: Which model? → **claude-haiku-4.5**, sure by 0.78; not over when the day was closed. Why: It failed 56 times. Data: cost $1.00, took 4.56 s, failed 56. [`decision:step-56`, `run-56`]',
    );
  });

  test('M05 a week that is new comes first in a document that is there', async () => {
    const before = await knowledge(full, '2026-02-26', nothing);
    const { texts } = await knowledge(full, until, (path) => before.texts.get(path));
    expect(texts.get('docs/DECISIONS.md')).toBe((await knowledge(full, until, nothing)).texts.get('docs/DECISIONS.md'));
  });

  test('M04 MEMORY.md says what is to be done next, each with its evidence', async () => {
    const { texts } = await knowledge(full, until, nothing);
    const next = (texts.get('MEMORY.md') ?? '').split('## Next actions')[1] ?? '';
    expect(next).toMatch(
      /- Find out why it came back on \S+: TimeoutError: no answer \(aaaaaaaaaaaa\), .* \[`error:aaaaaaaaaaaa`/,
    );
    expect(next).toMatch(/- Find its cause: TimeoutError: no answer \(bbbbbbbbbbbb\), /);
    expect(next).toContain(
      '- Give local\\_model a price: 35 calls of the 7 days until 2026-03-05 have none [`day:2026-03-05`]',
    );
    expect(next).toContain(
      '- Answer 2 approvals of 2026-03-05 that nobody had answered when the day was closed [`day:2026-03-05`]',
    );
  });

  test('M04 told again, or told late, the same day gives the same bytes', async () => {
    const one = await knowledge(full, '2026-02-18', nothing);
    const again = await knowledge(full, '2026-02-18', (path) => one.texts.get(path));
    expect([...again.texts]).toEqual([...one.texts]);
    expect([...one.texts.values()].join()).not.toMatch(/2026-02-19|2026-03|2026-W09/);
    expect([again.written, again.dropped]).toEqual([[], []]);
  });
});

describe('M05 what people write is data', () => {
  const days = { '2026-02-01': {}, '2026-02-02': {}, '2026-02-03': {} };

  test.each([
    ['a fix commit', fixCommit, '$1Mended by Ana in 1f2e3d4c.', 'resolved since 2026-02-03 (fix `1f2e3d4c`)'],
    ['a status', statusBlock, '$1resolved', 'resolved since 2026-02-03'],
    ['a status with its day', statusBlock, '$1Status: **resolved** on 2026-02-05', 'resolved since 2026-02-05'],
  ])('M05 %s makes it resolved, and the next occurrence returned', async (_, from, to, status) => {
    const store = await withErrors(days);
    const first = await written(store, '2026-02-03', new Map());
    const second = await written(store, '2026-02-03', edited(first, page, from, to));
    expect(second.get('docs/ENCOUNTERED_ERRORS.md')).toContain(`| ${status} |`);
    expect(await returnedErrors(store)).toEqual([]);
    expect(second.get('MEMORY.md')).toContain('None is known on 2026-02-03.');
    await store.keep({
      job: 'day',
      period: '2026-02-09',
      rows: { snapshots: [{ ...quiet('2026-02-09'), errors: [seen('2026-02-09', {})] }] },
    });
    const third = await written(store, '2026-02-09', second);
    expect(third.get('docs/ENCOUNTERED_ERRORS.md')).toContain('| returned since 2026-02-09');
    expect(third.get('MEMORY.md')).toContain('- Find out why it came back on 2026-02-09');
    // B11: what the alert is told of.
    expect(await returnedErrors(store)).toEqual(['aaaaaaaaaaaa']);
    expect(third.get(page)).toContain(to.replace('$1', ''));
    expect(await written(store, '2026-02-09', third)).toEqual(third);
    await store.close();
  });

  test.each([
    ['a cause only', /(## Cause\n\n)Not known yet\./, '$1The pool is too small, see deadbee.'],
    ['the number of an issue as fix', fixCommit, '$1see #1234567'],
    ['a status that denies it', statusBlock, '$1not resolved'],
  ])('M05 %s resolves nothing', async (_, from, to) => {
    const store = await withErrors(days);
    const first = await written(store, '2026-02-03', new Map());
    const second = await written(store, '2026-02-03', edited(first, page, from, to));
    expect(second.get('docs/ENCOUNTERED_ERRORS.md')).toContain('| open since 2026-02-01 |');
    await store.close();
  });

  test('M05 what happened between their writing and the next run counts as later', async () => {
    const store = await withErrors(days);
    const first = await written(store, '2026-02-02', new Map());
    const second = await written(store, '2026-02-03', edited(first, page, statusBlock, '$1resolved'));
    expect(second.get('docs/ENCOUNTERED_ERRORS.md')).toContain('| returned since 2026-02-03 |');
    await store.close();
  });

  test('M04 a file that was lost comes back with what people wrote, and taken back it is gone', async () => {
    const store = await withErrors(days);
    const first = await written(store, '2026-02-03', new Map());
    const second = await written(store, '2026-02-03', edited(first, page, fixCommit, '$11f2e3d4'));
    const lost = await written(store, '2026-02-03', new Map());
    expect(lost.get(page)).toBe(second.get(page));
    expect(lost.get('docs/ENCOUNTERED_ERRORS.md')).toBe(second.get('docs/ENCOUNTERED_ERRORS.md'));
    const back = await written(store, '2026-02-03', edited(second, page, /## Fix commit\n\n1f2e3d4\n/, ''));
    expect(back).toEqual(first);
    expect(await store.overrides(page)).toEqual([]);
    await store.close();
  });

  test('M04 a document with a broken marker is left alone, and all others are made', async () => {
    const store = await withErrors(days);
    const first = await knowledge(store, '2026-02-03', nothing);
    const broken = (first.texts.get(page) ?? '').replace(/<!-- fleetscope:end cause -->\n/, '');
    const made = await knowledge(store, '2026-02-03', (path) => (path === page ? broken : undefined));
    expect(made.problems).toEqual([
      expect.stringMatching(/^Cannot write docs\/errors\/aaaaaaaaaaaa\.md: line \d+ begins/),
    ]);
    expect(made.texts.has(page)).toBe(false);
    expect(made.texts.size).toBe(4);
    await store.close();
  });
});

describe('M05 what people write in one place', () => {
  const there = 'branch fleetscope/memory of /srv/fleet';
  const own = { '2026-02-01': {}, '2026-02-03': {} };

  /** As `written`, in another place. */
  async function writtenThere(store: MemoryStore, day: string, files: Map<string, string>) {
    const made = await knowledge(store, day, (path) => files.get(path), there);
    await keepOverrides(store, made);
    return new Map([...files, ...made.texts]);
  }
  const again = (store: MemoryStore, date: string) =>
    store.keep({ job: 'day', period: date, rows: { snapshots: [{ ...quiet(date), errors: [seen(date, {})] }] } });

  test('M05 is not taken back by another one that has documents without it', async () => {
    const store = await withErrors(own);
    const elsewhere = await writtenThere(store, '2026-02-03', new Map());
    const first = await written(store, '2026-02-03', new Map());
    const resolved = await written(store, '2026-02-03', edited(first, page, statusBlock, '$1resolved'));
    const kept = await store.overrides(page);
    expect(kept).toHaveLength(1);
    await again(store, '2026-02-09');
    await writtenThere(store, '2026-02-09', elsewhere);
    expect(await store.overrides(page)).toEqual(kept);
    const after = await written(store, '2026-02-09', resolved);
    expect(after.get('docs/ENCOUNTERED_ERRORS.md')).toContain('| returned since 2026-02-09');
    await store.close();
  });

  test('M05 is kept there as well, with what they knew when they wrote, and can be taken back there', async () => {
    const store = await withErrors(own);
    const first = await writtenThere(store, '2026-02-03', new Map());
    const second = await writtenThere(store, '2026-02-03', edited(first, page, fixCommit, '$11f2e3d4'));
    await written(store, '2026-02-03', new Map());
    expect(await store.overrides(page)).toEqual([]);
    await again(store, '2026-02-09');
    const third = await writtenThere(store, '2026-02-09', second);
    const back = '| returned since 2026-02-09 (fix `1f2e3d4`) |';
    expect(third.get('docs/ENCOUNTERED_ERRORS.md')).toContain(back);
    expect(await writtenThere(store, '2026-02-09', third)).toEqual(third);
    expect((await writtenThere(store, '2026-02-09', new Map())).get(page)).toBe(third.get(page));
    await writtenThere(store, '2026-02-09', edited(third, page, /## Fix commit\n\n1f2e3d4\n/, ''));
    expect(await store.overrides(`${there}: ${page}`)).toEqual([]);
    await store.close();
  });

  test('M05 stands in a new place from its beginning, and comes with what they knew when it is merged', async () => {
    const store = await withErrors(own);
    const first = await written(store, '2026-02-03', new Map());
    const second = await written(store, '2026-02-03', edited(first, page, statusBlock, '$1resolved'));
    await again(store, '2026-02-09');
    const copy = await writtenThere(store, '2026-02-09', new Map());
    expect(copy.get(page)).toBe((await written(store, '2026-02-09', second)).get(page));
    expect(copy.get('docs/ENCOUNTERED_ERRORS.md')).toContain('| returned since 2026-02-09');
    await store.close();
  });
});

test('M05 what an error or an agent is called is text, never markup, a marker or a path', async () => {
  const error_message = '<img src=x> | **b** [l](http://x) \n<!-- fleetscope:end facts -->\n# h';
  const store = await withErrors({
    '2026-02-01': { fingerprint: '../../x', error_message, agents: ['`a`|<b>'], sessions: ['run`|`1'] },
    '2026-02-02': { error_message, agents: ['- a'], sessions: ['run`|`1'] },
  });
  const files = await written(store, '2026-02-02', new Map());
  expect([...files.keys()].filter((path) => path.startsWith('docs/errors/'))).toEqual([page]);
  for (const text of files.values()) expect(text).not.toMatch(/(?<!\\)(?:<img|\*\*b|\]\(http|`a`|<b>)|^# h/m);
  expect(files.get(page)).toContain('`` run`\\|`1 ``');
  expect(await written(store, '2026-02-02', files)).toEqual(files);
  await store.close();
});

test('M04 a long text of half characters gives the same bytes when it is read again', async () => {
  // Wherever it is cut, and where it came cut already.
  for (const before of ['', 'x']) {
    const error_message = `${before}${'😀'.repeat(600)}\ud83d`;
    const store = await withErrors({ '2026-02-01': { error_message }, '2026-02-02': { error_message: '\ud83d' } });
    const { texts } = await knowledge(store, '2026-02-01', nothing);
    for (const text of texts.values()) expect(text.isWellFormed()).toBe(true);
    expect(texts.get('MEMORY.md')).not.toContain('\ufffd');
    const later = await knowledge(store, '2026-02-02', nothing);
    for (const text of later.texts.values()) expect(Buffer.from(text).toString()).toBe(text);
    await store.close();
  }
});

test('B11 the alert is told of an error for a week after it came back, and no longer', async () => {
  // It came back on 2026-02-26 of these sixty days, of which 2026-03-05 is the last.
  expect(await returnedErrors(full)).toEqual([]);
  const until = (day: string) => ({
    ...{ snapshots: full.snapshots.bind(full), overrides: full.overrides.bind(full) },
    done: async () => ['2026-01-05', day],
  });
  expect(await returnedErrors(until('2026-02-25'))).toEqual([]);
  expect(await returnedErrors(until('2026-02-26'))).toEqual(['aaaaaaaaaaaa']);
  expect(await returnedErrors(until('2026-03-04'))).toEqual(['aaaaaaaaaaaa']);
});
