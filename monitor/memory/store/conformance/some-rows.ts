/** Rows with every field set, and whatever a test wants otherwise. */
import { beginOf, hourOf } from '../../periods.ts';
import type { Anomaly, Decision, Finding, MetricDay, MetricHour, Snapshot } from '../../record.ts';
import type { Batch } from '../memory-store.ts';

export function someHour(hour: string, more: Partial<MetricHour> = {}): MetricHour {
  const measured = { labels: { agent_name: 'code' }, value: 12, unit: '{task}', coverage: 1, gap: null };
  return { hour, metric: 'tasks_completed', ...measured, ...more };
}

export function someDay(date: string, more: Partial<MetricDay> = {}): MetricDay {
  const { hour: _, ...measured } = someHour(date);
  return { date, ...measured, ...more };
}

const spending = {
  micro_usd: 1_234_567.8,
  failed_micro_usd: null,
  input_tokens: 9_007_199_254_740_991,
  output_tokens: 40_000,
  unpriced_calls: 0,
};

export function someSnapshot(date: string, more: Partial<Snapshot> = {}): Snapshot {
  const counts = { started: 10, completed: 8, failed: 1, in_progress: 1 };
  return {
    date,
    state: 'final',
    through: `${date}T23:59:59.999Z`,
    ledger: 'known',
    tasks: counts,
    runs: { ...counts, started: 3 },
    success_rate: 8 / 9,
    error_rate: 1 / 9,
    p50_ms: 1200,
    p95_ms: null,
    cost: spending,
    agents: [{ agent_name: 'code', ...counts, p95_ms: 2.5, cost: spending }],
    models: [
      {
        ...{ model: 'claude-haiku-4.5', calls: 7, failed: 0, cost: spending },
        ...{ cache_read_tokens: 0, cache_write_tokens: 12, reasoning_tokens: null },
      },
    ],
    work: [
      {
        agent_name: 'code',
        operation: 'write',
        model: null,
        ended: 9,
        failed: 1,
        durations: '1:8',
        costs: '',
        went_well: ['run-1', 'run-2'],
        went_wrong: [],
        batches: [{ size: 4, ended: 2, failed: 1, costs: '[]', went_well: ['run-1'], went_wrong: ['run-2'] }],
        toolsets: [{ tools: ['read', 'web.$search'], ended: 2, failed: 0, costs: '', went_well: [], went_wrong: [] }],
      },
    ],
    approvals: {
      asked: 1,
      approved: 1,
      rejected: 0,
      unanswered: 0,
      open: 0,
      p50_wait_ms: 1e6,
      p95_wait_ms: 1e6,
    },
    decisions: ['step-1'],
    incidents: {
      raised: null,
      resolved: null,
      open: null,
      alerts: [{ alertname: 'AgentErrorRateHigh', severity: 'critical', raised: 1, resolved: 1, incidents: ['a'] }],
    },
    errors: [
      {
        fingerprint: 'f00',
        error_type: 'RateLimitError',
        error_message: `a\u0000\u2028"\\🚒'%${'ü'.repeat(5000)}`,
        times: 2,
        first_at: `${date}T09:00:00.000Z`,
        last_at: `${date}T10:00:00.000Z`,
        cost_micro_usd: null,
        duration_ms: 5,
        agents: ['code'],
        sessions: ['run-3'],
      },
    ],
    rest: {
      ...{ agents: 2, agents_started: 5, agents_micro_usd: null, work: 1, work_ended: 4, work_failed: 1 },
      ...{ work_durations: '1:3', errors: 1, errors_times: 7, errors_micro_usd: 12.5 },
    },
    hours_measured: 24,
    gaps: ['The escalation service could not be asked: it is not there.'],
    ...more,
  };
}

export function someDecision(id: string, at: string, more: Partial<Decision> = {}): Decision {
  return {
    id,
    date: at.slice(0, 10),
    at,
    agent_name: 'director',
    session_id: 'run-1',
    name: 'Which model?',
    choice: 'claude-haiku-4.5',
    confidence: 0.8,
    reasoning: 'It costs less.',
    supporting: { 'cost.micro_usd': 1200, failed: 0, model: '$haiku' },
    outcome: 'unknown',
    outcome_at: null,
    ...more,
  };
}

export function someAnomaly(id: string, hour: string, more: Partial<Anomaly> = {}): Anomaly {
  const found = {
    value: 9,
    expected: 3,
    low: 2,
    high: 4,
    confidence: 0.97,
    method: 'robust z-score',
    compared_with: 28,
  };
  return { id, hour, metric: 'cost', labels: {}, ...found, ...more };
}

export function someFinding(week: string, key: string, more: Partial<Finding> = {}): Finding {
  return {
    week,
    key,
    kind: 'agent-task',
    direction: 1,
    numbers: { 'failed.of': 12, ended: 40 },
    words: { agent: 'code', $task: 'write' },
    sample: 40,
    effect: 0.2,
    low: 0.1,
    high: null,
    confidence: 0.95,
    method: 'Newcombe',
    evidence: [`week:${week}`],
    ...more,
  };
}

/** A day with so many rows of each table; every number in it is `mark`, so that one is told from another. */
export function someBatch(date: string, mark: number, count = 2): Batch & { readonly job: 'day' } {
  const all = Array.from({ length: count }, (_, i) => i);
  const hours = all.map((i) => hourOf(beginOf(date) + i * 3_600_000));
  return {
    job: 'day',
    period: date,
    rows: {
      metrics_hourly: hours.map((hour) => someHour(hour, { value: mark })),
      metrics_daily: all.map((i) => someDay(date, { metric: `m${i}`, value: mark })),
      snapshots: [someSnapshot(date, { hours_measured: mark })],
      decisions_log: all.map((i) => someDecision(`${date}/${i}`, `${date}T09:00:00.00${i}Z`, { confidence: mark })),
      anomalies: all.map((i) => someAnomaly(`a-${date}/${i}`, hours[0] as string, { value: mark })),
    },
  };
}
