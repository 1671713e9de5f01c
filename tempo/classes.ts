/** How long a trace is kept is decided by its class, and a class is a tenant of Tempo's: it knows no other unit of retention. (P04) */
import type { Place } from '../place.ts';
import { longRetentionDays, type TraceClass } from '../stack.ts';
import type { TempoLine } from './line.ts';

/** By which Tempo is told whose traces are sent or asked for. */
export const tenantHeader = 'X-Scope-OrgID';

export const traceClasses = Object.keys(longRetentionDays.traces) as TraceClass[];

/** Asks all of them; a trace that is in several is one in the answer. */
export const everyClass = traceClasses.join('|');

/** Where something decides what becomes of a trace. Elsewhere Tempo has one tenant, and nobody names it. */
export function hasClasses(place: Place): boolean {
  return place.has('sampler');
}

/** The header, where Tempo asks for it: without it, it answers 401. */
export function tenant(place: Place, of: TraceClass): Record<string, string> {
  return hasClasses(place) ? { [tenantHeader]: of } : {};
}

/** Where the classes' limits are mounted; `-config.file` names this one (`per_tenant_override_config`). */
export const classesFile = '/etc/tempo/tempo-classes.yaml';

/** What Tempo holds to for each class. What an entry leaves out is nothing, not the default: so each says all that matters. */
export function classes(line: TempoLine) {
  return {
    overrides: Object.fromEntries(
      traceClasses.map((traceClass) => [
        traceClass,
        {
          // A full message is asked for again later (RESOURCE_EXHAUSTED), and waits in the Collector's queue.
          ingestion: {
            ...{ rate_strategy: 'local', rate_limit_bytes: 30_000_000, burst_size_bytes: 30_000_000 },
            // What is above it would be dropped after it was acknowledged: the memory of the pod is the limit.
            max_traces_per_user: 0,
            ...(line === '3.0' && { retry_info_enabled: true }),
          },
          read: { max_bytes_per_tag_values_query: 1_000_000 },
          global: { max_bytes_per_trace: 5_000_000 },
          compaction: { block_retention: hours(longRetentionDays.traces[traceClass]) },
          // Every span is in `detailed` once; the others would count it again.
          ...(traceClass === 'detailed' && { metrics_generator: { processors: ['service-graphs'] } }),
        },
      ]),
    ),
  };
}

/** The days of the class that is kept longest. */
export const longestDays = Math.max(...Object.values(longRetentionDays.traces));

/** As Tempo writes it. */
export function hours(days: number): string {
  return `${days * 24}h`;
}
