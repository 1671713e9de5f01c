import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { address } from '../../place.ts';
import { type Application, drive, installApplications, jsonServer, plainNode, verdaccio } from './applications.ts';
import { instant } from './prometheus-api.ts';
import { startStack, type TestStack } from './stack.ts';

let stack: TestStack;
let modules: string;
beforeAll(async () => {
  modules = await installApplications();
  stack = await startStack();
});
afterAll(() => stack?.stop());

const endpoint = () => `http://${address(stack.place, 'collector', 'grpc')}`;
const patient = { timeoutMs: 20_000, everyMs: 250 };

describe.each([verdaccio, jsonServer, plainNode])(
  '$service ($kind), preloaded and untouched',
  (application: Application) => {
    test('I01 its answers and its exit are those of the run without preload, with and without a Collector', async () => {
      const plain = await drive(application, modules, {});
      expect(plain.answers.map(({ status }) => status)).toContain(200);

      const seen = await drive(application, modules, { otlp: endpoint() });
      expect(seen).toEqual(plain);

      // Nothing listens on port 1. Long enough for the first batch to fail.
      const alone = await drive(application, modules, { otlp: 'http://127.0.0.1:1', halfway: () => delay(6_000) });
      expect({ answers: alone.answers, exit: alone.exit }).toEqual({ answers: plain.answers, exit: plain.exit });
      expect(alone.stderr.replace(plain.stderr, '').match(/^fleetscope:/gm), alone.stderr).toHaveLength(1);
    });

    test('I01 it is found by its name in Tempo, by search and by id', async () => {
      const q = `{ resource.service.name = "${application.service}" && kind = server }`;
      const found = await until(async () => (await search(q)).length > 0, patient);
      expect(found).toEqual({ found: true });
      const [first] = await search(q);
      const trace = JSON.stringify(await getJson(`${stack.targets.tempo}/api/traces/${first?.traceID}`));
      expect(trace).toContain(`"stringValue":"${application.service}"`);
    });

    test('I01 its request durations are in Prometheus', async () => {
      const query = `sum(http_server_request_duration_seconds_count{service_name="${application.service}"})`;
      const found = await until(
        async () => ((await instant(stack.targets.prometheus, query))[0]?.value ?? 0) >= application.requests.length,
        patient,
      );
      expect(found, query).toEqual({ found: true });
    });

    test('I05 its log lines are in Loki', async () => {
      const found = await until(
        async () => (await lines(`{service_name="${application.service}"}`)).length > 0,
        patient,
      );
      expect(found).toEqual({ found: true });
    });
  },
);

test.each([
  ['verdaccio', 'no-such-package', '/no-such-package'],
  ['plain-node', 'order shown', 'SELECT'],
])('I05 a line that %s logs within a request carries the trace id of that request', async (service, words, inTrace) => {
  const query = `{service_name="${service}"} |= "${words}" | trace_id != ""`;
  const found = await until(async () => (await lines(query)).length > 0, patient);
  expect(found, query).toEqual({ found: true });
  const [{ stream } = { stream: {} as Record<string, string> }] = await lines(query);
  const trace = JSON.stringify(await getJson(`${stack.targets.tempo}/api/traces/${stream.trace_id}`));
  expect(trace).toContain(inTrace);
});

test('I04 with the Collector killed under it an application answers as before and ends as before', async () => {
  for (const application of [verdaccio, jsonServer]) {
    const plain = await drive(application, modules, {});
    const bereft = await drive(application, modules, {
      otlp: endpoint(),
      halfway: () => {
        stack.supervisor.signal('collector', 'SIGKILL');
        return stack.supervisor.stopOne('collector');
      },
    });
    await stack.supervisor.startOne('collector');
    expect({ answers: bereft.answers, exit: bereft.exit }).toEqual({ answers: plain.answers, exit: plain.exit });
  }
});

async function search(q: string): Promise<{ traceID: string }[]> {
  const answer = (await getJson(`${stack.targets.tempo}/api/search?${new URLSearchParams({ q })}`)) as {
    traces?: { traceID: string }[];
  };
  return answer.traces ?? [];
}

async function lines(query: string): Promise<{ stream: Record<string, string> }[]> {
  const answer = (await getJson(`${stack.targets.loki}/loki/api/v1/query_range?${new URLSearchParams({ query })}`)) as {
    data: { result: { stream: Record<string, string> }[] };
  };
  return answer.data.result;
}
