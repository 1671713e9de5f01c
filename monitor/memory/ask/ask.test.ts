import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Options, Screen } from '../../cli/command.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import { terminal } from '../../testing/run-command.ts';
import { keepRepricing, repricingOf } from '../cost/repricings.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { type Answer, printedAnswer } from './question.ts';
import { questions } from './questions.ts';

const lost = ['2026-01-12', '2026-01-13', '2026-01-14'];
let there: Remembered;

beforeAll(async () => {
  there = await rememberedDays(elevenWeeks, (day) => {
    if (lost.includes(day.date)) return undefined;
    if (day.date === '2026-01-20') return { ...day, gaps: ['Prometheus did not measure 3 of 24 hours: 02–04 UTC.'] };
    if (day.date === '2026-02-15') return { ...day, state: 'open', through: '2026-02-15T23:00:00.000Z' };
    return day;
  });
  const anomaly = {
    ...{ id: 'abcdef012345', hour: '2026-02-15T09', metric: 'cost', labels: { agent_name: 'code' }, value: 9.5 },
    ...{ expected: 1, low: 0.5, high: 1.52, confidence: 0.97, method: 'robust z-score', compared_with: 28 },
  };
  await there.memory.keep({ job: 'hour', period: '2026-02-15T09', rows: { anomalies: [anomaly] } });
});

afterAll(() => there[Symbol.asyncDispose]());

async function ask(line: string, options: Options = {}, screen = plain): Promise<Answer> {
  const [name, ...args] = line.split(' ');
  const question = questions.find(({ usage }) => usage.split(' ')[0] === name);
  if (!question) throw new Error(`Cannot ask "${line}".`);
  return question.answer({ memory: there.memory, args, options, screen });
}

const plain: Screen = { ...terminal(Number.POSITIVE_INFINITY), paint: (_, text) => text };
const at = (date: string) => there.days.find((day) => day.date === date);

test('M06 the cost of a day is that of its snapshot, by agent and by model', async () => {
  const day = at('2026-02-14');
  const byAgent = await ask('cost', { on: '2026-02-14' });
  expect(byAgent.json).toMatchObject({
    from: '2026-02-14',
    to: '2026-02-14',
    total: { cost_micro_usd: day?.cost.micro_usd },
  });
  expect(byAgent.rows).toHaveLength(3);
  expect(byAgent.text).toMatch(/^\$\d+\.\d\d on 2026-02-14; \$\d+\.\d+ of it for work that failed\.\n\nAGENT\|COST\|/);
  const byModel = await ask('cost', { on: '2026-02-14', by: 'model' });
  const costs = (byModel.rows as { cost_micro_usd: number }[]).map((row) => row.cost_micro_usd);
  expect(sumMicroUsd(costs)).toBe(day?.cost.micro_usd);
  expect(byModel.notes).toEqual([]);
  await expect(ask('cost', { by: 'colour' })).rejects.toThrow(/^Cannot use --by "colour": give one of agent, model\.$/);
});

test('B05 cached tokens and reasoning are told by model; what nobody told is not none', async () => {
  const { rows, text } = await ask('cost', { on: '2026-02-14', by: 'model' });
  const calls = (model: string) => at('2026-02-14')?.models.find((one) => one.model === model)?.calls ?? Number.NaN;
  expect(rows).toEqual([
    expect.objectContaining({ name: 'claude-sonnet-5', cache_read_tokens: 1200 * calls('claude-sonnet-5') }),
    expect.objectContaining({ name: 'claude-opus-5', reasoning_tokens: 150 * calls('claude-opus-5') }),
    expect.objectContaining({ name: 'claude-haiku-4.5', cache_read_tokens: null, reasoning_tokens: null }),
  ]);
  expect(text).toMatch(/MODEL\|COST\|OF ALL\|FAILED\|TOKENS IN\|CACHED\|OUT\|REASONING/);
  expect(text).toMatch(/claude-haiku-4\.5\|\$\d+\.\d+\|\d+\.\d %\|\$[\d.]+\|[\d ]+\|-\|[\d ]+\|-/);
});

test('B05 what it would have cost by prices that were kept: by model, with the re-pricing named; the recorded money stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-prices-'));
  try {
    const recorded = at('2026-02-14')?.models.find((one) => one.model === 'claude-opus-5')?.cost.micro_usd as number;
    const row = {
      ...{ date: '2026-02-14', model: 'claude-opus-5', calls: 3, old_micro_usd: recorded, new_micro_usd: 1_000_000 },
      ...{ difference_micro_usd: 1_000_000 - recorded, old_unpriced_calls: 0, new_unpriced_calls: 0, left: {} },
    };
    const given = { at: '2026-02-16T09:00:00.000Z', prices: '2026-02-16', reason: 'halved', rows: [row] };
    const made = repricingOf({ ...given, from: '2026-02-10', through: '2026-02-14' });
    await expect(ask('cost', { on: '2026-02-14', prices: 'newest', folder })).rejects.toThrow(
      /^Cannot tell 2026-02-14 by new prices: no re-pricing of these days is kept in /,
    );
    await keepRepricing(folder, made);
    const asked = await ask('cost', { on: '2026-02-14', prices: 'newest', folder });
    const others = sumMicroUsd(
      (at('2026-02-14')?.models ?? []).filter((one) => one.model !== 'claude-opus-5').map((one) => one.cost.micro_usd),
    ) as number;
    expect(asked.json).toMatchObject({ by: 'model', prices: [made.id], total: { cost_micro_usd: others + 1_000_000 } });
    expect(asked.rows).toContainEqual(expect.objectContaining({ name: 'claude-opus-5', cost_micro_usd: 1_000_000 }));
    expect(asked.notes?.[0]).toBe(
      `2026-02-10 to 2026-02-14 by re-pricing ${made.id} of 2026-02-16 (prices 2026-02-16): halved. The money of models alone.`,
    );
    expect((await ask('cost', { on: '2026-02-14', prices: made.id, folder })).rows).toEqual(asked.rows);
    const usual = await ask('cost', { on: '2026-02-14', prices: 'recorded', by: 'model', folder });
    expect(usual.rows).toContainEqual(expect.objectContaining({ name: 'claude-opus-5', cost_micro_usd: recorded }));
    await expect(ask('cost', { prices: 'newest', by: 'agent', folder })).rejects.toThrow(/^Cannot tell new prices by/);
    await expect(ask('cost', { prices: 'cheap', folder })).rejects.toThrow(/^Cannot read --prices "cheap"/);
    await expect(ask('cost', { on: '2026-02-09', prices: made.id, folder })).rejects.toThrow(
      /no re-pricing [0-9a-f]+ of/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('M06 what is not known is said, and never a zero', async () => {
  await expect(ask('cost', { on: '2026-01-13' })).rejects.toThrow(
    'Cannot tell the cost: nothing is known of 2026-01-13; the memory begins on 2025-12-01 and ends on 2026-02-15.',
  );
  await expect(ask('errors', { month: '2024-01' })).rejects.toThrow(/nothing is known of 2024-01-01 to 2024-01-31;/);
  const { notes, json } = await ask('cost', { month: '2026-01' });
  expect(notes).toEqual([
    'Nothing is known of 2026-01-12 to 2026-01-14.',
    '2026-01-20: Prometheus did not measure 3 of 24 hours: 02–04 UTC.',
  ]);
  expect(json).toMatchObject({ days: 28, missing: lost });
  const beyond = await ask('cost', { from: '2026-02-14', to: '2026-02-17' });
  expect(beyond.notes).toEqual([
    'Nothing is known of 2026-02-16 to 2026-02-17. The memory begins on 2025-12-01 and ends on 2026-02-15.',
    '2026-02-15: known until 23:00 UTC; the day is closed in the next.',
  ]);
});

test('M06 the newest day is asked where none is named, and says that it is not over', async () => {
  const { text, notes } = await ask('cost');
  expect(text).toContain(' on 2026-02-15');
  expect(notes).toEqual(['2026-02-15: known until 23:00 UTC; the day is closed in the next.']);
});

test('M06 errors of a month with how they stand at its end', async () => {
  const { rows, text } = await ask('errors', { month: '2026-01' });
  expect(rows).toMatchObject([
    { fingerprint: '0123456789ab', status: 'open' },
    { fingerprint: 'fedcba987654', status: 'quiet', last_at: '2026-01-09T15:00:00.000Z' },
  ]);
  const seen = there.days.filter(
    ({ date, errors }) => date.startsWith('2026-01') && errors.some((one) => one.fingerprint === '0123456789ab'),
  );
  expect(rows[0]).toMatchObject({ days: seen.length, times: 2 * seen.length, cost_micro_usd: 4000 * seen.length });
  expect(text).toMatch(/^\d+ failures of 2 kinds from 2026-01-01 to 2026-01-31\.\n/);
  // In December, that one was not gone yet.
  const earlier = await ask('errors', { month: '2025-12' });
  expect((earlier.rows as { status: string }[]).map(({ status }) => status)).toEqual(['open', 'open']);
  expect((await ask('errors', { from: '2026-02-14', to: '2026-02-14' })).text).toMatch(/2026-02-14/);
});

test('M06 a trend tells each day, draws it at a terminal, and where it leads', async () => {
  const { rows, text, json } = await ask('trend cost', { from: '2025-12-01', to: '2026-01-31' });
  expect(rows.slice(42, 46)).toEqual([
    ...lost.map((date) => ({ date, cost_micro_usd: null, state: 'not known' })),
    { date: '2026-01-15', cost_micro_usd: at('2026-01-15')?.cost.micro_usd, state: 'final' },
  ]);
  expect(text).toMatch(/^The cost from 2025-12-01 to 2026-01-31: rising by \$0\.\d+ a day\.\n/);
  expect(text).toContain('2026-01-13|not known');
  expect(json).toMatchObject({ direction: { verdict: 'rising' } });
  expect((await ask('trend tasks', { from: '2026-02-10', to: '2026-02-14' }, terminal(80))).text).toMatch(
    /2026-02-10\|\d+\|█+\n/,
  );
  expect((await ask('trend p95', { from: '2026-02-12', to: '2026-02-15' })).text).toMatch(
    /too few days to tell[\s\S]*2026-02-15 so far\|/,
  );
  await expect(ask('trend joy')).rejects.toThrow(/give one of cost, tasks, errors, p95/);
});

test('M06 why a decision was made, on which data, and what came of it', async () => {
  const { text } = await ask('why decision:decision-2026-02-14');
  expect(text).toMatch(/^decided\|Which model\?: claude-haiku-4\.5\n/);
  expect(text).toContain('data|cost_micro_usd = 120000, failed = 2');
  expect(text).toContain('came of it|it went well, 2026-02-14 10:05:00Z');
  await expect(ask('why nothing-like-it')).rejects.toThrow(/^Cannot find the decision "nothing-like-it"/);
});

test('M06 lessons as they stand at the end of a week', async () => {
  const { rows, text } = await ask('lessons');
  expect(rows).toContainEqual(expect.objectContaining({ key: 'agent-task/code/write', state: 'lesson' }));
  expect(text).toMatch(/lesson: code fails at write: \d+ of \d+ failed/);
  const early = await ask('lessons', { week: '2025-W49' });
  expect((early.rows as { state: string }[]).map(({ state }) => state)).not.toContain('lesson');
  expect((await ask('lessons', { state: 'expired', week: '2025-W49' })).text).toBe(
    'Nothing of that kind is held at the end of 2025-W49.',
  );
  await expect(ask('lessons', { week: '2026-W60' })).rejects.toThrow(RangeError);
});

test('M06 anomalies of the hours that are remembered', async () => {
  const { text } = await ask('anomalies');
  expect(text).toMatch(/^In 28 days from 2026-01-19 to 2026-02-15:\n/);
  expect(text).toContain('2026-02-15 09h|cost|agent_name=code|9.5|0.5 to 1.52|97.0 %|anomaly:abcdef012345');
  expect((await ask('anomalies', { from: '2026-01-11', to: '2026-01-15' })).notes).toEqual([
    'Nothing is known of 2026-01-12 to 2026-01-14.',
  ]);
  expect((await ask('anomalies', { on: '2026-02-14' })).text).toBe('Nothing stood out in 1 day on 2026-02-14.');
  await expect(ask('anomalies', { on: '2026-01-13' })).rejects.toThrow(/nothing is known of 2026-01-13; hours are/);
});

test('M06 as CSV the rows alone, with what is not known beside them', async () => {
  const told: string[] = [];
  const answer = await ask('errors', { month: '2026-01' });
  const csv = printedAnswer(answer, { format: 'csv' }, (line) => told.push(line));
  expect(csv.split('\r\n')).toHaveLength(answer.rows.length + 2);
  expect(csv).toMatch(/^fingerprint,error_type,error_message,status,times,days,[\w,]+\r\n0123456789ab,TimeoutError,/);
  expect(told).toEqual(answer.notes);
  const unknown = printedAnswer(await ask('trend cost', { on: '2026-02-14' }), { format: 'csv' }, () => {});
  expect(unknown).toBe(`date,cost_micro_usd,state\r\n2026-02-14,${at('2026-02-14')?.cost.micro_usd},final\r\n`);
  expect(JSON.parse(printedAnswer(answer, { json: true }, () => {}))).toMatchObject({ missing: lost });
  expect(() => printedAnswer(answer, { format: 'xml' }, () => {})).toThrow(/give one of text, csv, json/);
});

test('M06 times that are none are told from each other', async () => {
  await expect(ask('cost', { on: '2026-02-30' })).rejects.toThrow(RangeError);
  await expect(ask('cost', { month: '2026-13' })).rejects.toThrow('Cannot read the month "2026-13"');
  await expect(ask('cost', { on: '2026-02-14', month: '2026-02' })).rejects.toThrow(/^Cannot look at several times/);
  await expect(ask('cost', { from: '2026-02-14', to: '2026-02-13' })).rejects.toThrow(/it ends before it begins/);
  await expect(ask('cost', { from: '0001-01-01', to: '2026-02-13' })).rejects.toThrow(/more than 3660 days/);
});
