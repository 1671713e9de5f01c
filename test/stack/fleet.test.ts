/** One run of the demo fleet against the whole stack: every panel has data, every entry of the catalogue is found, the counts agree. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { trafficFaults } from '../../examples/fleet/world/traffic.ts';
import { events, metrics, spans } from '../../instrumentation/src/catalog/catalog.ts';
import type { Metric } from '../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { promotedResourceAttributes } from '../../instrumentation/src/catalog/resource-attributes.ts';
import { address } from '../../place.ts';
import { panelTests } from './panels.ts';
import { instant } from './prometheus-api.ts';
import { startStack, type TestStack } from './stack.ts';

const patient = { timeoutMs: 30_000, everyMs: 500 };
const service = 'fleet';

/** What the demo prints: plain counts that the agents kept themselves, and what the model server counted. */
interface Demo {
  counted: Record<string, Record<string, number>>;
  ledger: { calls: number; retries: number; tokens: { input: number; output: number } }[];
}

let stack: TestStack;
let demo: Demo;

beforeAll(async () => {
  // Type and unit as labels: what a series' name does not say.
  stack = await startStack((all) =>
    all.map((one) =>
      one.component === 'prometheus'
        ? {
            ...one,
            args: one.args.map((arg) => arg.replace('exemplar-storage', 'exemplar-storage,type-and-unit-labels')),
          }
        : one,
    ),
  );
  demo = await runDemo();
}, 400_000);
afterAll(() => stack?.stop());

async function runDemo(): Promise<Demo> {
  const demo = execa(
    process.execPath,
    [
      'scripts/demo.ts',
      ...['--endpoint', `http://${address(stack.place, 'collector', 'grpc')}`],
      // What a healthy fleet has none of, the catalogue and the panels have: a broken sandbox, models without a price, failures.
      ...['--rate', '60', '--for', '90', '--speed', '10', '--json', '--fault', ...trafficFaults, 'error-spike@40..60'],
    ],
    { cwd: `${import.meta.dirname}/../..`, env: { FLEETSCOPE_HOME: stack.home } },
  );
  const [{ stdout }] = await Promise.all([demo, steer()]);
  return JSON.parse(stdout);
}

/** As a remedy of the escalation service would, once the fleet is there: it is found by the files that the demo writes. */
async function steer(): Promise<void> {
  const file = (name: string) => readFileSync(join(stack.home, 'data', 'control', name), 'utf8').trim();
  await until(async () => file('url') !== '' && file('token') !== '', patient);
  const order = async (path: string, body: object) => {
    const response = await fetch(`${file('url')}/control/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${file('token')}` },
      body: JSON.stringify({ by: 'the test of the stack', reason: 'to be seen', ...body }),
    });
    expect(response.status).toBe(200);
  };
  await order('pause', { forSeconds: 1 });
  await order('circuit-breaker', { name: 'search_docs', state: 'open', forSeconds: 15 });
  await order('fallback', { name: 'gates', module: 'required-only', forSeconds: 15 });
}

// First: what panels show of the last minutes is soon over.
panelTests(() => stack);

describe('what the agents and the model server counted is what arrived', () => {
  const spanCount = (names: string) =>
    `sum(max_over_time(traces_span_metrics_calls_total{service_name="${service}", span_name=~"${names}"}[1h]))`;
  const cases: [id: string, what: string, query: string, truth: () => number][] = [
    [
      'S04',
      'model calls, as metrics',
      ofMetric('gen_ai_client_operation_duration_seconds_count'),
      () => counted('models'),
    ],
    ['S04', 'model calls, as spans', spanCount('(chat|embeddings) .+'), () => counted('models')],
    ['S05', 'decisions, as metrics', ofMetric('agent_decisions_total'), () => counted('decisions')],
    ['S05', 'decisions, as spans', spanCount('agent.decide'), () => counted('decisions')],
    ['T01', 'tasks that ended well', ofMetric('agent_tasks_completed_total'), () => counted('tasks', 'success')],
    ['T01', 'tasks that failed', ofMetric('agent_tasks_failed_total'), () => counted('tasks', 'failure')],
    ['S06', 'tool calls', ofMetric('tool_calls_total'), () => counted('tools')],
    ['S07', 'messages', ofMetric('messaging_client_sent_messages_total'), () => counted('messages')],
    ['T03', 'approvals asked for', ofMetric('task_approval_requests_total'), () => counted('approvals', 'requested')],
    ['T02', 'skills denied', ofMetric('skill_access_denied_total'), () => counted('skills', 'denied')],
    ['T05', 'quality gates', ofMetric('quality_gate_checks_total'), () => counted('gates')],
    ['S08', 'commands', spanCount('command.execute'), () => counted('commands')],
  ];

  test.each(cases)('%s %s', async (_, what, query, truth) => {
    expect(truth(), `the demo has no ${what}`).toBeGreaterThan(0);
    const read = async () => (await instant(stack.targets.prometheus, query))[0]?.value;
    await until(async () => (await read()) === truth(), patient);
    expect(await read(), query).toBe(truth());
  });

  test('T07 the tokens are those that the agents were told, and the model server counted', async () => {
    const query = ofMetric('agent_tokens_total');
    const read = async (what: string) => (await instant(stack.targets.prometheus, what))[0]?.value;
    const told = counted('tokens');
    expect(told).toBeGreaterThan(10_000);
    expect(await read(query), query).toBe(told);
    // A stream that tells no tokens is counted as such: the server knows more then, and by no more calls.
    const sent = demo.ledger.reduce((sum, { tokens }) => sum + tokens.input + tokens.output, 0);
    const unmetered = (await read(ofMetric('llm_calls_unmetered_total'))) ?? 0;
    expect(sent > told).toBe(unmetered > 0);
    expect(sent - told).toBeLessThan(2000 * unmetered + 1);
  });

  function ofMetric(name: string): string {
    return `sum(max_over_time(${name}{service_name="${service}"}[1h]))`;
  }

  function counted(group: string, ends = ''): number {
    return Object.entries(demo.counted[group] ?? {})
      .filter(([what]) => what.endsWith(ends))
      .reduce((sum, [, number]) => sum + number, 0);
  }
});

describe('every metric of the catalogue is in Prometheus', () => {
  const everywhere = new Set([
    ...['__name__', '__type__', '__unit__', 'job', 'instance', 'le'],
    ...promotedResourceAttributes.map(prometheusLabel),
  ]);
  const types = { counter: 'counter', upDownCounter: 'gauge', gauge: 'gauge', histogram: 'histogram' } as const;

  // What our own services measure is looked for where they are worked hard: escalation.test.ts, ledger-fleet.test.ts, backup.test.ts;
  // and certificates there are in a cluster alone.
  const ofOthers = metrics.filter(({ by }) => !['escalation', 'monitor', 'services', 'backup', 'memory'].includes(by));

  test.each(ofOthers.map((metric) => [prometheusName(metric), metric] as const))(
    'B03 %s, with its type, unit and labels',
    async (name, metric) => {
      const found = await until(async () => (await series(name, metric)).length > 0, patient);
      expect(found, `nothing recorded ${metric.name}`).toEqual({ found: true });
      const declared = metric.labels.map((label) => prometheusLabel(label.name));
      const always = metric.labels.filter(({ absentWhen }) => !absentWhen).map((label) => prometheusLabel(label.name));
      for (const one of await series(name, metric)) {
        const own = Object.keys(one).filter((label) => !everywhere.has(label));
        expect(
          own.filter((label) => !declared.includes(label)),
          `labels of ${name} that the catalogue has not`,
        ).toEqual([]);
        expect(
          always.filter((label) => !own.includes(label)),
          `labels that ${name} lacks`,
        ).toEqual([]);
        expect(one.__type__).toBe(types[metric.kind]);
        expect(one.__unit__ ?? '').toBe(unitOf(metric));
      }
    },
  );
});

describe('every span of the catalogue is in Tempo, with every attribute', () => {
  test.each(spans.filter(({ by }) => by === 'fleet').map((span) => [span.name, span] as const))(
    'B03 %s',
    async (name, { attributes }) => {
      const pattern = `^${name.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '.+')}$`;
      const of = `resource.service.name = "${service}" && name =~ \`${pattern}\``;
      const found = await until(async () => (await search(`{ ${of} }`)) > 0, patient);
      expect(found, `nothing makes the span ${name}`).toEqual({ found: true });
      const missing: string[] = [];
      for (const attribute of attributes) {
        if (attribute.kind === 'key' ? attribute.needs : attribute.absentWhen) continue;
        if ((await search(`{ ${of} && span.${attribute.name} != nil }`)) === 0) missing.push(attribute.name);
      }
      expect(missing, `attributes that no ${name} carries`).toEqual([]);
    },
  );
});

test('I08 an agent in another language stands beside the others', async () => {
  const collector = `http://${address(stack.place, 'collector', 'http')}`;
  const { stdout: traceId } = await execa('python3', [
    `${import.meta.dirname}/../../examples/any-language/agent.py`,
    collector,
  ]);
  const completed = 'agent_tasks_completed_total{agent_name="librarian", task_type="lookup"}';
  const found = await until(async () => (await instant(stack.targets.prometheus, completed))[0]?.value === 1, patient);
  expect(found, completed).toEqual({ found: true });
  const logged = `{service_name="agent-in-python"} | event_name="fleet.log" | trace_id="${traceId}"`;
  expect(await until(async () => (await lines(logged)).length === 1, patient), logged).toEqual({ found: true });
  // Not by `trace:id`: Tempo cuts the zeros from an id's beginning, there and in what it finds.
  const span =
    '{ resource.service.name = "agent-in-python" && name = "task.execute" && span.agent.name = "librarian" }';
  const isThere = async () => (await traceIds(span)).some((id) => id.padStart(32, '0') === traceId);
  expect(await until(isThere, patient), `${span} finds ${traceId}`).toEqual({ found: true });
});

describe('every log event of the catalogue is in Loki', () => {
  test.each(events.map((event) => [event.name, event] as const))('B03 %s', async (name, { severity }) => {
    const query = `{service_name="${service}"} | event_name="${name}"`;
    const found = await until(async () => (await lines(query)).length > 0, patient);
    expect(found, `nothing emits ${name}`).toEqual({ found: true });
    const [first] = await lines(query);
    if (name !== 'fleet.log') expect(first?.severity_text).toBe(severity.toUpperCase());
  });
});

/** The label sets of a metric; of a histogram, those of its buckets. */
async function series(name: string, { kind }: Metric): Promise<Record<string, string>[]> {
  const stored = kind === 'histogram' ? `${name}_bucket` : name;
  const query = new URLSearchParams({ 'match[]': `${stored}{service_name="${service}"}` });
  return ((await getJson(`${stack.targets.prometheus}/api/v1/series?${query}`)) as { data: Record<string, string>[] })
    .data;
}

/** The unit as Prometheus spells it. */
function unitOf({ unit }: Metric): string {
  const words: Record<string, string> = { s: 'seconds', By: 'bytes', '1': '' };
  return unit.startsWith('{') ? '' : (words[unit] ?? unit);
}

async function search(q: string): Promise<number> {
  return (await traceIds(q)).length;
}

/** At most one. */
async function traceIds(q: string): Promise<string[]> {
  const answer = (await getJson(`${stack.targets.tempo}/api/search?${new URLSearchParams({ q, limit: '1' })}`)) as {
    traces?: { traceID: string }[];
  };
  return (answer.traces ?? []).map(({ traceID }) => traceID);
}

async function lines(query: string): Promise<Record<string, string>[]> {
  const answer = (await getJson(
    `${stack.targets.loki}/loki/api/v1/query_range?${new URLSearchParams({ query, limit: '5', since: '1h' })}`,
  )) as { data: { result: { stream: Record<string, string> }[] } };
  return answer.data.result.map(({ stream }) => stream);
}
