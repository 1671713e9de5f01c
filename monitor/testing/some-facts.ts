/** Facts as data of tests: short to write, whole where they are read. */
import type { ApiFact, Fact, SpanFact } from '../ledger/fact.ts';

/** Second 0 of all tests, in ms since 1970. */
export const zero = Date.parse('2026-11-26T09:00:00.000Z');

export function at(seconds: number): string {
  return new Date(zero + Math.round(seconds * 1000)).toISOString();
}

export interface SpanGiven {
  readonly trace?: string;
  readonly id: string;
  readonly parent?: string;
  readonly name?: string;
  /** Seconds since `zero`. */
  readonly from?: number;
  readonly to?: number;
  readonly error?: boolean;
  readonly message?: string;
  readonly attributes?: SpanFact['attributes'];
}

export function span({ trace = 't1', id, parent, name = '', from = 0, to = from, ...rest }: SpanGiven): SpanFact {
  const { error = false, message, attributes = {} } = rest;
  return {
    ...{ source: 'span', id: `${trace}/${id}`, trace_id: trace, span_id: id, parent_span_id: parent ?? null, name },
    start_unix_nano: nano(from),
    end_unix_nano: nano(to),
    ...{ error, status_message: message ?? null, service_name: 'fleet', environment: 'test', attributes },
  };
}

function nano(seconds: number): string {
  return `${zero + Math.round(seconds * 1000)}000000`;
}

export function workflow(session: string, given: SpanGiven): SpanFact {
  const status = given.error ? 'failed' : 'completed';
  const attributes = { 'workflow.id': session, 'workflow.name': 'build', 'workflow.status': status };
  return span({ ...given, name: 'workflow.execute', attributes: { ...attributes, ...given.attributes } });
}

export function agent(name: string, given: SpanGiven): SpanFact {
  const status = given.error ? 'failed' : 'completed';
  const attributes = { 'agent.name': name, 'agent.action': 'work', 'agent.status': status };
  return span({ ...given, name: 'agent.execute', attributes: { ...attributes, ...given.attributes } });
}

export function chat(
  given: SpanGiven & { readonly usd?: number; readonly tokens?: readonly [number, number] },
): SpanFact {
  const { usd, tokens } = given;
  const attributes = {
    ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm-1' },
    ...(tokens && { 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] }),
    ...(usd !== undefined && { 'gen_ai.usage.cost.amount': usd, 'gen_ai.usage.cost.currency': 'USD' }),
  };
  return span({ ...given, name: 'chat m-1', attributes: { ...attributes, ...given.attributes } });
}

export function task(id: string, given: SpanGiven): SpanFact {
  const outcome = given.error ? 'failure' : 'success';
  const attributes = { 'agent.task.id': id, 'task.type': 'review', outcome };
  return span({ ...given, name: 'task.execute', attributes: { ...attributes, ...given.attributes } });
}

export function runStarted(session: string, seconds: number, data: ApiFact['data'] = {}): ApiFact {
  return call('orchestration_started', `start run ${session}`, seconds, session, null, data);
}

export function runEnded(session: string, seconds: number, data: ApiFact['data'] = { status: 'completed' }): ApiFact {
  return call('orchestration_completed', `end run ${session}`, seconds, session, null, data);
}

export function agentStarted(session: string | null, agent: string, seconds: number, data: ApiFact['data']): ApiFact {
  return call('execution_started', `start agent ${agent}`, seconds, session, agent, data);
}

export function agentEnded(agent: string, seconds: number, data: ApiFact['data'] = { status: 'completed' }): ApiFact {
  return call('execution_completed', `end agent ${agent}`, seconds, null, agent, data);
}

function call(
  kind: ApiFact['kind'],
  id: string,
  seconds: number,
  session_id: string | null,
  agent_session_id: string | null,
  data: ApiFact['data'],
): ApiFact {
  return { source: 'api', id, at: at(seconds), kind, session_id, agent_session_id, data };
}

/** A run as telemetry tells it: two agents, one inside the other, tasks, calls of models and tools, a decision, an approval, a hand-over. */
export function wholeRun(session: string, trace: string, from = 0): Fact[] {
  const inTrace = <Given extends SpanGiven>(given: Given) => ({
    ...given,
    ...{ trace, from: (given.from ?? 0) + from, to: (given.to ?? given.from ?? 0) + from },
  });
  return [
    workflow(session, inTrace({ id: '01', to: 60 })),
    agent('director', inTrace({ id: '02', parent: '01', from: 1, to: 59 })),
    chat(inTrace({ id: '03', parent: '02', from: 2, to: 4, usd: 0.0123456, tokens: [100, 20] as const })),
    // The provider's own library tells the same call once more, inside.
    chat(inTrace({ id: '04', parent: '03', from: 2.1, to: 3.9, usd: 0.0123456, tokens: [100, 20] as const })),
    span(inTrace({ id: '05', parent: '02', name: 'send code', from: 5, to: 5.1 })),
    span(
      inTrace({
        ...{ id: '06', parent: '05', name: 'process code', from: 8, to: 40 },
        attributes: { 'messaging.destination.name': 'code', 'message.sender': 'director' },
      }),
    ),
    agent('code', inTrace({ id: '07', parent: '06', from: 8, to: 39 })),
    task('job-1', inTrace({ id: '08', parent: '07', from: 9, to: 20, error: true })),
    task('job-1', inTrace({ id: '09', parent: '07', from: 21, to: 38, attributes: { 'agent.task.retry.count': 1 } })),
    chat(inTrace({ id: '0a', parent: '08', from: 10, to: 12, usd: 0.001, tokens: [10, 1] as const })),
    chat(
      inTrace({
        id: '0b',
        parent: '09',
        from: 22,
        to: 25,
        tokens: [7, 3] as const,
        attributes: { 'llm.cost.known': false },
      }),
    ),
    span(
      inTrace({
        ...{ id: '0c', parent: '09', name: 'execute_tool search', from: 26, to: 27 },
        attributes: { 'gen_ai.tool.name': 'search', 'tool.cost_usd': 0.005, outcome: 'success' },
      }),
    ),
    span(
      inTrace({
        ...{ id: '0d', parent: '09', name: 'agent.decide', from: 28, to: 29 },
        attributes: {
          'agent.decision.name': 'merge',
          'agent.decision.final_choice': 'yes',
          'agent.decision.confidence': 0.9,
        },
      }),
    ),
    span(
      inTrace({
        ...{ id: '0e', parent: '02', name: 'approval.request', from: 41 },
        attributes: { 'approval.id': `a-${trace}`, 'approval.kind': 'deploy', 'approval.subject': 'Version 3' },
      }),
    ),
    span(
      inTrace({
        ...{ id: '0f', parent: '0e', name: 'approval.decide', from: 51 },
        attributes: { 'approval.id': `a-${trace}`, 'approval.decision': 'approved', 'approval.wait_seconds': 10 },
      }),
    ),
  ];
}

/** The same run as its caller tells it. */
export function wholeRunCalls(session: string, from = 0): Fact[] {
  return [
    runStarted(session, from, { task_description: 'Build and deploy', total_tasks: 5 }),
    agentStarted(session, `${session}-a`, from + 1, { agent_name: 'director', task_number: 1 }),
    agentEnded(`${session}-a`, from + 59, { status: 'completed', files_created: 3, files_modified: 5 }),
    runEnded(session, from + 60, { status: 'completed', completed_tasks: 5, failed_tasks: 0 }),
  ];
}
