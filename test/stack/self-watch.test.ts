import { afterAll, beforeAll, expect, test } from 'vitest';
import { getJson, postJson, until } from '../../doctor/ask.ts';
import { url } from '../../place.ts';
import { instant } from './prometheus-api.ts';
import { bend, startStack, type TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  // What must last is proved by promtool; here every name and label meets the real servers.
  stack = await startStack((all) =>
    bend(all, 'prometheus', (text) =>
      text
        .replace(/^( +for:) \S+$/gm, '$1 0s')
        // Before the first scrape no Collector is there: that it has to last is what tells a start from an end.
        .replace(/(alert: CollectorsDown$[\s\S]*?^ +for:) 0s$/m, '$1 1m'),
    ),
  );
});
afterAll(() => stack?.stop());

interface Alert {
  labels: Record<string, string>;
  receivers: { name: string }[];
  status: { state: string; inhibitedBy: string[] };
}

async function alerts(): Promise<Alert[]> {
  return (await getJson(`${url(stack.place, 'alertmanager', 'http')}/api/v2/alerts`)) as Alert[];
}

async function see(what: string, found: (all: Alert[]) => boolean, timeoutMs: number): Promise<Alert[]> {
  const seen = await until(async () => found(await alerts()), { timeoutMs, everyMs: 500 });
  const all = await alerts();
  expect(seen.found, `${what}; there are ${JSON.stringify(all.map(({ labels }) => labels))}`).toBe(true);
  return all;
}

function named(all: Alert[], alertname: string): Alert | undefined {
  return all.find(({ labels }) => labels.alertname === alertname);
}

test('A19 a healthy stack has one alert, the Watchdog, and it goes to its own receiver', async () => {
  const all = await see('no Watchdog', (each) => named(each, 'Watchdog') !== undefined, 60_000);
  expect(all.map(({ labels }) => labels.alertname)).toEqual(['Watchdog']);
  expect(named(all, 'Watchdog')?.receivers).toEqual([{ name: 'watchdog' }]);
});

test('A19 a store that is down is told as that, and what follows from it is hidden behind it', {
  timeout: 400_000,
}, async () => {
  await stack.supervisor.stopOne('tempo');
  const spans = setInterval(() => void sendSpan().catch(() => undefined), 500);
  try {
    const all = await see(
      'Tempo is down and nothing says so',
      (each) => ['StackPartDown', 'CollectorExportStuck', 'TelemetryStale'].every((name) => named(each, name)),
      300_000,
    );
    expect(named(all, 'StackPartDown')).toMatchObject({
      labels: { job: 'tempo', signal: 'traces', severity: 'critical' },
      receivers: [{ name: 'platform-critical' }],
      status: { inhibitedBy: [] },
    });
    for (const follows of ['CollectorExportStuck', 'TelemetryStale']) {
      const alert = named(all, follows) as Alert;
      expect(alert.labels.signal, follows).toBe('traces');
      expect(alert.status.inhibitedBy, follows).not.toEqual([]);
    }
    expect(all.filter(({ labels }) => labels.signal && labels.signal !== 'traces')).toEqual([]);
    const stale = await instant(stack.targets.prometheus, 'signal:telemetry_stale:ratio');
    expect(Object.fromEntries(stale.map(({ metric, value }) => [metric.signal, value]))).toEqual({
      traces: 1,
      metrics: 0,
      logs: 0,
    });
  } finally {
    clearInterval(spans);
  }
});

test('O01 what is recorded of the objectives is there: minutes that were fresh, and those that were not', {
  timeout: 200_000,
}, async () => {
  const fresh = async (signal: string) =>
    (await instant(stack.targets.prometheus, `slo:error_ratio:rate5m{slo="telemetry-freshness",signal="${signal}"}`))[0]
      ?.value;
  const seen = await until(async () => ((await fresh('traces')) ?? 0) > 0, { timeoutMs: 150_000, everyMs: 1000 });
  expect(seen.found, `error ratio of traces: ${await fresh('traces')}`).toBe(true);
  expect(await fresh('logs')).toBe(0);
  // The groups take turns within a minute.
  const left = async () => instant(stack.targets.prometheus, 'slo:error_budget_remaining:ratio30d{signal="logs"}');
  await until(async () => (await left()).length > 0, { timeoutMs: 150_000, everyMs: 1000 });
  expect((await left()).map(({ value }) => value)).toEqual([1]);
});

async function sendSpan(): Promise<void> {
  const now = `${Date.now()}000000`;
  const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  const span = {
    traceId: hex(16),
    spanId: hex(8),
    name: 'watched',
    kind: 1,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'watched' } }] };
  await postJson(`${url(stack.place, 'collector', 'http')}/v1/traces`, {
    resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }],
  });
}
