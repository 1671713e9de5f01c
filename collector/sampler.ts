import { receiverTls } from '../mutual.ts';
import { listen, type Place } from '../place.ts';
import { errorWindow } from '../stack.ts';
import { memoryLimits, telemetry } from './process.ts';
import { queueFiles } from './queue.ts';
import { toTempo } from './tiers.ts';

/**
 * The second tier, where there is one: each sampler sees every span of its traces, and keeps those that have an error for longer. What
 * waits for a decision is in memory alone; it is a copy, and `detailed` has it already.
 */
export function sampler(place: Place) {
  const toClass = toTempo(place, 'error');
  return {
    extensions: {
      health_check: { endpoint: listen(place, 'sampler', 'health') },
      'file_storage/queue': queueFiles(place, 'sampler'),
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: listen(place, 'sampler', 'grpc'), max_recv_msg_size_mib: 32, ...receiverTls(place) },
        },
      },
    },
    processors: {
      memory_limiter: { check_interval: '1s', ...memoryLimits(place, 'sampler') },
      'tail_sampling/class': tailSampling(place),
    },
    exporters: {
      'otlp_grpc/tempo-error': {
        ...toClass,
        // Its caller drops what a full queue refuses; so it waits, and the Collectors before it keep what they have on disk.
        sending_queue: { ...toClass.sending_queue, block_on_overflow: true },
      },
    },
    service: {
      extensions: ['health_check', 'file_storage/queue'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'tail_sampling/class'],
          exporters: ['otlp_grpc/tempo-error'],
        },
      },
      telemetry: telemetry(place, 'sampler'),
    },
  };
}

function tailSampling(place: Place) {
  const traces = place.memoryMib('sampler') * tracesPerMib;
  return {
    // A run of agents takes minutes, and its root ends last: it is waited for, and where it came the trace is soon let go.
    decision_wait: `${errorWindow.mostSeconds}s`,
    decision_wait_after_root_received: `${errorWindow.afterRootSeconds}s`,
    // One more, and the oldest goes undecided (`…_sampling_trace_dropped_too_early`): it must not be what refuses new spans.
    num_traces: traces,
    decision_cache: {
      // What comes late to a trace that was kept is kept.
      sampled_cache_size: traces * 10,
      // To one that was not, it begins anew: an error after the window keeps what comes with it. One is the least that forgets.
      non_sampled_cache_size: 1,
    },
    policies: [{ name: 'error', type: 'status_code', status_code: { status_codes: ['ERROR'] } }],
  };
}

/** Undecided traces that fit into a MiB: 30 spans of 18 attributes take 85 KB, measured, and the limiter refuses at 60 % of the limit. */
export const tracesPerMib = 6;
