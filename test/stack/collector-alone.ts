import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { postJson } from '../../doctor/ask.ts';
import { processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { native, url } from '../../place.ts';
import { bend, freePorts, programs } from './stack.ts';

export type Value = {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values: Value[] };
};
export type Attribute = { key: string; value: Value };
export type Span = {
  traceId: string;
  spanId: string;
  name: string;
  attributes?: Attribute[];
  events?: { name: string; attributes?: Attribute[] }[];
};
type Scoped<Item> = { scope: { name: string; version?: string } } & Item;
export type Traces = { resourceSpans: { resource: object; scopeSpans: Scoped<{ spans: Span[] }>[] }[] };
export type Log = { traceId?: string; body?: Value; eventName?: string; attributes?: Attribute[] };
export type Logs = { resourceLogs: { resource: object; scopeLogs: Scoped<{ logRecords: Log[] }>[] }[] };

/** The shipped Collector without its neighbours: what it would have sent to Tempo and Loki is kept here. */
export interface CollectorAlone {
  /** Sends spans, and answers with them as they come out, scope by scope. */
  traces(request: Traces): Promise<Span[]>;
  /** The same for log records. */
  logs(request: Logs): Promise<Log[]>;
  stop(): Promise<void>;
}

/** `env` is the Collector's environment beyond ours. */
export async function startCollectorAlone(env: Record<string, string> = {}): Promise<CollectorAlone> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-collector-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const received = new Received();
  const server = createServer(async (request, response) => {
    received.add(JSON.parse((await bodyOf(request)).toString()));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { collector } = await programs();
  const [process] = bend(processes(place, { collector: collector as never }, home), 'collector', (text) =>
    text
      .replaceAll('otlp_grpc/tempo', 'otlp_http/tempo')
      .replace(
        /( {2}otlp_http\/tempo:\n).*\n.*\n.*\n.*snappy\n/,
        `$1    endpoint: ${here}\n    encoding: json\n    compression: none\n`,
      )
      .replace(/( {2}otlp_http\/loki:\n).*\n/, `$1    endpoint: ${here}\n    encoding: json\n`),
  );
  if (
    !process?.files ||
    !Object.values(process.files)[0]?.includes(`endpoint: ${here}\n    encoding: json\n    compression: none`)
  )
    throw new Error('Cannot turn the exporters to the test: collector.yaml has another form now.');
  const supervisor = new Supervisor({
    processes: [{ ...process, env: { ...process.env, ...env }, needs: [] }],
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  const stop = async () => {
    await supervisor.stop();
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await supervisor.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const to = url(place, 'collector', 'http');
  return {
    stop,
    async traces(request) {
      const sent = spansOf(request);
      await postJson(`${to}/v1/traces`, request);
      return received.when(() => {
        const found = sent.map(({ spanId }) => received.spans.get(spanId));
        return found.every((span) => span !== undefined) ? found : undefined;
      });
    },
    async logs(request) {
      const sent = request.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
      const before = received.logs.length;
      await postJson(`${to}/v1/logs`, request);
      return received.when(() =>
        received.logs.length === before + sent.length ? received.logs.slice(before) : undefined,
      );
    },
  };
}

/** All spans of a request, in its order. */
export function spansOf({ resourceSpans }: Traces): Span[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

class Received {
  readonly spans = new Map<string, Span>();
  readonly logs: Log[] = [];
  #waiting: (() => void)[] = [];

  add({ resourceSpans = [], resourceLogs = [] }: Partial<Traces & Logs>): void {
    for (const span of spansOf({ resourceSpans })) this.spans.set(span.spanId, span);
    for (const { scopeLogs } of resourceLogs) for (const { logRecords } of scopeLogs) this.logs.push(...logRecords);
    for (const look of this.#waiting.splice(0)) look();
  }

  /** Looks now and after each arrival. */
  async when<Found>(look: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
