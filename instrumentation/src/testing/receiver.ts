import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

export interface Received {
  spans: { name: string; kind: number; traceId: string; spanId: string; parentSpanId: string; scope: string }[];
  /** What the package says of its own start; not among `logs`. */
  starts: string[];
  logs: { body: string; severityNumber: number; traceId: string; scope: string }[];
  /** By metric name: the sum over its points, or their count for a histogram. */
  metrics: Record<string, number>;
  /** The points that carry an `error.type`, by `<metric name> <error type>`. */
  failures: Record<string, number>;
  resource: Record<string, string>;
  headers: Record<string, unknown>;
  /** The requests themselves, uncompressed: for what must not be in them anywhere. */
  bytes: Buffer[];
}

export interface Receiver extends Received {
  endpoint: string;
  /** Requests seen, answered or not. */
  requests: number;
  /** `hang` never answers; `fail` answers the next `times` requests with a gRPC status. */
  behaviour: { hang?: boolean; fail?: { code: number; times: number } };
  close(): void;
}

/**
 * Runs `use` with a receiver of its own, and the environment that sends a program's telemetry there: patiently, because
 * what is to be shown is that it arrives, on a machine that may have other things to do.
 */
export async function withReceiver(
  use: (receiver: Receiver, env: Record<string, string>) => Promise<void>,
  behaviour: Receiver['behaviour'] = {},
): Promise<void> {
  const receiver = await startReceiver(behaviour);
  try {
    await use(receiver, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, FLEETSCOPE_FLUSH_TIMEOUT_MS: '30000' });
  } finally {
    receiver.close();
  }
}

/** A real OTLP/gRPC server on a free port, which keeps the few fields that tests ask for. */
export async function startReceiver(behaviour: Receiver['behaviour'] = {}): Promise<Receiver> {
  const server = new Server();
  const receiver: Receiver = {
    endpoint: '',
    requests: 0,
    behaviour,
    spans: [],
    starts: [],
    logs: [],
    metrics: {},
    failures: {},
    resource: {},
    headers: {},
    bytes: [],
    close: () => server.forceShutdown(),
  };
  for (const service of services) {
    const type = schema.lookupType(service.request);
    const definition = {
      path: service.path,
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) => {
        receiver.bytes.push(bytes);
        return type.toObject(type.decode(bytes), { longs: Number, defaults: true }) as Request;
      },
      requestSerialize: () => Buffer.alloc(0),
      responseSerialize: () => Buffer.alloc(0),
      responseDeserialize: () => undefined,
    };
    const answer = (call: ServerUnaryCall<Request, unknown>, done: sendUnaryData<unknown>) => {
      receiver.requests += 1;
      const { hang, fail } = receiver.behaviour;
      if (hang) return;
      if (fail && fail.times-- > 0) return done({ code: fail.code, details: 'as the test asked' });
      receiver.headers = call.metadata.getMap();
      for (const { resource, scopes } of call.request.groups) {
        for (const { key, value } of resource.attributes) receiver.resource[key] = value.text;
        for (const { scope, items } of scopes) for (const item of items) service.keep(receiver, item, scope.name);
      }
      done(null, undefined);
    };
    server.addService({ export: definition }, { export: answer });
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  receiver.endpoint = `http://127.0.0.1:${port}`;
  return receiver;
}

interface Request {
  groups: {
    resource: { attributes: Attribute[] };
    scopes: { scope: { name: string }; items: Item[] }[];
  }[];
}

interface Item {
  name: string;
  kind: number;
  severityNumber: number;
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId: Uint8Array;
  body: { text: string };
  sum?: Points;
  gauge?: Points;
  histogram?: Points;
}

type Points = { points: { asInt?: number; asDouble?: number; count?: number; attributes: Attribute[] }[] };
type Attribute = { key: string; value: { text: string } };

const services: { path: string; request: string; keep(to: Received, item: Item, scope: string): void }[] = [
  {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    request: 'Traces',
    keep: ({ spans }, { name, kind, traceId, spanId, parentSpanId }, scope) =>
      spans.push({ name, kind, traceId: hex(traceId), spanId: hex(spanId), parentSpanId: hex(parentSpanId), scope }),
  },
  {
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    request: 'Logs',
    keep({ logs, starts }, { body, severityNumber, traceId }, scope) {
      if (scope === '@fleetscope/instrumentation' && body.text.startsWith('Started ')) starts.push(body.text);
      else logs.push({ body: body.text, severityNumber, traceId: hex(traceId), scope });
    },
  },
  {
    path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    request: 'Metrics',
    keep: ({ metrics, failures }, { name, sum, gauge, histogram }) => {
      metrics[name] = 0;
      for (const { asInt, asDouble, count, attributes } of (sum ?? gauge ?? histogram)?.points ?? []) {
        const value = asInt || asDouble || count || 0;
        metrics[name] += value;
        const error = attributes.find(({ key }) => key === 'error.type');
        if (error) failures[`${name} ${error.value.text}`] = value;
      }
    },
  },
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

// The fields of opentelemetry-proto 1.x that tests ask for; protobuf skips the rest.
const { root: schema } = protobuf.parse(`syntax = "proto3";
message AnyValue { string text = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; }

message Traces { repeated SpanGroup groups = 1; }
message SpanGroup { Resource resource = 1; repeated SpanScope scopes = 2; }
message SpanScope { Scope scope = 1; repeated Span items = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6; }

message Logs { repeated LogGroup groups = 1; }
message LogGroup { Resource resource = 1; repeated LogScope scopes = 2; }
message LogScope { Scope scope = 1; repeated Log items = 2; }
message Log { int32 severity_number = 2; AnyValue body = 5; bytes trace_id = 9; }

message Metrics { repeated MetricGroup groups = 1; }
message MetricGroup { Resource resource = 1; repeated MetricScope scopes = 2; }
message MetricScope { Scope scope = 1; repeated Metric items = 2; }
message Metric { string name = 1; oneof data { Points gauge = 5; Points sum = 7; Histogram histogram = 9; } }
message Points { repeated Point points = 1; }
message Point { oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
message Histogram { repeated HistogramPoint points = 1; }
message HistogramPoint { fixed64 count = 4; repeated KeyValue attributes = 9; }
`);
