import {
  jobFailures,
  jobLastSuccess,
  memoryJob,
  newestDay,
} from '../../instrumentation/src/catalog/operational-memory.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { retentionDays } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import type { Proof } from '../kit/proof.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { memorySays } from '../pipeline/memory.ts';
import { type Targets, targets } from '../targets.ts';

/** A memory that is gone says nothing: what it said last is so until metrics are deleted. */
const days = retentionDays.metrics;

const newestDayWritten = record(
  'memory:newest_day:timestamp_seconds',
  promql`max(max_over_time(${newestDay}[${days}d]))`,
  `when the newest day ended that is written down, of the last ${days} days`,
  told(),
);

function told(): Answer[] {
  const of = (value: number, instance: string) => stays(series(newestDay, { instance }), value);
  const minutes = days * 24 * 60;
  const rest = { world: [], step: '1h' } as const;
  const after: Answer['after'] = [[[...of(5000, 'a'), ...of(7000, 'b')], 60]];
  return [
    {
      title: 'is the newest that any of several says, and is remembered when all are gone',
      ...{ ...rest, after, atMinute: minutes - 60, answers: [{ labels: {}, value: 7000 }] },
    },
    { title: `is forgotten after ${days} days`, ...{ ...rest, after, atMinute: minutes + 120, answers: [] } },
  ];
}

/** Is written down what the fleet did? Silent where no memory ever ran. (M01) */
export function memory({ memorySeconds: late }: Targets) {
  return group(
    'memory',
    [
      newestDayWritten,
      alert('MemoryLate', {
        spec: ['M01', 'A19'],
        team: 'platform',
        levels: [
          { severity: 'high', over: late.high, for: '15m' },
          { severity: 'warning', over: late.warning, for: '15m' },
        ],
        when: ({ over }) => promql`time() - ${newestDayWritten} > ${over}`,
        summary: 'The snapshot of a day is late',
        description: 'The newest day that is written down ended {{ $value | humanizeDuration }} ago.',
        dashboard: 'telemetry-pipeline',
        runbook: {
          meaning:
            'A day was over, its late samples had come, and its snapshot was not made. Days are made in their order: one that fails holds up those after it.',
          impact: `Nothing is lost yet: what was missed is made up for, as far back as metrics are kept (${days} days). Until then weeks, lessons and documents wait.`,
          checks: [
            { ask: 'Which job fails?', query: promql`sum by (${memoryJob}) (increase(${jobFailures}[1h]))` },
            { ask: 'What was done last, and when?', query: promql`max by (${memoryJob}) (${jobLastSuccess})` },
            {
              ask: 'What does it say? Each failure names the day and what could not be asked.',
              command: memorySays,
            },
          ],
          remedy: [
            'It does not run: npm run up. Under Compose: docker compose restart memory. On Kubernetes it is a container of monitor-0. What was missed it makes by itself, the oldest first.',
            'Prometheus, the run ledger or the escalation service does not answer: mend that one. Without the escalation service a day is made a day later, and says so.',
            'Its database or its folder is not writable: free space, or give it back to its user.',
            `Nobody wants it any more: silence it; after ${days} days it ends by itself.`,
          ],
        },
        proof: ({ over }) => lateProof(over),
      }),
    ],
    // Hours matter, not seconds; and its worlds last for weeks.
    { interval: '5m', provedEvery: '15m' },
  );
}

/** `for`, in seconds. */
const waits = 15 * 60;

/** Time begins at 0: what ended before it is below. */
function lateProof(over: number): Proof {
  const ended = (ageSeconds: number) => stays(series(newestDayWritten, {}), -ageSeconds);
  // A case lasts two hours.
  const twoHours = 7200;
  return {
    bad: ended(over + 60),
    good: ended(over - twoHours),
    recovered: ended(0),
    value: over + 60 + waits,
    trueAfter: 0,
    falseAfter: 1,
    settles: 15,
    also: [
      {
        title: 'is not told while the next day is under way and its late samples come',
        phases: [[ended(24 * 3600), 6 * 60]],
        told: { notFrom: 0 },
      },
      { title: 'is not told where no memory ever ran', phases: [[[], 60]], told: { notFrom: 0 } },
    ],
  };
}

export default twin('yml', ruleFile(memory(targets), compose));
