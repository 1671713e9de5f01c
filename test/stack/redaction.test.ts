import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { url } from '../../place.ts';
import { startStack, type TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** Made here, valid nowhere, in the shapes that real ones have. */
const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count);
const secrets = {
  aws: `AKIA${letters(16).toUpperCase()}`,
  github: `ghp_${letters(40)}`,
  openai: `sk-proj-${letters(32)}`,
  anthropic: `sk-ant-${letters(32)}`,
  slack: `xoxb-${letters(24)}`,
  jwt: `eyJ${letters(12)}.eyJ${letters(20)}.${letters(30)}`,
  bearer: `Bearer ${letters(32)}`,
};

test('I07 known secret shapes leave neither in attributes nor in log lines; harmless words stay', async () => {
  const attributes = [
    ...Object.entries(secrets).map(([name, value]) => attribute(`note.${name}`, `token is ${value} here`)),
    attribute('db.password', 'hunter2'),
    attribute('http.request.header.authorization', 'opaque-value'),
    attribute('gen_ai.usage.input_tokens', '1234'),
  ];
  const traceId = randomBytes(16).toString('hex');
  const now = String(BigInt(Date.now()) * 1_000_000n);
  const resource = { attributes: [attribute('service.name', 'leaky'), attribute('client.secret', 'swordfish')] };
  await post('traces', {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId: randomBytes(8).toString('hex'),
                name: 'leak',
                kind: 1,
                startTimeUnixNano: now,
                endTimeUnixNano: now,
                attributes,
                events: [{ timeUnixNano: now, name: 'said', attributes }],
              },
            ],
          },
        ],
      },
    ],
  });
  await post('logs', {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: now,
                severityNumber: 9,
                body: { stringValue: `leaked ${Object.values(secrets).join(' and ')} twice` },
                attributes,
              },
              { timeUnixNano: now, severityNumber: 17, body: { stringValue: 'an error' } },
            ],
          },
        ],
      },
    ],
  });

  let trace = '';
  let logs = '';
  const arrived = await until(
    async () => {
      trace = JSON.stringify(await getJson(`${stack.targets.tempo}/api/traces/${traceId}`));
      const query = new URLSearchParams({ query: '{service_name="leaky"}' });
      logs = JSON.stringify(await getJson(`${stack.targets.loki}/loki/api/v1/query_range?${query}`));
      return logs.includes('leaked') && logs.includes('an error');
    },
    { timeoutMs: 20_000, everyMs: 250 },
  );
  expect(arrived).toEqual({ found: true });
  for (const [where, text] of Object.entries({ trace, logs })) {
    for (const [name, secret] of Object.entries({
      ...secrets,
      password: 'hunter2',
      header: 'opaque-value',
      resource: 'swordfish',
    }))
      expect(text.includes(secret), `${name} in ${where}`).toBe(false);
    expect(text, where).toContain('1234');
  }
  expect(logs).toContain('leaked');
  expect(logs).toContain('twice');
  expect(logs).toContain('"retention_class":"standard"');
  expect(logs).toContain('"retention_class":"error"');
});

function attribute(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

async function post(signal: string, body: object): Promise<void> {
  const response = await fetch(`${url(stack.place, 'collector', 'http')}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBe(200);
}
