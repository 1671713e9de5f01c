import { getText } from './ask.ts';
import type { Targets } from './targets.ts';

/** What the Collector says of itself on its metrics port. */
export interface Pipeline {
  /** By exporter, e.g. `otlp_grpc/tempo`: bytes waiting, bytes that fit, items that failed for good. */
  exporters: Record<string, { queued: number; capacity: number; failed: number }>;
  /** Items turned away at the door, e.g. by the memory limiter. */
  refused: number;
}

/** Of all Collectors together. */
export async function readPipeline({ collectorMetrics, replicas }: Targets): Promise<Pipeline> {
  const all = replicas?.collectorMetrics ?? [collectorMetrics];
  return parsePipeline((await Promise.all(all.map((one) => getText(`${one}/metrics`)))).join('\n'));
}

/** Reads the Prometheus text format, only what the doctor needs. */
export function parsePipeline(text: string): Pipeline {
  const pipeline: Pipeline = { exporters: {}, refused: 0 };
  for (const line of text.split('\n')) {
    const sample = /^(\w+?)(?:_total)?\{(.*)\} (\S+)$/.exec(line);
    if (!sample) continue;
    const [, name, labels, number] = sample as unknown as [string, string, string, string];
    const value = Number(number);
    if (/^otelcol_receiver_refused_/.test(name)) pipeline.refused += value;
    const exporter = /(?:^|,)exporter="([^"]+)"/.exec(labels)?.[1];
    if (!exporter) continue;
    pipeline.exporters[exporter] ??= { queued: 0, capacity: 0, failed: 0 };
    const counts = pipeline.exporters[exporter];
    // An exporter of two signals has a queue for each.
    if (name === 'otelcol_exporter_queue_size') counts.queued += value;
    if (name === 'otelcol_exporter_queue_capacity') counts.capacity += value;
    if (/^otelcol_exporter_(send|enqueue)_failed_/.test(name)) counts.failed += value;
  }
  return pipeline;
}
