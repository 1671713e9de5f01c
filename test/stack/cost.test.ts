import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { createModelServer, type ModelServer } from '../../examples/fleet/model-server/server.ts';
import { address } from '../../place.ts';
import { bill } from './bill.ts';
import { instant } from './prometheus-api.ts';
import { startStack, type TestStack } from './stack.ts';

const runs = 4;
const callsPerRun = 2500;
const service = 'cost-service';
const patient = { timeoutMs: 60_000, everyMs: 500 };

let stack: TestStack;
let models: ModelServer;
let server: Awaited<ReturnType<ModelServer['listen']>>;

beforeAll(async () => {
  stack = await startStack();
  models = createModelServer({ seed: 1, speed: Number.POSITIVE_INFINITY });
  server = await models.listen();
});
afterAll(async () => {
  await server?.close();
  await stack?.stop();
});

test('C03 over 10 000 calls and 3 restarts the model server, the counter and the spans agree within 1 %', {
  timeout: 600_000,
}, async () => {
  for (let run = 0; run < runs; run++) {
    await execa(
      process.execPath,
      [
        '--import',
        '@fleetscope/instrumentation/register',
        `${import.meta.dirname}/cost-service.ts`,
        server.url,
        String(callsPerRun),
      ],
      {
        env: {
          OTEL_SERVICE_NAME: service,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address(stack.place, 'collector', 'grpc')}`,
        },
      },
    );
  }
  const rows = models.ledger.rows();
  expect(rows.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(runs * callsPerRun);
  expect(rows).toHaveLength(3);
  const billed = rows.reduce((sum, row) => sum + (bill(row) ?? Number.NaN), 0);

  const counter = `sum(max_over_time(agent_cost_usd_total{service_name="${service}"}[1h]))`;
  const counted = async () => (await instant(stack.targets.prometheus, counter))[0]?.value ?? 0;
  await until(async () => Math.abs((await counted()) / billed - 1) < 1e-9, patient);
  const perDay = async () => (await instant(stack.targets.prometheus, 'sum(agent_cost_per_day)'))[0]?.value ?? 0;
  await until(async () => Math.abs((await perDay()) / billed - 1) < 1e-9, patient);
  const spans = await spanCosts();

  const off = {
    counter: (await counted()) / billed - 1,
    perDay: (await perDay()) / billed - 1,
    spans: spans.usd / billed - 1,
  };
  console.log(`${runs * callsPerRun} calls, ${billed.toFixed(6)} USD; off by ${JSON.stringify(off)}`);
  expect(spans.calls, 'every call is a span').toBe(runs * callsPerRun);
  for (const [where, share] of Object.entries(off)) expect(Math.abs(share), where).toBeLessThan(0.01);
});

interface Attribute {
  key: string;
  value: { doubleValue?: number };
}

/** The calls and their money as the traces have them. */
async function spanCosts(): Promise<{ calls: number; usd: number }> {
  const q = `{ resource.service.name = "${service}" && name = "workflow.execute" }`;
  const workflows = (runs * callsPerRun) / 125;
  const search = async () =>
    (
      (await getJson(`${stack.targets.tempo}/api/search?${new URLSearchParams({ q, limit: '500' })}`)) as {
        traces?: { traceID: string }[];
      }
    ).traces ?? [];
  await until(async () => (await search()).length === workflows, patient);
  const sum = { calls: 0, usd: 0 };
  for (const { traceID } of await search()) {
    for (const { value } of costsIn(await getJson(`${stack.targets.tempo}/api/traces/${traceID}`))) {
      sum.calls += 1;
      sum.usd += value.doubleValue ?? Number.NaN;
    }
  }
  return sum;
}

function costsIn(trace: unknown): Attribute[] {
  const { batches = [] } = trace as { batches?: { scopeSpans?: { spans?: { attributes?: Attribute[] }[] }[] }[] };
  return batches
    .flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))
    .flatMap(({ attributes = [] }) => attributes.filter(({ key }) => key === 'gen_ai.usage.cost.amount'));
}
