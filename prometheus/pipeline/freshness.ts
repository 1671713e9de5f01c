/** Does what services send arrive in the stores, in time? Measured for each signal, by the Collector's own numbers. */
import { promql, type Query } from '../../queries/promql.ts';
import { collector, prometheus, type Signal } from '../../queries/stack-metrics.ts';
import { freshSeconds, sendersPerQueue } from '../../stack.ts';
import { either, joined } from '../kit/joined.ts';
import { record } from '../kit/record.ts';
import { series, stays } from '../kit/world.ts';
import { collectorStories, staleStories } from './freshness-proof.ts';
import { signalNames, storeExporters } from './stores.ts';

/** Measured through queue and store, to the second; the Collector makes it of spans every few seconds while there are any. */
export const telemetryAge = record(
  'stack:telemetry_age:seconds',
  promql`time() - max(timestamp(${collector.spanCalls}))`,
  'age of the newest metric that came through the Collector',
  [
    {
      title: 'grows while none comes',
      after: [[stays(series(collector.spanCalls), 1), 5]],
      world: [],
      atMinute: 2,
      answers: 120,
    },
  ],
);

/**
 * Data waits and none of it has left for a minute. A retry is counted nowhere and never given up, so an outage shows in no
 * counter of failures: it shows as requests in flight while nothing is sent.
 */
export function stuck(signal: Signal): Query {
  const { inFlight, sent } = collector;
  const of = `exporter="${storeExporters[signal]}"`;
  return promql`min_over_time(${inFlight}{${of}}[1m]) >= 1 unless on (instance, exporter) sum by (instance, exporter) (rate(${sent[signal]}{${of}}[1m])) > 0`;
}

/** It leaves, but every sender has been busy for a minute: more comes in than goes out, or an outage is worked off. */
function behind(signal: Signal): Query {
  return promql`min_over_time(${collector.inFlight}{exporter="${storeExporters[signal]}"}[1m]) >= ${sendersPerQueue}`;
}

const collectors = promql`${prometheus.up}{job="collector"}`;

/** Spans come in, and the newest metric made of them is old. */
const late = promql`${telemetryAge} > ${freshSeconds} and sum(rate(${collector.accepted.traces}[1m])) > 0`;

function collectorsBehind(signal: Signal): Query {
  const signs = [
    stuck(signal),
    behind(signal),
    ...(signal === 'metrics' ? [promql`${collectors} and on () ${late}`] : []),
    promql`${collectors} == 0`,
  ];
  const any = promql`count(count by (instance) (${joined(signs, ' or ')})) or vector(0)`;
  return promql`label_replace(${any}, "signal", "${signal}", "", "")`;
}

export const telemetryBehind = record(
  'signal:collectors_behind:count',
  either(signalNames.map(collectorsBehind)),
  `Collectors in which data of a signal waits longer than ${freshSeconds} s, or that are down`,
  collectorStories(telemetryAge),
);

/** By signal: with one Collector 0 or 1. An idle minute is a fresh one, for nothing waits. */
export const telemetryStale = record(
  'signal:telemetry_stale:ratio',
  promql`${telemetryBehind} / on () group_left () count(${collectors})`,
  `share of the Collectors in which data of a signal waits longer than ${freshSeconds} s`,
  staleStories,
);

const stale = { ...series(telemetryStale), labels: { signal: 'logs' } };

export const telemetryMinutes = record(
  'signal:telemetry_minutes:rate5m',
  promql`(0 * ${telemetryStale} + 1) / 60`,
  'minutes that were watched, a second',
  [{ title: 'is one a minute', world: stays(stale, 0.5), answers: [{ labels: stale.labels, value: 1 / 60 }] }],
);

export const telemetryMinutesStale = record(
  'signal:telemetry_minutes_stale:rate5m',
  promql`avg_over_time(${telemetryStale}[5m]) / 60`,
  'minutes in which data waited too long, a second',
  [
    {
      title: 'lets go of a bad minute after five',
      after: [[stays(stale, 1), 10]],
      world: stays(stale, 0),
      atMinute: 2,
      step: '1m',
      answers: [{ labels: stale.labels, value: 0.6 / 60 }],
    },
  ],
);
