/** Traces and logs on their way through parts that know each other by certificates: what arrives, and who is let in. (P06) */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getJson, getText, postJson, until } from '../../doctor/ask.ts';
import { CanarySender } from '../../doctor/canary.ts';
import { find } from '../../doctor/find.ts';
import { asKnown, type Identity, type Way } from '../../doctor/known.ts';
import type { Targets } from '../../doctor/targets.ts';
import { startTlsServers, type TlsServers } from './tls-servers.ts';

let servers: TlsServers;
const ways: Way[] = [];

beforeAll(async () => {
  servers = await startTlsServers(['tempo', 'loki', 'sampler', 'monitor', 'collector']);
}, 180_000);

afterAll(async () => {
  for (const way of ways) way.close();
  await servers?.stop();
});

const patience = { timeoutMs: 60_000, everyMs: 200 };

/** As the doctor comes in a cluster. */
async function throughDoor(port: number, identity: Identity = servers.known()): Promise<string> {
  const way = await asKnown(identity, port);
  ways.push(way);
  return `http://127.0.0.1:${way.port}`;
}

async function findAll(): Promise<void> {
  const sender = new CanarySender(`http://127.0.0.1:${servers.port('collector', 'grpc')}`, 5_000);
  const canary = await sender.send().finally(() => sender.close());
  const [tempo, loki, monitor] = await Promise.all(
    (['tempo', 'loki', 'monitor'] as const).map((part) => throughDoor(servers.port(part, 'http'))),
  );
  const targets = { tempo, loki, monitor } as Targets;
  for (const name of ['Tempo, by id', 'Tempo, by search', 'Loki', 'Ledger'] as const)
    expect(await until(() => find[name](targets, canary), patience), name).toEqual({ found: true });
}

test('P06 a trace and a log find their way from the plain door of the Collector to every store', findAll);

test('P06 a trace with an error finds its way through the sampler', async () => {
  const traceId = 'e'.repeat(32);
  const now = BigInt(Date.now()) * 1_000_000n;
  await postJson(`http://127.0.0.1:${servers.port('collector', 'http')}/v1/traces`, {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'tls' } }] },
        scopeSpans: [
          {
            scope: { name: 'tls' },
            spans: [
              {
                ...{ traceId, spanId: 'e'.repeat(16), name: 'fails', kind: 1, status: { code: 2 } },
                ...{ startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1n) },
              },
            ],
          },
        ],
      },
    ],
  });
  const tempo = await throughDoor(servers.port('tempo', 'http'));
  const kept = async () => {
    await getJson(`${tempo}/api/traces/${traceId}`, undefined, { 'X-Scope-OrgID': 'error' });
    return true;
  };
  expect(await until(kept, patience)).toEqual({ found: true });
});

const mutual = [
  ['sampler', 'grpc', 'h2'],
  ['tempo', 'otlp', 'h2'],
  ['tempo', 'http', 'http/1.1'],
  ['tempo', 'grpc', 'h2'],
  ['loki', 'http', 'http/1.1'],
  ['loki', 'grpc', 'h2'],
  ['monitor', 'http', 'http/1.1'],
] as const;

test.each(mutual)(
  'P06 %s: %s answers whoever has a certificate of ours, and nobody else',
  async (part, name, protocol) => {
    const port = servers.port(part, name as never);
    const { foreign } = servers;
    const known = servers.known();
    const { authority } = known;
    expect(await answered({ port, protocol, ...known })).toBe('answered');
    // By TLS 1.3 a server refuses when it has said who it is: most say why, Node hangs up.
    expect(await answered({ port, protocol, authority })).toMatch(/certificate required|closed/);
    expect(await answered({ port, protocol, ...foreign, authority })).toMatch(/unknown ca|closed/);
    expect(await answered({ port, protocol, ...known, authority: foreign.authority })).toMatch(/certificate/);
  },
);

test('P06 in plain a mutual port tells nothing', async () => {
  for (const [part, name] of mutual)
    expect(
      await getText(`http://127.0.0.1:${servers.port(part, name as never)}/ready`).catch(({ message }) => message),
      part,
    ).toMatch(/answers 400|does not answer/);
});

/** Of Loki these are there too, whatever is asked for: who its members are, and its version. */
const rings = ['/ring', '/memberlist', '/compactor/ring', '/loki/api/v1/status/buildinfo'];
/** Telemetry, settings, and what moves a server. */
const closed = [
  ...['/metrics', '/config', '/flush', '/debug/pprof/', '/debug/pprof/heap', '/ingester/shutdown', '/shutdown'],
  ...['/loki/api/v1/labels', '/loki/api/v1/push', '/loki/api/v1/delete', '/api/search', '/v1/traces'],
];

test('P06 the kubelet is answered in plain, sees the rings and the version of Loki, and is told nothing else', async () => {
  for (const [part, ready, also] of [
    ['tempo', '/ready', []],
    ['loki', '/ready', rings],
    ['monitor', '/-/ready', []],
  ] as const) {
    const at = `http://127.0.0.1:${servers.probe(part)}`;
    for (const path of [ready, ...also]) expect((await fetch(`${at}${path}`)).status, `${part}${path}`).toBe(200);
    for (const path of [...closed, ...rings.filter((path) => !also.includes(path as never))])
      for (const method of ['GET', 'POST'])
        expect((await fetch(`${at}${path}`, { method })).status, `${method} ${part}${path}`).toBe(404);
  }
});

test('P06 a certificate that is renewed is shown by every server without a restart', async () => {
  // Of the ledger, which looks once a minute: service/tls.process.test.ts.
  const followed = mutual.filter(([part]) => part !== 'monitor');
  const shown = () =>
    Promise.all(
      followed.map(([part, name]) => serialOf({ port: servers.port(part, name as never), ...servers.known() })),
    );
  const before = await shown();
  for (const part of ['sampler', 'tempo', 'loki'] as const) await servers.reissue(part);
  const all = async () => (await shown()).every((serial, i) => serial !== before[i]);
  expect(await until(all, patience)).toEqual({ found: true });
});

test('P06 certificates that are renewed, by another authority even, are shown by the Collector without a restart', async () => {
  const before = servers.known();
  await servers.renew();
  await findAll();
  // Those that it sends to trust the new one alone.
  const [port, { authority }] = [servers.port('tempo', 'otlp'), servers.known()];
  expect(await answered({ port, protocol: 'h2', ...before, authority })).toMatch(/unknown ca|closed/);
});

interface Asked {
  readonly port: number;
  readonly protocol: 'h2' | 'http/1.1';
  /** Whom the client trusts. */
  readonly authority: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** `answered`, or why not. Who asks by HTTP/2 says hello and waits for the server's. */
async function answered({ port, protocol, authority, certificate, key }: Asked): Promise<string> {
  const socket: TLSSocket = connect({
    ...{ host: '127.0.0.1', port, servername: 'localhost', ALPNProtocols: [protocol], ca: authority },
    ...(certificate !== undefined && { cert: certificate, key }),
  });
  try {
    await once(socket, 'secureConnect');
    const hello = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    socket.write(
      protocol === 'h2' ? Buffer.concat([Buffer.from(hello), noSettings]) : 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n',
    );
    return await Promise.race([
      once(socket, 'data').then(() => 'answered'),
      once(socket, 'close').then(() => 'closed'),
    ]);
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
  }
}

const noSettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** By which one certificate of an authority is told from another. */
async function serialOf({ port, authority, certificate, key }: { port: number } & Identity): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority, cert: certificate, key });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.serialNumber as string;
  } finally {
    socket.destroy();
  }
}
