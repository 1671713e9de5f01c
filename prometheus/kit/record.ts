import type { Metric } from '../../queries/metric.ts';
import type { Query } from '../../queries/promql.ts';
import type { Duration } from './duration.ts';
import type { Phase, World } from './world.ts';

/** A rule that stores the answer of a query under a name. It is a metric: it may stand in any other query's hole. */
export interface Recording extends Metric {
  readonly type: 'gauge';
  readonly query: Query;
  readonly proof: readonly Answer[];
}

/** What a recording must answer in a world that has lasted for a while. */
export interface Answer {
  readonly title: string;
  readonly world: World;
  /** Worlds before it, oldest first, with the minutes that each lasted. */
  readonly after?: readonly Phase[];
  /** Minutes into `world` at which it is asked. Default 10. */
  readonly atMinute?: number;
  /** Time between two samples. Default 15s, Prometheus' own scrape interval. */
  readonly step?: Duration;
  /** The value, or the value by labels; nothing: no series. */
  readonly answers: number | readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * `record('agent:task_failures:ratio_rate5m', promql`…`, 'share of …')`: named level:metric:operations, as Prometheus' own
 * documentation asks. What alerts use is proved by their proofs; anything else needs a proof of its own.
 */
export function record(name: string, query: Query, means: string, proof: readonly Answer[] = []): Recording {
  if (!/^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$/.test(name) && !inheritedNames.has(name)) {
    throw new Error(
      `Cannot record "${name}": a name is level:metric:operations, as in agent:task_failures:ratio_rate5m.`,
    );
  }
  const { emptyWhen } = query;
  return {
    name,
    type: 'gauge',
    labels: [...query.labels],
    means,
    from: ['prometheus'],
    query,
    proof,
    ...(emptyWhen !== undefined && { absentUntil: emptyWhen.replace(/^until /, '') }),
  };
}

/** Names that a promise gives as they are. (T01) */
const inheritedNames = new Set(['agent_cost_per_day']);

export function isRecording(metric: Metric): metric is Recording {
  return 'query' in metric;
}

/** The recordings that a query rests on, those of recordings included, each after the ones that it needs. */
export function recordingsOf({ metrics }: Query): Recording[] {
  const used = metrics.filter(isRecording);
  return [...new Set(used.flatMap((recording) => [...recordingsOf(recording.query), recording]))];
}
