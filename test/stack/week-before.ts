/** A week that nobody can wait for: what a small fleet did on each of its seven days, as facts for the ledger and as samples for Prometheus, from one plan. */
import type { Fact } from '../../monitor/ledger/fact.ts';
import { beginOf, datesOf } from '../../monitor/memory/periods.ts';
import { agent, chat, span, workflow, zero } from '../../monitor/testing/some-facts.ts';

/** What one agent did in a run. */
export interface Work {
  readonly session: string;
  readonly agent: 'Code' | 'Reviewer';
  readonly operation: 'build' | 'migrate';
  /** When it had ended, ms since 1970. */
  readonly endedAt: number;
  readonly failed: boolean;
  /** What its model call cost; 0: it made none. */
  readonly usd: number;
}

export interface PlannedRun {
  readonly session: string;
  /** ms since 1970. */
  readonly at: number;
  readonly work: readonly Work[];
}

export interface PlannedDay {
  readonly date: string;
  readonly runs: readonly PlannedRun[];
  /** What it cost, in USD. */
  readonly usd: number;
}

export const model = 'claude-sonnet-4-5';
/** Of each agent in a run, one after the other, in seconds. */
export const lastsSeconds = 40;
/** How long a person takes to answer. */
export const waitsSeconds = 10;
/** What the failures say. */
export const trouble = { type: 'LockTimeout', message: 'the lock of the table orders is held by another migration' };
export const decided = { choice: 'split', confidence: 0.8, reasoning: 'small steps can be taken back' };

const hourMs = 3_600_000;
const minuteMs = 60_000;
const runsAt = [6, 12, 18];

/**
 * Three runs a day, in each two agents at two kinds of work; each day is dearer than the one before. Two in three of what Code migrates fail, and nothing
 * else does. In the first run of a day an agent decides, in the second a person is asked.
 */
export function plannedDays(week: string): PlannedDay[] {
  return datesOf(week).map((date, day) => {
    const runs = runsAt.map((hour, number): PlannedRun => {
      const [session, at] = [`${date}-${hour}`, beginOf(date) + hour * hourMs + 10 * minuteMs];
      const work = (['Code', 'Reviewer'] as const).flatMap((agent, i) =>
        (['build', 'migrate'] as const).map((operation, j): Work => {
          const failed = agent === 'Code' && operation === 'migrate' && number < 2;
          const usd = operation === 'migrate' ? (10 + day) / 100 : 0;
          return { session, agent, operation, endedAt: at + (2 * i + j + 1) * lastsSeconds * 1000, failed, usd };
        }),
      );
      return { session, at, work };
    });
    return { date, runs, usd: runs.flatMap(({ work }) => work).reduce((sum, one) => sum + one.usd, 0) };
  });
}

/** As the Collector would have handed them to the ledger. */
export function factsOf(days: readonly PlannedDay[]): Fact[] {
  return days.flatMap(({ runs }) => runs.flatMap(factsOfRun));
}

function factsOfRun({ session, at, work }: PlannedRun, number: number): Fact[] {
  const trace = `trace of ${session}`;
  const from = (at - zero) / 1000;
  const isLost = work.some(({ failed }) => failed);
  return [
    workflow(session, { trace, id: 'run', from, to: from + work.length * lastsSeconds, error: isLost }),
    ...work.flatMap((one, i) => factsOfWork(one, { trace, id: `work-${i}`, from: from + i * lastsSeconds })),
    ...(number === 0 ? [decision(trace, from)] : []),
    ...(number === 1 ? approval(session, trace, from) : []),
  ];
}

function factsOfWork(
  { agent: name, operation, failed, usd }: Work,
  { trace, id, from }: { trace: string; id: string; from: number },
): Fact[] {
  const how = failed ? { error: true, message: trouble.message } : {};
  const attributes = { 'agent.action': operation, ...(failed && { 'error.type': trouble.type }) };
  const call = {
    trace,
    id: `call of ${id}`,
    parent: id,
    from: from + 1,
    to: from + 3,
    usd,
    tokens: [1000, 100] as const,
  };
  return [
    agent(name, { trace, id, parent: 'run', from, to: from + lastsSeconds, ...how, attributes }),
    ...(usd > 0 ? [chat({ ...call, attributes: { 'gen_ai.request.model': model } })] : []),
  ];
}

function decision(trace: string, from: number): Fact {
  return span({
    ...{ trace, id: 'decision', parent: 'work-0', name: 'agent.decide', from: from + 4, to: from + 5 },
    attributes: {
      ...{ 'agent.decision.name': 'approach', 'agent.decision.final_choice': decided.choice },
      ...{ 'agent.decision.confidence': decided.confidence, 'agent.decision.reasoning': decided.reasoning },
    },
  });
}

function approval(session: string, trace: string, from: number): Fact[] {
  const id = { 'approval.id': session, 'approval.kind': 'deploy' };
  return [
    span({ trace, id: 'request', parent: 'work-0', name: 'approval.request', from: from + 6, attributes: id }),
    span({
      ...{ trace, id: 'answer', parent: 'request', name: 'approval.decide', from: from + 6 + waitsSeconds },
      attributes: { ...id, 'approval.decision': 'approved', 'approval.wait_seconds': waitsSeconds },
    }),
  ];
}

/**
 * As the same fleet would have pushed it each minute, and Prometheus scraped itself meanwhile; and again of itself from `since` to `now`: what is born
 * after that is known to be new. OpenMetrics, for `promtool tsdb create-blocks-from`.
 */
export function samplesOf(days: readonly PlannedDay[], since: number, now: number): string {
  const all = days.flatMap(({ runs }) => runs.flatMap(({ work }) => work));
  const begin = beginOf(days[0]?.date as string);
  const end = beginOf(days.at(-1)?.date as string) + 24 * hourMs;
  const scrapes = [...times(begin, end, 15_000), ...times(since, now, 15_000)];
  const counter = (name: string, by: (one: Work) => number, more = '') => [
    `# TYPE ${name} counter`,
    ...(['Code', 'Reviewer'] as const).flatMap((who) => {
      const own = all.filter(({ agent }) => agent === who);
      const series = `${name}_total{agent_name="${who}"${more},job="planned",service_name="planned"}`;
      const counted = (at: number) => own.reduce((sum, one) => (one.endedAt <= at ? sum + by(one) : sum), 0);
      return times(begin, end, minuteMs).map((at) => `${series} ${counted(at)} ${at / 1000}`);
    }),
  ];
  return [
    '# TYPE up gauge',
    ...scrapes.map((at) => `up{instance="planned",job="prometheus"} 1 ${at / 1000}`),
    ...counter('agent_tasks_started', () => 1),
    ...counter('agent_tasks_completed', ({ failed }) => (failed ? 0 : 1)),
    ...counter('agent_tasks_failed', ({ failed }) => (failed ? 1 : 0)),
    ...counter('agent_cost_usd', ({ usd }) => usd, `,gen_ai_request_model="${model}"`),
    ...['# EOF', ''],
  ].join('\n');
}

function times(from: number, to: number, everyMs: number): number[] {
  return Array.from({ length: Math.floor((to - from) / everyMs) + 1 }, (_, i) => from + i * everyMs);
}
