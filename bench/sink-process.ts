/**
 * An OTLP/gRPC server that takes everything and reads nothing, in a process of its own: the wire is the real one, and
 * what the receiver costs does not move the numbers. Says its port on the first line, and how much came when asked.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';

const services = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};
const bytes: Record<string, number> = { traces: 0, metrics: 0, logs: 0 };
const asIs = (buffer: Buffer) => buffer;
const server = new Server();

for (const [signal, path] of Object.entries(services)) {
  server.addService(
    {
      export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      export: ({ request }: { request: Buffer }, answer: (error: null, response: Buffer) => void) => {
        bytes[signal] = (bytes[signal] ?? 0) + request.length;
        answer(null, Buffer.alloc(0));
      },
    },
  );
}
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
process.on('message', () => process.send?.(bytes));
process.on('disconnect', () => process.exit());
