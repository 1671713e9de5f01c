/** The sixty days as the Collector passes them on to the ledger. */
import type { SpanFact } from '../../ledger/fact.ts';
import type { Run, Task } from './sixty-days.ts';

type Attributes = SpanFact['attributes'];

/** Spans of a run: itself, its tasks, each with its call of a model, what was decided and what was asked for. */
export function factsOf(run: Run): SpanFact[] {
  const { session, trace, workflow, fromMs, toMs, tasks, decision, approval } = run;
  const spans = new Spans(trace);
  const failures = tasks.filter(({ failure }) => failure).length;
  const isFailed = failures > tasks.length / 2;
  const root = spans.add(undefined, 'workflow.execute', [fromMs, toMs], {
    ...{ 'workflow.id': session, 'workflow.name': workflow, 'workflow.status': isFailed ? 'failed' : 'completed' },
  });
  tasks.forEach((task, i) => {
    const agent = addTask(spans, root, task);
    if (decision && i === 0)
      spans.add(agent, 'agent.decide', [task.fromMs, task.fromMs + 50], {
        ...{ 'agent.decision.name': 'order', 'agent.decision.final_choice': decision.choice },
        ...{ 'agent.decision.confidence': Math.round(decision.confidence * 100) / 100 },
        'agent.decision.reasoning': 'They touch different files.',
      });
  });
  if (approval) {
    const { askedMs, waitMs } = approval;
    const about = { 'approval.id': `approval-${session}`, 'approval.kind': 'deploy' };
    const asked = spans.add(root, 'approval.request', [askedMs, askedMs], { ...about, 'approval.subject': workflow });
    spans.add(asked, 'approval.decide', [askedMs + waitMs, askedMs + waitMs], {
      ...{ ...about, 'approval.decision': approval.decision, 'approval.wait_seconds': waitMs / 1000 },
    });
  }
  return spans.all;
}

function addTask(spans: Spans, root: string, task: Task): string {
  const { fromMs, toMs, agent, operation, model, tokens, modelMicroUsd, tool, retries, failure } = task;
  const error = failure && { type: failure.type, message: failure.message };
  const own = spans.add(
    root,
    'agent.execute',
    [fromMs, toMs],
    {
      ...{ 'agent.name': agent, 'agent.action': operation, 'agent.status': error ? 'failed' : 'completed' },
      ...(retries > 0 && { 'agent.retries': retries }),
    },
    error,
  );
  spans.add(
    own,
    `chat ${model}`,
    callOf(task),
    {
      ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': model },
      ...(modelMicroUsd > 0 && {
        ...{ 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] },
        ...{ 'gen_ai.usage.cost.amount': modelMicroUsd / 1e6, 'gen_ai.usage.cost.currency': 'USD' },
      }),
    },
    failure?.isOfModel ? error : undefined,
  );
  if (tool)
    spans.add(own, `execute_tool ${tool.name}`, [fromMs + 50, fromMs + 100], {
      ...{ 'gen_ai.tool.name': tool.name, 'tool.cost_usd': tool.microUsd / 1e6, outcome: 'success' },
    });
  return own;
}

/** When its model was at work: from a tenth of the task to nine. */
export function callOf({ fromMs, toMs }: Pick<Task, 'fromMs' | 'toMs'>): readonly [fromMs: number, toMs: number] {
  const tenth = Math.floor((toMs - fromMs) / 10);
  return [fromMs + tenth, toMs - tenth];
}

class Spans {
  readonly all: SpanFact[] = [];
  readonly #trace: string;

  constructor(trace: string) {
    this.#trace = trace;
  }

  /** @returns its id */
  add(
    parent: string | undefined,
    name: string,
    [fromMs, toMs]: readonly [number, number],
    attributes: Attributes,
    error?: { readonly type: string; readonly message: string },
  ): string {
    const id = (this.all.length + 1).toString(16).padStart(16, '0');
    this.all.push({
      ...{ source: 'span', id: `${this.#trace}/${id}`, trace_id: this.#trace, span_id: id, name },
      ...{ parent_span_id: parent ?? null, start_unix_nano: `${fromMs}000000`, end_unix_nano: `${toMs}000000` },
      ...{ error: error !== undefined, status_message: error?.message ?? null },
      ...{ service_name: 'fleet', environment: 'production' },
      attributes: { ...attributes, ...(error && { 'error.type': error.type }) },
    });
    return id;
  }
}
