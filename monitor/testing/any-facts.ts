/** Facts of any kind, as property tests draw them. */
import fc from 'fast-check';
import type { Fact, SpanFact } from '../ledger/fact.ts';
import {
  agent,
  agentEnded,
  agentStarted,
  chat,
  runEnded,
  runStarted,
  span,
  task,
  wholeRunCalls,
  workflow,
} from './some-facts.ts';

const ids = ['01', '02', '03', '04', '05', '06', '07', '08'] as const;
/** What a broken program tells: whole, and not. */
const impossible = fc.constantFrom(-1, 2 ** 53 - 1, 9e15, 1e7, 1e10, 1e13, 1e18, 1e300, 0.5, -1e300);
const money = fc.option(
  fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((nano) => nano / 1e9), weight: 9 },
    { arbitrary: impossible, weight: 1 },
  ),
  { nil: undefined },
);
const natural = (max: number) => fc.oneof({ arbitrary: fc.nat(max), weight: 9 }, { arbitrary: impossible, weight: 1 });

/**
 * Some that may belong together, by trace, session or agent session, or may not; some claim the id of another.
 * `hours`: when they were told. Default: now.
 */
export function anyFacts(hours: readonly number[] = [0]): fc.Arbitrary<Fact[]> {
  return fc
    .tuple(
      fc.array(anySpan(hours), { maxLength: 14 }),
      fc.subarray(wholeRunCalls('s1', 1)),
      hours.length > 1 ? fc.array(anyCall(hours), { maxLength: 8 }) : fc.constant([]),
    )
    .map((all) => all.flat());
}

function secondsOf(hours: readonly number[]): fc.Arbitrary<number> {
  return fc
    .tuple(fc.constantFrom(...hours), fc.integer({ min: -20, max: 100 }))
    .map(([hour, tenth]) => hour * 3600 + tenth / 10);
}

/** Any span under any other, itself too, or under one that never comes; sessions and agent sessions that meet or do not. */
function anySpan(hours: readonly number[]): fc.Arbitrary<SpanFact> {
  return fc
    .record({
      trace: fc.constantFrom('t1', 't2'),
      id: fc.constantFrom(...ids),
      parent: fc.option(fc.constantFrom(...ids, 'ff'), { nil: undefined }),
      from: secondsOf(hours),
      to: secondsOf(hours),
      error: fc.boolean(),
      kind: fc.constantFrom('workflow', 'agent', 'chat', 'task', 'tool', 'send', 'process', 'ask', 'answer'),
      usd: money,
      tokens: fc.option(fc.tuple(natural(100), natural(100)), { nil: undefined }),
      number: fc.option(natural(3), { nil: undefined }),
      who: fc.constantFrom('s1', 's2', 's1-a', 'x'),
    })
    .map(({ kind, usd, tokens, number, who, parent, ...times }): SpanFact => {
      const given = { ...times, ...(parent !== undefined && { parent }) };
      if (kind === 'workflow') return workflow(who, given);
      if (kind === 'agent')
        return agent('code', {
          ...given,
          attributes: { 'agent.id': who, ...(number !== undefined && { 'agent.retries': number }) },
        });
      if (kind === 'chat') return chat({ ...given, ...(usd !== undefined && { usd }), ...(tokens && { tokens }) });
      if (kind === 'task')
        return task(who, {
          ...given,
          ...(number !== undefined && { attributes: { 'agent.task.retry.count': number } }),
        });
      const names = { tool: 'execute_tool x', send: 'send x', process: 'process x', ask: 'approval.request' } as const;
      const name = kind === 'answer' ? 'approval.decide' : names[kind];
      const attributes = {
        ...{ 'approval.id': who, 'approval.decision': who === 'x' ? 'rejected' : 'approved' },
        ...(kind === 'answer' && number !== undefined && { 'approval.wait_seconds': number }),
        ...(kind === 'tool' && usd !== undefined && { 'tool.cost_usd': usd }),
      };
      return span({ ...given, name, attributes });
    });
}

function anyCall(hours: readonly number[]): fc.Arbitrary<Fact> {
  return fc
    .record({
      kind: fc.constantFrom('run', 'end run', 'agent', 'end agent'),
      session: fc.constantFrom('s1', 's2', 's3', 's4'),
      agentSession: fc.constantFrom('s1-a', 's2-a', 's3-a', 's3-b', 's3-c', 's4-a'),
      seconds: secondsOf(hours),
      task_number: fc.constantFrom(1, 2),
      status: fc.constantFrom('completed', 'failed'),
      error_message: fc.constantFrom('disk full', 'no answer'),
    })
    .map(({ kind, session, agentSession, seconds, task_number, status, error_message }) => {
      if (kind === 'run') return runStarted(session, seconds);
      if (kind === 'end run') return runEnded(session, seconds, { status });
      const of = agentSession.slice(0, 2);
      if (kind === 'agent') return agentStarted(of, agentSession, seconds, { agent_name: 'qa', task_number });
      return agentEnded(agentSession, seconds, { status, ...(status === 'failed' && { error_message }) });
    });
}
