/** The facts of a made-up fleet: twelve agents, four operations, ninety days. The same number gives the same run, everywhere. */
import { createHash } from 'node:crypto';
import { mulberry32 } from '../monitor/analysis/mulberry32.ts';
import type { ApiFact, Fact, SpanFact } from '../monitor/ledger/fact.ts';

/** When the newest run has ended: "now" to whoever asks the ledger. */
export const endMs = Date.parse('2026-02-15T12:00:00.000Z');
export const days = 90;
export const executionsPerRun = 10;

export const agentNames = [
  ...['architect', 'backend-agent', 'code-director', 'data-agent', 'deploy-agent', 'docs-agent'],
  ...['frontend-agent', 'planner', 'qa-agent', 'research-agent', 'security-agent', 'test-agent'],
] as const;
const operations = ['plan', 'implement', 'review', 'verify'] as const;
const workflows = ['build', 'deploy', 'research', 'triage'] as const;
const models = ['claude-opus-4-5', 'claude-sonnet-5', 'gpt-5', 'gemini-3-pro'] as const;
const tools = ['search', 'shell', 'read_file', 'http_get', 'run_tests'] as const;
const errors: readonly (readonly [type: string, message: (number: number) => string])[] = [
  ['TimeoutError', (number) => `no answer in ${number} ms`],
  ['RateLimitError', (number) => `429: try again in ${number} s`],
  ['ToolError', (number) => `exit ${number} of "npm test"`],
  ['TypeError', (number) => `Cannot read properties of undefined (reading 'field${number}')`],
  ['ContextLengthError', (number) => `${number} tokens are more than the model takes`],
  ['SchemaError', (number) => `answer ${number} is not of the schema`],
  ['GitConflict', (number) => `conflict in /srv/app/src/part-${number}.ts`],
  ['AssertionError', (number) => `expected ${number} to be ${number + 1}`],
];

/** One in ten by its callers (and one in five hundred of those never ends), the others by spans; two in ten with calls of models and tools. */
export function runFacts(number: number, runs: number): Fact[] {
  // Spread out: of neighbours the first numbers would be alike.
  const random = mulberry32(Math.imul(number + 1, 0x9e3779b1) >>> 0);
  const spanMs = days * 86_400_000;
  // Evenly over the days, none after the end.
  const startMs = Math.round(endMs - 600_000 - spanMs + ((number + random()) * (spanMs - 600_000)) / runs);
  const isFailed = Array.from({ length: executionsPerRun }, () => random() < 0.05);
  const parts = isFailed.map((failed, index) => part(index, startMs, failed, random));
  const lastMs = Math.max(...parts.map(({ toMs }) => toMs)) + 200;
  const told = {
    session: sessionOf(number),
    startMs,
    lastMs,
    parts,
    hasFailed: isFailed.some(Boolean) && random() < 0.5,
  };
  return number % 10 === 0 ? calls(told, number % 5000 !== 0) : spans(told, number, number % 5 === 2, random);
}

export function sessionOf(number: number): string {
  return `run-${createHash('sha1').update(`${number}`).digest('hex').slice(0, 16)}`;
}

interface Part {
  readonly name: string;
  readonly operation: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly error: readonly [type: string, message: string] | undefined;
}

interface Told {
  readonly session: string;
  readonly startMs: number;
  readonly lastMs: number;
  readonly parts: readonly Part[];
  readonly hasFailed: boolean;
}

function part(index: number, startMs: number, failed: boolean, random: () => number): Part {
  const agent = pick(agentNames.length, random);
  const operation = pick(operations.length, random);
  const [type, message] = errors[pick(errors.length, random)] as (typeof errors)[number];
  const fromMs = startMs + 100 + index * 20_000 + Math.floor(random() * 1000);
  // Skewed, as times are; each agent and operation has a middle of its own.
  const tookMs = Math.ceil(
    (2000 + 400 * agent + 900 * operation) * Math.exp(1.2 * (random() + random() + random() - 1.5)),
  );
  return {
    name: agentNames[agent] as string,
    operation: operations[operation] as string,
    ...{ fromMs, toMs: fromMs + tookMs },
    error: failed ? [type, message(Math.floor(random() * 10_000))] : undefined,
  };
}

function spans(told: Told, number: number, hasSteps: boolean, random: () => number): SpanFact[] {
  const { session, startMs, lastMs, parts, hasFailed } = told;
  const trace = createHash('md5').update(session).digest('hex');
  let spanNumber = 0;
  const span = (
    name: string,
    parent: string | null,
    [fromMs, toMs]: readonly [number, number],
    attributes: SpanFact['attributes'],
    error?: string,
  ): SpanFact => {
    const id =
      (0x1000_0000 + Math.floor(random() * 0xe000_0000)).toString(16) + (++spanNumber).toString(16).padStart(8, '0');
    return {
      ...{ source: 'span', id: `${trace}/${id}`, trace_id: trace, span_id: id, parent_span_id: parent, name },
      ...{ start_unix_nano: `${fromMs}000000`, end_unix_nano: `${toMs}000000` },
      ...{
        error: error !== undefined,
        status_message: error ?? null,
        service_name: 'fleet',
        environment: 'production',
      },
      attributes,
    };
  };
  const root = span('workflow.execute', null, [startMs, lastMs], {
    ...{ 'workflow.id': session, 'workflow.name': workflows[number % workflows.length] as string },
    ...{ 'workflow.status': hasFailed ? 'failed' : 'completed', 'workflow.trigger': 'schedule' },
  });
  const all = [root];
  for (const { name, operation, fromMs, toMs, error } of parts) {
    const agent = span(
      'agent.execute',
      root.span_id,
      [fromMs, toMs],
      {
        ...{ 'workflow.id': session, 'agent.name': name, 'agent.id': `${name}-1`, 'agent.action': operation },
        ...{ 'agent.status': error ? 'failed' : 'completed', 'agent.duration.ms': toMs - fromMs },
        ...(error && { 'error.type': error[0] }),
      },
      error?.[1],
    );
    all.push(agent);
    if (!hasSteps) continue;
    const middleMs = fromMs + Math.floor((toMs - fromMs) * 0.7);
    const model = models[pick(models.length, random)] as string;
    const tokens = [500 + Math.floor(random() * 8000), 50 + Math.floor(random() * 1500)] as const;
    all.push(
      span(`chat ${model}`, agent.span_id, [fromMs + 10, middleMs], {
        ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model, 'gen_ai.provider.name': 'anthropic' },
        ...{ 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] },
        ...{ 'gen_ai.usage.cost.amount': (tokens[0] * 3 + tokens[1] * 15) / 1e6, 'gen_ai.usage.cost.currency': 'USD' },
      }),
    );
    const tool = tools[pick(tools.length, random)] as string;
    const outcome = error ? 'failure' : 'success';
    all.push(span(`execute_tool ${tool}`, agent.span_id, [middleMs, toMs], { 'gen_ai.tool.name': tool, outcome }));
  }
  return all;
}

function calls({ session, startMs, lastMs, parts, hasFailed }: Told, ends: boolean): ApiFact[] {
  const status = hasFailed ? 'failed' : 'completed';
  const failed = parts.filter(({ error }) => error).length;
  const counts = { completed_tasks: parts.length - failed, failed_tasks: failed };
  const started = { task_description: 'Build and deploy the release', total_tasks: parts.length };
  return [
    call('orchestration_started', `start run ${session}`, startMs, session, null, started),
    ...parts.flatMap(({ name, fromMs, toMs, error }, index) => {
      const agent = `${session}-${index}`;
      return [
        call('execution_started', `start agent ${agent}`, fromMs, session, agent, {
          agent_name: name,
          task_number: index + 1,
        }),
        call('execution_completed', `end agent ${agent}`, toMs, null, agent, {
          ...{ status: error ? 'failed' : 'completed', files_created: index % 3, files_modified: index % 5 },
          ...(error && { error_message: error[1] }),
        }),
      ];
    }),
    ...(ends
      ? [call('orchestration_completed', `end run ${session}`, lastMs, session, null, { status, ...counts })]
      : []),
  ];
}

function call(
  kind: ApiFact['kind'],
  id: string,
  atMs: number,
  session_id: string | null,
  agent_session_id: string | null,
  data: ApiFact['data'],
): ApiFact {
  return { source: 'api', id, at: new Date(atMs).toISOString(), kind, session_id, agent_session_id, data };
}

function pick(count: number, random: () => number): number {
  return Math.floor(random() * count);
}
