import {
  approvalAutoEscalated,
  approvalRequest,
  approvalResponseTime,
  pendingApprovals,
  taskApprovalRequests,
} from '../../instrumentation/src/catalog/approvals.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import type { Duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { gauge, type Proof, quantile } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { observes, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

// People answer when they are there: half an hour holds enough answers to speak of.
const approvalP95 = record(
  'environment:approval_response_seconds:p95_rate30m',
  promql`histogram_quantile(0.95, sum by (${environment}, le) (rate(${approvalResponseTime}_bucket{approval_decision!="cancelled"}[30m])))`,
  'seconds in which 95 of 100 approvals were answered, over 30 minutes',
);

const answered = promql`sum by (${environment}) (increase(${approvalResponseTime}_count{approval_decision!="cancelled"}[30m]))`;

/** Do people answer in time, and how many wait for them? (A03, A07) */
export function approvals({ approval, enough }: Targets) {
  return group('approvals', [
    approvalP95,
    alert('ApprovalResponseSlow', {
      spec: ['A03'],
      team: 'fleet',
      levels: [{ severity: 'high', over: approval.lateSeconds, for: '2m', keepFiringFor: '15m' }],
      when: ({ over }) => promql`${approvalP95} > ${over} and ${answered} >= ${enough.approvals}`,
      summary: 'Approvals are answered too late',
      description: '5 of 100 approvals of the last 30 minutes took longer than {{ $value | humanizeDuration }}.',
      dashboard: 'sla',
      runbook: {
        meaning: 'The time in which 95 of 100 approvals were answered is above the limit.',
        impact: 'Workflows stand still while they wait for a person.',
        checks: [
          {
            ask: 'Which kind of approval, and which role answers it?',
            query: promql`topk(5, histogram_quantile(0.95, sum by (approval_kind, approval_approver_role, le) (rate(${approvalResponseTime}_bucket[1h]))))`,
          },
          {
            ask: 'Are there more of them than usual?',
            query: promql`sum by (approval_kind) (increase(${taskApprovalRequests}[1h]))`,
          },
          {
            ask: 'Are they passed on because nobody answers?',
            query: promql`sum by (approval_kind, approval_approver_role) (increase(${approvalAutoEscalated}[1h]))`,
          },
        ],
        remedy: [
          'Nobody is there: name a deputy for the role.',
          'One kind asks too often: let the harmless ones pass without a person.',
        ],
      },
      proof: ({ over }) => lateProof({ q: 0.95, over, within: '30m', enough: enough.approvals }),
    }),
    alert('ApprovalsPending', {
      spec: ['A07'],
      team: 'fleet',
      levels: [{ severity: 'high', over: approval.pending, for: '10m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`sum by (${environment}) (${pendingApprovals}) > ${over}`,
      summary: 'Too many approvals wait',
      description: '{{ $value | humanize }} approvals have waited for an answer for 10 minutes.',
      dashboard: 'sla',
      runbook: {
        meaning: 'More approvals than people can answer at once have been open for ten minutes.',
        impact: 'As many workflows stand still.',
        checks: [
          { ask: 'Of which kind?', query: promql`sum by (approval_kind) (${pendingApprovals})` },
          {
            ask: 'Since when do people no longer answer?',
            query: promql`sum by (approval_decision) (increase(${approvalResponseTime}_count[30m]))`,
          },
          { ask: 'Which ones, and what do they ask?', query: traceql`{ ${approvalRequest} }` },
        ],
        remedy: [
          'Answer them, oldest first.',
          'Nobody is there: pass them on to the next role.',
          'A process ended while it waited: its approvals are asked for again when the workflow is run again.',
        ],
      },
      proof: ({ over }) => gauge(series(pendingApprovals), { over }),
    }),
  ]);
}

/** Beside what a quantile proves: who takes a question back has not answered it. */
function lateProof(told: { q: number; over: number; within: Duration; enough: number }): Proof {
  const of = (decision: string) => series(approvalResponseTime, { approval_decision: decision });
  const proof = quantile(of('approved'), told);
  const answers = (decision: string, perMinute: number, value: number) =>
    observes(of(decision), { perMinute, quantile: told.q, value });
  const late = 2 * told.over;
  const early = 0.5 * told.over;
  return {
    ...proof,
    also: [
      ...(proof.also ?? []),
      {
        title: 'is not told of questions that were taken back late',
        phases: [[[...answers('approved', 1, early), ...answers('cancelled', 100, late)], 45]],
        told: { notFrom: 0 },
      },
      {
        title: 'does not count those among the answers',
        phases: [[[...answers('approved', 0.01, late), ...answers('cancelled', 100, late)], 45]],
        told: { notFrom: 0 },
      },
    ],
  };
}

export default twin('yml', ruleFile(approvals(targets), compose));
