import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { gauge } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { copiesLost } from '../pipeline/copies.ts';
import { ofCopies } from '../pipeline/stores.ts';
import { type Targets, targets } from '../targets.ts';

/** Do stores beside ours get their copies? Nobody is woken for it: our own have everything. (P07, P11) */
export function copies(_: Targets) {
  return group('copies', [
    copiesLost,
    alert('CollectorCopiesLost', {
      spec: ['P11', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`${copiesLost} > ${over}`,
      summary: '{{ $labels.signal }} will never reach {{ $labels.exporter }}: {{ $labels.reason }}',
      description: '{{ $value | humanize }} items in the last 15 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'A second backend, Jaeger or Elasticsearch was away or too slow for so long that its queue is full, or it refused for good.',
        impact: 'That store lacks data of this time. Our own stores have it, and nobody else waited.',
        checks: [
          { ask: 'Which of the two, and of what?', query: promql`max by (exporter, signal, reason) (${copiesLost})` },
          {
            ask: 'How full is its queue, and does it grow?',
            query: promql`max by (exporter, data_type) (${ofCopies(collector.queueSize)} / ${collector.queueCapacity})`,
          },
          { ask: 'What did it answer? Look for the exporter:', command: 'npm run status' },
        ],
        remedy: [
          'queue full: start it, or have it take more; what is in the queue arrives.',
          'refused: its token is wrong or out of date (the file of headers), or its quota is used up: its answer is in the log of the Collector.',
          'Nobody needs it any more: take its variable or its profile away.',
        ],
      },
      proof: ({ over }) =>
        gauge(series(copiesLost, { exporter: 'otlp_http/copy-second', signal: 'logs', reason: 'queue full' }), {
          over,
        }),
    }),
  ]);
}

export default twin('yml', ruleFile(copies(targets), compose));
