/** What the Collector and the stores count, under one name for all signals: theirs has a name for each. */
import type { Metric } from '../../queries/metric.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { collector, loki, prometheus, type Signal, tempo } from '../../queries/stack-metrics.ts';
import { added } from '../kit/added.ts';
import { either } from '../kit/joined.ts';
import { record } from '../kit/record.ts';
import { series } from '../kit/world.ts';
import { countsAdded, countsGrowth } from './counts-proof.ts';
import { signalNames } from './stores.ts';

const { sent, sendFailed, refused } = collector;

/** Each signal's query with the signal as a label. */
function perSignal(query: (signal: Signal) => Query): Query {
  return either(signalNames.map((signal) => promql`label_replace(${query(signal)}, "signal", "${signal}", "", "")`));
}

const ofCollector = { job: 'collector', instance: 'collector-1' };
const exporter = { ...ofCollector, exporter: 'otlp_grpc/tempo' };
const receiver = { ...ofCollector, receiver: 'otlp', transport: 'grpc' };

const signals = (of: Record<Signal, Metric>, labels: Record<string, string>) =>
  signalNames.map((signal) => ({ of: series(of[signal], labels), signal }));

export const itemsSent = record(
  'exporter:items_sent:rate2m',
  promql`sum by (instance, exporter, signal) (${perSignal((signal) => promql`rate(${sent[signal]}[2m])`)})`,
  'items a second that an exporter has handed on',
  countsGrowth(
    signals(sent, exporter).map(({ of, signal }) => ({
      of,
      answers: { instance: 'collector-1', exporter: 'otlp_grpc/tempo', signal },
    })),
    { window: 2, perMinute: 1 / 60 },
  ),
);

export const itemsRefused = record(
  'receiver:items_refused:increase5m',
  promql`sum by (instance, receiver, signal) (${perSignal((signal) => promql`increase(${refused[signal]}[5m])`)})`,
  'items that the Collector pushed back in 5 minutes',
  countsGrowth(
    signals(refused, receiver).map(({ of, signal }) => ({
      of,
      answers: { instance: 'collector-1', receiver: 'otlp', signal },
    })),
    { window: 5, perMinute: 5 },
  ),
);

/** Exact: a loss is rare, and the counter begins with it. */
export const itemsLost = record(
  'exporter:items_lost:added15m',
  promql`sum by (exporter, signal) (${perSignal((signal) => added(promql`${sendFailed[signal]}`, '15m'))})`,
  'items that an exporter gave up for good in 15 minutes',
  countsAdded(
    signals(sendFailed, exporter).map(({ of, signal }) => ({ of, answers: { exporter: 'otlp_grpc/tempo', signal } })),
    15,
  ),
);

const of = (store: string, query: Query) => promql`label_replace(${query}, "store", "${store}", "", "")`;
const byReason = (metric: Metric) => promql`sum by (reason) (${added(promql`${metric}`, '15m')})`;
const because = (reason: string, metric: Metric) =>
  of('Prometheus', promql`label_replace(sum(${added(promql`${metric}`, '15m')}), "reason", "${reason}", "", "")`);

/** By store and reason, a store's own word where it has one. Exact as well. */
export const itemsDiscarded = record(
  'store:items_discarded:added15m',
  either([
    of('Loki', byReason(loki.discarded)),
    of('Tempo', byReason(tempo.spansDiscarded)),
    because('too old', prometheus.tooOld),
    because('out of bounds', prometheus.outOfBounds),
  ]),
  'items of a request that a store took no part of, in 15 minutes',
  countsAdded(
    [
      { of: series(loki.discarded, { reason: 'rate_limited' }), answers: { store: 'Loki', reason: 'rate_limited' } },
      { of: series(tempo.spansDiscarded, { reason: 'full' }), answers: { store: 'Tempo', reason: 'full' } },
      { of: series(prometheus.tooOld), answers: { store: 'Prometheus', reason: 'too old' } },
      { of: series(prometheus.outOfBounds), answers: { store: 'Prometheus', reason: 'out of bounds' } },
    ],
    15,
  ),
);
