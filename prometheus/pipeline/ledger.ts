/** What the run ledger will never have, counted where it is lost. */
import { factFate, factsReceived } from '../../instrumentation/src/catalog/monitor.ts';
import { prometheusLabel } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { added } from '../kit/added.ts';
import { either } from '../kit/joined.ts';
import { type Answer, record } from '../kit/record.ts';
import { grows, series } from '../kit/world.ts';
import { countsAdded } from './counts-proof.ts';
import { ledgerExporter, ofLedger } from './stores.ts';

/** As monitor/ingest/settings.ts names it. */
export const ledgerService = 'fleetscope-monitor';

const fate = prometheusLabel(factFate.name);
const because = (reason: string, events: Query) =>
  promql`label_replace(sum(${added(events, '15m')}), "reason", "${reason}", "", "")`;

const exporter = { job: 'collector', instance: 'collector-1', exporter: ledgerExporter };
const lostBy = (reason: string, of: Parameters<typeof series>) => ({ of: series(...of), answers: { reason } });

/** Not of the ledger: another exporter's losses, and spans that it kept. */
const others: Answer = {
  title: 'counts nothing that another exporter lost, and nothing that was kept',
  world: [
    ...grows(series(collector.enqueueFailed.traces, { ...exporter, exporter: 'otlp_grpc/tempo' }), 60),
    ...grows(series(collector.sendFailed.traces, { ...exporter, exporter: 'otlp_grpc/tempo' }), 60),
    ...grows(series(factsReceived, { [fate]: 'kept' }), 60),
  ],
  answers: [],
};

/** Exact: a loss is rare, and the counter begins with it. */
export const spansLost = record(
  'ledger:spans_lost:added15m',
  either([
    because('queue full', ofLedger(collector.enqueueFailed.traces)),
    because('refused', ofLedger(collector.sendFailed.traces)),
    because('malformed', promql`${factsReceived}{${fate}="malformed"}`),
  ]),
  'spans that will never be in the ledger, in 15 minutes',
  [
    ...countsAdded(
      [
        lostBy('queue full', [collector.enqueueFailed.traces, exporter]),
        lostBy('refused', [collector.sendFailed.traces, exporter]),
        lostBy('malformed', [factsReceived, { [fate]: 'malformed' }]),
      ],
      15,
    ),
    others,
  ],
);
