/** Sends requests at a steady rate, whatever comes back: an open loop. To the Collector as a service does, and past it. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { type Template, varint } from './scale-template.ts';

export interface Sender {
  send(bytes: Buffer): Promise<void>;
  close(): void;
}

export interface Sent {
  /** Acknowledged units, and the bytes and the text in them. */
  readonly units: number;
  readonly bytes: number;
  readonly textBytes: number;
  readonly seconds: number;
  /** Units that should have been sent. */
  readonly planned: number;
  /** What was said to the requests that were not taken. */
  readonly refusals: readonly string[];
}

export interface Drive {
  readonly templates: readonly Template[];
  readonly unitsPerSecond: number;
  readonly seconds: number;
}

/** Requests under way at a time: more wait, and are sent late. */
const atOnce = 32;
const tickMs = 20;

export async function drive(sender: Sender, { templates, unitsPerSecond, seconds }: Drive): Promise<Sent> {
  const [sent, underWay, refusals] = [{ units: 0, bytes: 0, textBytes: 0 }, new Set<Promise<void>>(), [] as string[]];
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  let planned = 0;
  for (let turn = 0; elapsed() < seconds; ) {
    while (planned < Math.min(elapsed(), seconds) * unitsPerSecond && underWay.size < atOnce) {
      const template = templates[turn++ % templates.length] as Template;
      planned += template.units;
      const bytes = template.next();
      const sending = sender.send(bytes).then(
        () => {
          sent.units += template.units;
          sent.bytes += bytes.length;
          sent.textBytes += template.textBytes;
        },
        (error: Error) => void refusals.push(error.message),
      );
      const done = sending.finally(() => underWay.delete(done));
      underWay.add(done);
    }
    await delay(tickMs);
  }
  await Promise.all(underWay);
  return { ...sent, seconds: elapsed(), planned: unitsPerSecond * seconds, refusals };
}

const otlp = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const;

/** OTLP/gRPC without compression, as the instrumentation sends. */
export function grpcSender(address: string, signal: keyof typeof otlp): Sender {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  const asIs = (bytes: Buffer) => bytes;
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + 10_000;
        client.makeUnaryRequest(otlp[signal], asIs, asIs, bytes, { deadline }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    close: () => client.close(),
  };
}

/** POST on connections that stay open. `shape` makes a body and its headers of a request. */
export function httpSender(
  url: string,
  shape: (bytes: Buffer) => { body: Buffer; headers: Record<string, string> } = protobuf,
): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        const { body, headers } = shape(bytes);
        const options = {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': body.length },
          timeout: 10_000,
        };
        const call = request(url, options, (response) => {
          let said = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            said += text;
          });
          response.on('end', () => {
            if ((response.statusCode ?? 500) < 300) resolve();
            else reject(new Error(`${response.statusCode} ${said.slice(0, 200)}`));
          });
        });
        call.on('timeout', () => call.destroy(new Error('no answer in 10 s')));
        call.on('error', reject);
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function protobuf(body: Buffer) {
  return { body, headers: { 'content-type': 'application/x-protobuf' } };
}

/** Remote write 1.0 wants snappy. Its plain literals are allowed: cheap to write, and not smaller. (google/snappy, format_description.txt) */
export function asRemoteWrite(bytes: Buffer) {
  const parts: Buffer[] = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536);
    parts.push(Buffer.from([61 << 2, (part.length - 1) & 255, (part.length - 1) >> 8]), part);
  }
  const headers = {
    ...{ 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return { body: Buffer.concat(parts), headers };
}
