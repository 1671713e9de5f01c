/** What the Collector gives the run ledger, taken down beside it in both encodings, and cut into spans that may be sent again as one likes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Process } from '../../engine/processes.ts';
import { Message } from '../../monitor/ingest/wire.ts';
import { bend } from './stack.ts';

export type Encoding = 'protobuf' | 'json';

/** One span with the resource and the scope around it. */
export interface Piece {
  readonly traceId: string;
  readonly id: string;
  readonly protobuf: Buffer;
  readonly json: object;
}

export interface Tap {
  /** Lets the Collector send the same here. */
  turn(all: Process[]): Process[];
  /** Every span that has come in both encodings, in the order in which it first came. */
  pieces(): Piece[];
  close(): void;
}

export async function openTap(): Promise<Tap> {
  const bodies: Record<Encoding, Buffer[]> = { protobuf: [], json: [] };
  const server = createServer(async (request, response) => {
    const packed = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed;
    bodies[request.headers['content-type'] === 'application/json' ? 'json' : 'protobuf'].push(body);
    response.writeHead(200, { 'content-type': request.headers['content-type'] }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    turn: (all) => bend(all, 'collector', (text) => turned(text, here)),
    pieces() {
      const json = new Map(bodies.json.flatMap(jsonSpans).map((span) => [span.id, span]));
      const protobuf = new Map(bodies.protobuf.flatMap(protobufSpans).map((span) => [span.id, span]));
      return [...protobuf.values()].flatMap((span) => {
        const same = json.get(span.id);
        return same ? [{ ...span, json: same.json }] : [];
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Both exporters are copies of the ledger's own, with another address. */
function turned(text: string, here: string): string {
  const [exporter = ''] = /^ {2}otlp_http\/monitor:\n(?: {4}.*\n)+/m.exec(text) ?? [];
  const copy = (name: string, more: string) =>
    exporter.replace('otlp_http/monitor', name).replace(/endpoint: .*/, `endpoint: ${here}${more}`);
  const copies = copy('otlp_http/tap', '') + copy('otlp_http/tap_json', '\n    encoding: json');
  return text
    .replace(exporter, exporter + copies)
    .replace(/^( +)- otlp_http\/monitor\n/m, '$&$1- otlp_http/tap\n$1- otlp_http/tap_json\n');
}

/** A request of several spans: in Protocol Buffers, one after the other is all of them. */
export function requestOf(pieces: readonly Piece[], encoding: Encoding): Buffer {
  if (encoding === 'protobuf') return Buffer.concat(pieces.map(({ protobuf }) => protobuf));
  return Buffer.from(JSON.stringify({ resourceSpans: pieces.map(({ json }) => json) }));
}

interface JsonRequest {
  resourceSpans: {
    resource: object;
    scopeSpans: { scope: object; spans: { traceId: string; spanId: string }[] }[];
  }[];
}

function jsonSpans(body: Buffer) {
  const { resourceSpans } = JSON.parse(body.toString()) as JsonRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        id: `${span.traceId}/${span.spanId}`,
        json: { resource, scopeSpans: [{ scope, spans: [span] }] },
      })),
    ),
  );
}

function protobufSpans(body: Buffer) {
  return parts(body, 1).flatMap((ofResource) => {
    const resource = parts(ofResource, 1).map((bytes) => field(1, bytes));
    return parts(ofResource, 2).flatMap((ofScope) => {
      const scope = parts(ofScope, 1).map((bytes) => field(1, bytes));
      return parts(ofScope, 2).map((span) => {
        const [traceId, spanId] = [1, 2].map((number) => parts(span, number)[0]?.toString('hex') ?? '');
        const alone = field(2, Buffer.concat([...scope, field(2, span)]));
        const protobuf = field(1, Buffer.concat([...resource, alone]));
        return { traceId: traceId as string, id: `${traceId}/${spanId}`, protobuf };
      });
    });
  });
}

/** The bytes of each field of a number. */
function parts(bytes: Buffer, number: number): Buffer[] {
  const found: Buffer[] = [];
  const message = new Message(bytes);
  for (let at = message.next(); at !== 0; at = message.next())
    if (at === number) found.push(bytes.subarray(...message.range()));
  return found;
}

function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = bytes.length; rest > 0 || length.length === 0; rest >>>= 7)
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
