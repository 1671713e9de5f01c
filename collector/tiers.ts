/**
 * Traces in two tiers. Every Collector sends every span to Tempo by itself (`detailed`), and again those of so many in a hundred
 * traces (`sampled`), which it knows by their id alone: both from its queue on disk. Only what an error decides needs to be seen whole,
 * and goes to the sampling tier (sampler.ts), which holds it in memory for a while. (P04)
 */
import { grpcExporterTls } from '../mutual.ts';
import { address, addresses, type Place } from '../place.ts';
import { sampledPercent, type TraceClass } from '../stack.ts';
import { tenant } from '../tempo/classes.ts';
import { durable } from './queue.ts';

/** What a Collector has beyond its own where there is a sampling tier. */
export function tiers(place: Place) {
  if (!place.has('sampler')) return { processors: {}, exporters: {}, pipelines: {} };
  return {
    processors: {
      // By a hash of the id with the same seed everywhere: each Collector decides alike, and the trace is whole.
      'probabilistic_sampler/class': { mode: 'hash_seed', hash_seed: 1, sampling_percentage: sampledPercent },
    },
    exporters: {
      'otlp_grpc/tempo-sampled': toTempo(place, 'sampled'),
      'load_balancing/sampler': toSampler(place),
    },
    pipelines: {
      'traces/sampled': {
        receivers: ['forward/stores'],
        processors: ['probabilistic_sampler/class'],
        exporters: ['otlp_grpc/tempo-sampled'],
      },
      // Apart: a tier that is away for so long that its queue is full keeps no span from `detailed`.
      'traces/sampler': {
        receivers: ['forward/stores'],
        processors: ['batch/apart'],
        exporters: ['load_balancing/sampler'],
      },
    },
  };
}

/** Tempo, as whoever sends traces of a class writes to it. */
export function toTempo(place: Place, traceClass: TraceClass) {
  const headers = tenant(place, traceClass);
  return {
    endpoint: address(place, 'tempo', 'otlp'),
    ...grpcExporterTls(place, 'tempo'),
    compression: 'snappy',
    ...(Object.keys(headers).length > 0 && { headers }),
    ...durable(place, 4096),
  };
}

/**
 * The spans of a trace to the same sampler, whichever Collector they came to. The queue is the outer one: those behind it, one for each
 * sampler, could not be on disk, and would keep for a sampler that is gone what another could take.
 */
function toSampler(place: Place) {
  const { sending_queue, retry_on_failure } = durable(place, 4096);
  const batch = { flush_timeout: '200ms', sizer: 'bytes', min_size: 256 * 1024, max_size: 2 * 1024 * 1024 };
  return {
    routing_key: 'traceID',
    resolver: resolver(place),
    protocol: {
      otlp: {
        timeout: '10s',
        ...grpcExporterTls(place, 'sampler'),
        compression: 'snappy',
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    timeout: '30s',
    sending_queue: { ...sending_queue, batch },
    // Has no defaults here: without a multiplier it would try again at once, for ever. When a sampler is back, all must have tried again
    // well before a root's window ends: or it decides on what one of them has sent.
    retry_on_failure: {
      ...{ enabled: true, randomization_factor: 0.5, multiplier: 1.5 },
      ...{ ...retry_on_failure, max_interval: '5s' },
    },
  };
}

/** In Kubernetes the name has the addresses of the pods that are ready; asked every 5 s, whoever is gone is passed over. */
function resolver(place: Place) {
  return place.kind === 'kubernetes'
    ? {
        dns: {
          hostname: place.host('sampler'),
          port: String(place.port('sampler', 'grpc')),
          interval: '5s',
          timeout: '3s',
        },
      }
    : { static: { hostnames: addresses(place, 'sampler', 'grpc') } };
}
