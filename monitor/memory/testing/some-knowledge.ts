/** Sixty days of a made-up fleet, kept as the jobs would: with decisions, calls without a price, approvals that wait, and what weeks showed. */
import { findingsOf } from '../consolidate/findings.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Decision, Finding, Snapshot } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { type Fleet, type Habit, someDays } from './some-days.ts';

export interface Sixty {
  readonly snapshots: readonly Snapshot[];
  readonly decisions: readonly Decision[];
  readonly findings: readonly Finding[];
}

const habit = (agent: string, operation: string, more: Partial<Habit> = {}): Habit => ({
  ...{ agent, operation, model: 'claude-sonnet-5', times: 40 },
  ...{ fails: () => 0.05, ms: () => 4000, cost: () => 20_000, ...more },
});

const fleet: Fleet = {
  ...{ seed: 7, from: '2026-01-05', days: 60 },
  habits: [
    habit('code', 'write'),
    habit('code', 'migrate', { fails: (day) => (day < 28 ? 0.3 : 0.02), times: 200 }),
    habit('qa', 'migrate', { times: 200 }),
    habit('qa', 'verify', { ms: (day) => (day >= 56 ? 9000 : 4000) }),
    habit('research', 'summarise'),
    habit('research', 'summarise', { model: 'claude-haiku-4.5', cost: () => 5000 }),
    habit('rare', 'translate', { times: 0.3 }),
  ],
  troubles: [
    // Gone after the fifth week, back in the eighth.
    { fingerprint: 'aaaaaaaaaaaa', chance: (day) => (day < 36 || day >= 52 ? 0.8 : 0) },
    { fingerprint: 'bbbbbbbbbbbb', chance: () => 0.6 },
    { fingerprint: 'cccccccccccc', chance: (day) => (day < 20 ? 0.9 : 0) },
  ],
};

/** One agent that is given one task or six, with other tools for each. */
const ways: Fleet = {
  ...{ seed: 8, from: fleet.from, days: fleet.days },
  habits: [
    habit('docs', 'edit', { batch: 1, tools: ['read', 'web'], times: 150, fails: () => 0.02 }),
    habit('docs', 'edit', { batch: 6, tools: ['grep', 'read'], times: 150, fails: () => 0.02, cost: () => 60_000 }),
    habit('docs', 'translate', { tools: ['web'], times: 0.2 }),
  ],
};

export function sixtyDays(): Sixty {
  const others = someDays(ways);
  const bare = someDays(fleet).map((day, at) => ({ ...day, work: [...day.work, ...(others[at]?.work ?? [])] }));
  const decisions = bare.flatMap(({ date }, day) => (day % 2 === 0 ? [decisionOf(date, day)] : []));
  const snapshots = bare.map((one, day) => filled(one, day, decisions));
  const findings: Finding[] = [];
  for (const week of weeksOver(snapshots)) findings.push(...findingsOf(week, snapshots, findings));
  return { snapshots, decisions, findings };
}

export async function keepSixty(store: MemoryStore, { snapshots, decisions, findings }: Sixty): Promise<void> {
  for (const snapshot of snapshots) {
    const decided = decisions.filter(({ date }) => date === snapshot.date);
    await store.keep({
      ...{ job: 'day', period: snapshot.date },
      rows: { snapshots: [snapshot], decisions_log: decided },
    });
  }
  for (const week of weeksOver(snapshots))
    await store.keep({
      ...{ job: 'week', period: week, rows: { findings: findings.filter((one) => one.week === week) } },
    });
}

function weeksOver(snapshots: readonly Snapshot[]): string[] {
  const days = Map.groupBy(snapshots, ({ date }) => weekOf(beginOf(date)));
  return [...days].flatMap(([week, of]) => (of.length === 7 ? [week] : []));
}

function filled(snapshot: Snapshot, day: number, decisions: readonly Decision[]): Snapshot {
  const sum = (of: 'ended' | 'failed') => snapshot.work.reduce((total, work) => total + work[of], 0);
  const [ended, failed] = [sum('ended'), sum('failed')];
  const spending = { micro_usd: ended * 15_000, failed_micro_usd: failed * 15_000, input_tokens: 9, output_tokens: 9 };
  const unpriced_calls = day >= 55 ? day - 50 : 0;
  return {
    ...snapshot,
    tasks: { started: ended, completed: ended - failed, failed, in_progress: 0 },
    ...{ success_rate: (ended - failed) / ended, error_rate: failed / ended, p95_ms: 9000 + day },
    cost: { ...spending, unpriced_calls },
    models: [
      {
        ...{ model: 'local_model', calls: 20, failed: 0, cost: { ...spending, micro_usd: null, unpriced_calls } },
        ...{ cache_read_tokens: null, cache_write_tokens: null, reasoning_tokens: null },
      },
    ],
    approvals: { ...snapshot.approvals, asked: 3 + (day % 4), open: day % 3 },
    decisions: decisions.filter(({ date }) => date === snapshot.date).map(({ id }) => id),
    incidents: { ...snapshot.incidents, raised: day % 5 === 0 ? null : day % 5 },
  };
}

function decisionOf(date: string, day: number): Decision {
  return {
    ...{ id: `step-${day}`, date, at: `${date}T09:12:00.000Z`, agent_name: 'director', session_id: `run-${day}` },
    ...{
      name: 'Which model?',
      choice: 'claude-haiku-4.5',
      confidence: 0.5 + day / 200,
      reasoning: `It failed ${day} times`,
    },
    supporting: { failed: day, cost_micro_usd: 1_000_000 + day, duration_ms: 4000 + day * 10 },
    outcome: day % 6 === 0 ? 'failure' : day % 4 === 0 ? 'unknown' : 'success',
    outcome_at: day % 6 !== 0 && day % 4 === 0 ? null : `${date}T10:00:00.000Z`,
  };
}
