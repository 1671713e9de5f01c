import { compose, listen, type Place } from '../place.ts';
import { retentionDays } from '../stack.ts';
import { twin } from '../twin.ts';

/** Jaeger beside Tempo: it is itself a Collector, which keeps traces on its own disk and shows them. (P07) */
export function jaeger(place: Place) {
  const data = place.data('jaeger');
  return {
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: listen(place, 'jaeger', 'health') } },
      jaeger_storage: {
        backends: {
          disk: {
            badger: {
              directories: { keys: `${data}/keys`, values: `${data}/values` },
              ephemeral: false,
              ttl: { spans: `${retentionDays.traces * 24}h` },
            },
          },
        },
      },
      jaeger_query: {
        storage: { traces: 'disk' },
        http: { endpoint: listen(place, 'jaeger', 'http') },
        // Nobody asks by gRPC: on this machine alone, at any port.
        grpc: { endpoint: '127.0.0.1:0' },
      },
    },
    receivers: { otlp: { protocols: { grpc: { endpoint: listen(place, 'jaeger', 'otlp') } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'disk' } },
    service: {
      extensions: ['healthcheckv2', 'jaeger_storage', 'jaeger_query'],
      // No batch: a span is answered for when it is stored, and until then waits in the queue of whoever sent it.
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { logs: { level: 'info', encoding: 'json' }, metrics: { level: 'none' } },
    },
  };
}

export default twin('yaml', jaeger(compose));
