import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import type { Certificate } from '../../k8s/certificates.ts';
import { certificateName } from '../../place.ts';
import { thanosParts } from '../../prometheus/thanos.ts';
import { mutualPorts } from '../../stack.ts';
import { knock, shownBy } from './tls-ask.ts';
import { type MetricsPart, type MetricsServers, startMetricsServers } from './tls-metrics-servers.ts';

let servers: MetricsServers;
/** The third Alertmanager: it notes how often it is called, and who comes in. */
let third: Server;
let calls = 0;
const came = new Set<string>();

const ports = (['prometheus', 'alertmanager', ...thanosParts] as const).flatMap((part) => [
  ...(mutualPorts[part] as readonly string[]).map((port): [MetricsPart, string] => [part, port]),
  ...(part === 'alertmanager' ? [[part, 'gossip'] as [MetricsPart, string]] : []),
]);

beforeAll(async () => {
  servers = await startMetricsServers(50);
  const [host, port] = servers.at('alertmanager', 'http', 2).split(':') as [string, string];
  // A stranger at the address of one of ours, to begin with, who would answer us: ours alone can refuse.
  third = createServer(contextOf({ ...servers.foreign, authority: servers.known.authority }), ({ socket }, answer) => {
    came.add((socket as TLSSocket).getPeerCertificate().fingerprint256);
    answer.setHeader('content-type', 'text/plain; version=0.0.4').end('one 1\n');
  });
  third.on('connection', () => calls++);
  await new Promise<void>((listening) => third.listen(Number(port), host, listening));
}, 120_000);

afterAll(async () => {
  third?.closeAllConnections();
  third?.close();
  await servers?.stop();
});

test('P06 what both Prometheus have is seen once, through parts that know each other by certificates', async () => {
  for (const replica of [0, 1]) await push(replica);
  await told(async () => (await value('agent_tasks_started_total{agent_name="code"}')) === '7');
  // Thanos worked it out from what a Prometheus told it, and the query asked for it by gRPC.
  await told(async () => (await value('probe:tasks{tier="daily"}')) === '7');
});

test('P06 Prometheus sees every part behind its certificate, and tells every Alertmanager', async () => {
  const jobs = new Set(['prometheus', 'alertmanager', ...thanosParts]);
  for (const job of jobs) {
    const count = job === 'prometheus' || job === 'alertmanager' || job === 'thanos-sidecar' ? 2 : 1;
    await told(async () => (await value(`sum(up{job="${job}",replica="prometheus-0"})`)) === String(count));
  }
  for (const replica of [0, 1])
    await told(async () => (await servers.ask('alertmanager', '/api/v2/alerts', replica)).includes('"Always"'));
});

test('P06 Alertmanagers find each other', async () => {
  for (const replica of [0, 1])
    await told(async () => {
      const { cluster } = JSON.parse(await servers.ask('alertmanager', '/api/v2/status', replica)) as {
        cluster: { status: string; peers: object[] };
      };
      return cluster.peers.length === 2;
    });
});

test.each(ports)(
  'P06 %s lets in at %s who has a certificate of ours, nobody without and no stranger',
  async (part, port) => {
    const { authority, certificate } = servers.known;
    const at = servers.at(part, port);
    expect(await knock(at, certificateName(part), servers.known)).toBe('in');
    expect(await knock(at, certificateName(part), { authority })).toMatch(/certificate required/i);
    expect(await knock(at, certificateName(part), { authority, certificate: servers.foreign })).toMatch(
      /unknown ca|bad certificate/i,
    );
    // Nor does it pass for another.
    expect(await knock(at, 'grafana', { authority, certificate } as never)).toMatch(/does not match/);
  },
);

test.each(ports)('P06 %s shows at %s the certificate that is there now, without a restart', async (part, port) => {
  const at = servers.at(part, port);
  const before = await shownBy(at, certificateName(part), servers.known);
  const renewed = await servers.renew(part);
  expect(fingerprint(renewed)).not.toBe(before);
  await told(async () => (await shownBy(at, certificateName(part), servers.known)) === fingerprint(renewed));
  expect(await knock(at, certificateName(part), servers.known)).toBe('in');
});

test('P06 who has a new certificate goes on asking, and is answered', async () => {
  const since = Date.now() / 1000;
  // A client of Thanos that names its authority would be lost from here on (prometheus/thanos.ts).
  await told(async () => Number(await value('timestamp(probe:tasks)')) > since + 2);
  for (const replica of ['prometheus-0', 'prometheus-1'])
    await told(
      async () => Number(await value(`max(timestamp(up{job="prometheus",replica="${replica}"}))`)) > since + 2,
    );
});

test('P06 Prometheus believes no stranger at the address of an Alertmanager, and shows its own certificate that is there now', async () => {
  const up = `up{job="alertmanager",instance="${servers.at('alertmanager', 'http', 2)}",replica="prometheus-0"}`;
  // More often than once by each that calls it: what came before is over.
  await told(async () => calls > 10 && (await value(up)) === '0');
  expect(came.size).toBe(0);
  third.setSecureContext(contextOf(await servers.certificate('alertmanager')));
  await told(async () => (await value(up)) === '1');
  const renewed = await servers.renew('prometheus', 0);
  await told(async () => came.has(fingerprint(renewed)));
});

test.each(['prometheus', 'alertmanager'] as const)(
  'P06 the kubelet asks %s from inside, with its certificate',
  async (part) => {
    for (const which of ['ready', 'alive'] as const) {
      expect(await servers.probe(part, which)).toBe(0);
      expect(await servers.probe(part, which, servers.foreign)).not.toBe(0);
    }
  },
);

function contextOf({ authority, certificate, key }: Certificate) {
  return { ca: authority, cert: certificate, key, requestCert: true, rejectUnauthorized: true };
}

function fingerprint({ certificate }: Certificate): string {
  return new X509Certificate(certificate).fingerprint256;
}

/** Of the first series that the query's front end has. */
async function value(query: string): Promise<string | undefined> {
  const path = `/api/v1/query?${new URLSearchParams({ query })}`;
  const { data } = JSON.parse(await servers.ask('thanos-query-frontend', path)) as {
    data: { result: { value: [number, string] }[] };
  };
  return data.result[0]?.value[1];
}

/** Seven tasks begun, as the Collector sends them. */
async function push(replica: number): Promise<void> {
  const timeUnixNano = `${Date.now()}000000`;
  const attributes = [{ key: 'agent.name', value: { stringValue: 'code' } }];
  const dataPoints = [{ startTimeUnixNano: timeUnixNano, timeUnixNano, asDouble: 7, attributes }];
  const metrics = [{ name: 'agent.tasks.started', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'here' } }] };
  await servers.ask('prometheus', '/api/v1/otlp/v1/metrics', replica, {
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }],
  });
}

async function told(found: () => Promise<boolean>): Promise<void> {
  expect(await until(found, { timeoutMs: 60_000, everyMs: 200 })).toEqual({ found: true });
}
