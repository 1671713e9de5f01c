import { processDuration, queueDepth, queueName, queueWaitTime } from '../../instrumentation/src/catalog/messages.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { gauge } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** Does work pile up? (A14) */
export function queues({ queueDepth: depth }: Targets) {
  return group('queues', [
    alert('QueueBacklogHigh', {
      spec: ['A14'],
      team: 'fleet',
      levels: [{ severity: 'critical', over: depth, for: '5m', keepFiringFor: '5m' }],
      // Not the sum: two processes may look at the same queue.
      when: ({ over }) => promql`max by (${environment}, ${queueName}) (${queueDepth}) > ${over}`,
      summary: 'Work piles up in the queue {{ $labels.queue_name }}',
      description: '{{ $value | humanize }} items have waited in {{ $labels.queue_name }} for 5 minutes.',
      dashboard: 'live',
      runbook: {
        meaning: 'More items come into a queue than are taken out of it, for five minutes.',
        impact: 'Everything behind them waits longer and longer.',
        checks: [
          {
            ask: 'Does it still grow, and how fast? Growth a minute:',
            query: promql`60 * deriv(${queueDepth}{${queueName}="$queue_name"}[10m])`,
          },
          {
            ask: 'Is anything taken out of it?',
            query: promql`sum(rate(${queueWaitTime}_count{${queueName}="$queue_name"}[5m]))`,
          },
          {
            ask: 'Are those who take from it busy, slow, or failing?',
            query: promql`histogram_quantile(0.95, sum by (messaging_destination_name, error_type, le) (rate(${processDuration}_bucket[5m])))`,
          },
        ],
        remedy: [
          'Nothing is taken out: its reader is gone; see AgentSilent.',
          'Readers are busy: add some, or slow down what fills the queue.',
          'One item fails again and again: take it out.',
        ],
      },
      proof: ({ over }) => gauge(series(queueDepth), { over }),
    }),
  ]);
}

export default twin('yml', ruleFile(queues(targets), compose));
