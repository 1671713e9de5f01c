/** The made-up days with all that a day has: sums, money by agent and model, approvals, incidents. For tests of what is told of them. */
import { mulberry32 } from '../../analysis/mulberry32.ts';
import { Histogram } from '../../store/histogram.ts';
import type { Decision, Snapshot, Spending, WorkDay } from '../record.ts';
import { type Fleet, someDays } from './some-days.ts';

/** Money is that of the middle, times how often: sums of histograms are within 1 % only, and a test wants them exact. */
export function wholeDays(fleet: Fleet): Snapshot[] {
  const random = mulberry32(fleet.seed + 1);
  return someDays(fleet).map((day, at) => {
    const spent = (one: WorkDay): Spending => {
      const cost = fleet.habits.find(
        ({ agent, operation, model }) => agent === one.agent_name && operation === one.operation && model === one.model,
      );
      const each = cost?.cost(at) ?? 0;
      return spending(one.ended * each, one.failed * each, one.ended);
    };
    const { work } = day;
    const ended = sum(work.map((one) => one.ended));
    const failed = sum(work.map((one) => one.failed));
    const asked = Math.floor(random() * 5);
    const durations = new Histogram();
    for (const one of work) durations.mergeText(one.durations);
    const [p50_ms = null, p95_ms = null] = durations.percentiles([0.5, 0.95]);
    const raised = failed > 0.12 * ended ? 1 : 0;
    const grouped = (of: (one: WorkDay) => string | null) => [...Map.groupBy(work, of)];
    const counts = (all: readonly WorkDay[]) => {
      const [whole, bad] = [sum(all.map((one) => one.ended)), sum(all.map((one) => one.failed))];
      return { started: whole, completed: whole - bad, failed: bad, in_progress: 0 };
    };
    return {
      ...day,
      ...{ tasks: counts(work), runs: { started: 12, completed: 11, failed: 1, in_progress: 0 } },
      ...{ success_rate: ended === 0 ? null : 1 - failed / ended, error_rate: ended === 0 ? null : failed / ended },
      ...{ p50_ms, p95_ms, cost: together(work.map(spent)) },
      agents: grouped((one) => one.agent_name).map(([agent_name, all]) => ({
        ...{ agent_name: agent_name ?? '', ...counts(all), p95_ms: null, cost: together(all.map(spent)) },
      })),
      models: grouped((one) => one.model).map(([model, all]) => ({
        ...{ model: model ?? '', calls: sum(all.map((one) => one.ended)), failed: 0, cost: together(all.map(spent)) },
        // One that caches and one that does not say.
        cache_read_tokens: model === 'claude-sonnet-5' ? sum(all.map((one) => one.ended)) * 1200 : null,
        cache_write_tokens: model === 'claude-sonnet-5' ? sum(all.map((one) => one.ended)) * 90 : null,
        reasoning_tokens: model === 'claude-opus-5' ? sum(all.map((one) => one.ended)) * 150 : null,
      })),
      decisions: [`decision-${day.date}`],
      approvals: {
        ...{ asked, approved: Math.max(0, asked - 1), rejected: asked > 0 ? 1 : 0, unanswered: 0, open: 0 },
        ...{ p50_wait_ms: asked > 0 ? 20_000 : null, p95_wait_ms: asked > 0 ? 30_000 + random() * 120_000 : null },
      },
      incidents: {
        ...{ raised, resolved: raised, open: 0 },
        alerts:
          raised > 0
            ? [{ alertname: 'AgentErrorRateHigh', severity: 'high', raised, resolved: raised, incidents: [day.date] }]
            : [],
      },
    };
  });
}

/** The one that each whole day names. */
export function decisionOf({ date }: Pick<Snapshot, 'date'>): Decision {
  return {
    ...{ id: `decision-${date}`, date, at: `${date}T10:00:00.000Z`, agent_name: 'director', session_id: `run-${date}` },
    ...{ name: 'Which model?', choice: 'claude-haiku-4.5', confidence: 0.8, reasoning: 'It costs less.' },
    ...{ supporting: { cost_micro_usd: 120_000, failed: 2 }, outcome: 'success' },
    outcome_at: `${date}T10:05:00.000Z`,
  };
}

function together(all: readonly Spending[]): Spending {
  const failed = sum(all.map((one) => one.failed_micro_usd ?? 0));
  return spending(sum(all.map((one) => one.micro_usd ?? 0)), failed, sum(all.map((one) => one.output_tokens)) / 400);
}

function spending(micro_usd: number, failed_micro_usd: number, calls: number): Spending {
  return { micro_usd, failed_micro_usd, input_tokens: calls * 3000, output_tokens: calls * 400, unpriced_calls: 0 };
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
