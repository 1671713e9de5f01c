/** R03: whether the run ledger has what the fleet did, beside the pipeline that brings it there. */
import {
  databaseSize,
  factFate,
  factLag,
  factsReceived,
  ingestRefusalReason,
  ingestRefused,
  lastWrite,
  writeDuration,
} from '../instrumentation/src/catalog/monitor.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { spansLost } from '../prometheus/pipeline/ledger.ts';
import { ofLedger } from '../prometheus/pipeline/stores.ts';
import { targets } from '../prometheus/targets.ts';
import { promql } from '../queries/promql.ts';
import { collector } from '../queries/stack-metrics.ts';
import { details } from './dashboard.ts';
import { current, percentiles, straight } from './lines.ts';
import { mishaps, timeseries } from './panels.ts';

const anywhere = 'service_name!=""';
const noSpan = 'no span of the fleet has reached the ledger.';
const silent = 'the ledger has sent no metrics.';
const reason = prometheusLabel(ingestRefusalReason.name);

export const ledgerRow = details('Does the run ledger keep up?', [
  timeseries(
    'Spans for the ledger',
    {
      'Handed on': promql`sum(rate(${ofLedger(collector.sent.traces)}[$__rate_interval]))`,
      Kept: promql`sum(rate(${factsReceived}{${prometheusLabel(factFate.name)}="kept"}[$__rate_interval]))`,
    },
    {
      read: 'What the Collector gives it, and what it has put on disk. Kept is a little less: some spans only look like those of the fleet.',
      unit: 'cps',
      empty: noSpan,
    },
  ),
  timeseries('Behind', percentiles(factLag, anywhere), {
    read: 'From the end of a span until it is in the ledger. After an outage of the ledger it is long, for what had waited; otherwise a second or two.',
    unit: 's',
    empty: noSpan,
  }),
  timeseries('Time of one transaction', percentiles(writeDuration, anywhere), {
    read: 'Above a second its disk is slow, or another process holds the database: docs/monitor.md, Troubleshooting.',
    unit: 's',
    empty: noSpan,
  }),
  mishaps(
    'Refused and lost',
    {
      'Refused: {{monitor_refusal_reason}}': promql`sum by (${reason}) (increase(${ingestRefused}[$__rate_interval]))`,
      'Lost in 15 min: {{reason}}': promql`max by (reason) (${spansLost})`,
    },
    {
      read: 'Busy and unavailable come again by themselves. Lost spans do not: the queue was full, or the ledger will not have them.',
      unit: 'short',
      empty: 'nothing was refused or lost.',
    },
  ),
  timeseries(
    'Since the last write',
    { 'Last write': promql`time() - max(${current(promql`${lastWrite}`)})` },
    {
      read: 'It grows while nothing runs. While workflows run, above the line it is told: LedgerNotWriting.',
      unit: 's',
      steps: { green: 0, yellow: targets.ledger.silentSeconds },
      empty: silent,
    },
  ),
  timeseries(
    'Database',
    { Ledger: promql`max(${databaseSize})`, Limit: straight(targets.ledger.databaseBytes) },
    {
      read: 'Runs are kept for retentionDays.runs of stack.ts. A MongoDB looks after its own files, and has no line here.',
      unit: 'bytes',
      empty: silent,
    },
  ),
]);
