/** What a store beside ours will never have, counted where it is lost. */
import type { Metric } from '../../queries/metric.ts';
import { promql } from '../../queries/promql.ts';
import { collector, type Signal } from '../../queries/stack-metrics.ts';
import { added } from '../kit/added.ts';
import { either } from '../kit/joined.ts';
import { type Answer, record } from '../kit/record.ts';
import { grows, series } from '../kit/world.ts';
import { countsAdded } from './counts-proof.ts';
import { ofCopies, signalNames } from './stores.ts';

const { enqueueFailed, sendFailed } = collector;
const reasons = { 'queue full': enqueueFailed, refused: sendFailed } as const;
const exporter = { job: 'collector', instance: 'collector-1', exporter: 'otlp_http/copy-second' };

const lost = (reason: string, signal: Signal, metric: Metric) => {
  const named = promql`label_replace(${added(ofCopies(metric), '15m')}, "signal", "${signal}", "", "")`;
  return promql`label_replace(${named}, "reason", "${reason}", "", "")`;
};
const each = (Object.keys(reasons) as (keyof typeof reasons)[]).flatMap((reason) =>
  signalNames.map((signal) => ({ reason, signal, metric: reasons[reason][signal] })),
);

/** Not of copies: what our own stores lost. */
const others: Answer = {
  title: 'counts nothing that our own stores lost',
  world: each.flatMap(({ metric }) => grows(series(metric, { ...exporter, exporter: 'otlp_http/loki' }), 60)),
  answers: [],
};

/** Exact: a loss is rare, and the counter begins with it. */
export const copiesLost = record(
  'copy:items_lost:added15m',
  promql`sum by (exporter, signal, reason) (${either(each.map(({ reason, signal, metric }) => lost(reason, signal, metric)))})`,
  'items that a store beside ours will never have, in 15 minutes',
  [
    ...countsAdded(
      each.map(({ reason, signal, metric }) => ({
        of: series(metric, exporter),
        answers: { exporter: exporter.exporter, signal, reason },
      })),
      15,
    ),
    others,
  ],
);
