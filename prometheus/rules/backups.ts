import { lastBackup } from '../../instrumentation/src/catalog/backup.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { backups as all, backupDeadlineSeconds, retentionDays } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { alert, type Check } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import type { Proof } from '../kit/proof.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

type Outcome = 'success' | 'failure';

/** A run says it once: what failed is so until the next one, a week later at most. What nobody has backed up for as long as metrics are kept is not looked for any more. */
const remembered = { success: retentionDays.metrics, failure: 8 } as const;

const newestBackup = lastOf('backup:last_success:timestamp_seconds', 'success', 'was made');
const newestFailure = lastOf('backup:last_failure:timestamp_seconds', 'failure', 'failed');

function lastOf(name: string, outcome: Outcome, what: string) {
  const days = remembered[outcome];
  const of = promql`${lastBackup}{outcome="${outcome}"}`;
  return record(
    name,
    promql`max by (backup_part) (max_over_time(${of}[${days}d]))`,
    `when the newest backup of a part ${what}, of the last ${days} days`,
    told(outcome, days),
  );
}

/** Two runs of one part, of which the newer counts; what the other outcome says is no answer. */
function told(outcome: Outcome, days: number): Answer[] {
  const at = (value: number, instance: string, of = outcome) =>
    stays(series(lastBackup, { outcome: of, instance }), value);
  const after: Answer['after'] = [[[...at(5000, 'a'), ...at(7000, 'b')], 60]];
  const other = at(9000, 'c', outcome === 'success' ? 'failure' : 'success');
  const minutes = days * 24 * 60;
  return [
    {
      title: 'is the newest, and is remembered',
      after,
      world: other,
      atMinute: minutes - 60,
      step: '1h',
      answers: [{ labels: { backup_part: 'loki' }, value: 7000 }],
    },
    { title: `is forgotten after ${days} days`, after, world: other, atMinute: minutes + 60, step: '1h', answers: [] },
  ];
}

/** In a matcher: those that are backed up so often. */
function every(rhythm: 'day' | 'week'): string {
  return Object.entries(all)
    .flatMap(([part, { every }]) => (every === rhythm ? [part] : []))
    .join('|');
}

const jobs: Check = {
  ask: 'What did the last run say?',
  command: 'kubectl -n fleetscope logs -l app.kubernetes.io/name=backup --prefix --tail=50',
};
const list: Check = { ask: 'Which backups are there?', command: 'npm run backup -- list' };
const lasts: Check = {
  ask: 'Is it this part alone? When each was last backed up:',
  query: promql`max by (backup_part) (${newestBackup})`,
};

/** Is what the stack keeps kept elsewhere, too? Silent where no backup was ever made by the clock. (P05) */
export function backups({ backupSeconds: late }: Targets) {
  return group(
    'backups',
    [
      newestBackup,
      newestFailure,
      alert('BackupLate', {
        spec: ['P05', 'A19'],
        team: 'platform',
        levels: [
          { severity: 'high', over: late.dayHigh, week: late.weekHigh, for: '15m' },
          { severity: 'warning', over: late.day, week: late.week, for: '15m' },
        ],
        when: ({ over, week }) =>
          promql`time() - ${newestBackup}{backup_part=~"${every('day')}"} > ${over} or time() - ${newestBackup}{backup_part=~"${every('week')}"} > ${week}`,
        summary: 'The newest backup of {{ $labels.backup_part }} is old',
        description: 'It was made {{ $value | humanizeDuration }} ago. What came since is kept in one place alone.',
        dashboard: 'telemetry-pipeline',
        runbook: {
          meaning:
            'No whole backup of this part was made for longer than its rhythm and the time that one may take (docs/backup.md).',
          impact: 'Nothing is lost. If the disk were lost now, so would be all since that backup.',
          checks: [jobs, list, lasts],
          remedy: [
            'It fails: BackupFailing is there as well, and the log says why.',
            'It is not started: kubectl -n fleetscope get cronjobs, or the timer that calls npm run backup. At once: kubectl -n fleetscope create job --from=cronjob/backup-<part> backup-now.',
            'It is made, and cannot say so: its log ends with the reason why the Collector did not take it.',
            `Nobody wants it any more: silence it; after ${remembered.success} days it ends by itself. A backup by hand, out of turn, is npm run backup -- --once.`,
          ],
        },
        proof: ({ over, week }) => lateProof(over, week),
      }),
      alert('BackupFailing', {
        spec: ['P05', 'A19'],
        team: 'platform',
        levels: [{ severity: 'warning', for: '15m' }],
        when: () => promql`time() - ${newestFailure} unless ${newestFailure} <= ${newestBackup}`,
        summary: 'The backup of {{ $labels.backup_part }} fails',
        description: 'It last failed {{ $value | humanizeDuration }} ago, and none was made since.',
        dashboard: 'telemetry-pipeline',
        runbook: {
          meaning: 'A backup of this part ended without being whole, and no later one was.',
          impact: 'The backups before it are as they were. This part has no new one.',
          checks: [jobs, list, lasts],
          remedy: [
            'There is no repository at that address: it is misspelt, or nobody has made it yet (npm run backup -- init; in a cluster the Job of backup-init).',
            'The store refuses: the key has expired, or the disk is full.',
            'Another run holds the repository: it waits 10 minutes; a lock of one that died is void after 30.',
            'A database is damaged: restart its service, which sets it aside and keeps what can be read.',
          ],
        },
        proof: failingProof,
      }),
    ],
    // Hours matter, not seconds; and its worlds last for weeks.
    { interval: '5m', provedEvery: '15m' },
  );
}

/** `for` of both, in seconds. */
const waits = 15 * 60;

/** Time begins at 0: what was made before it is below. */
function lateProof(over: number, week: number): Proof {
  const made = (part: string, ageSeconds: number) => stays(series(newestBackup, { backup_part: part }), -ageSeconds);
  // A case lasts two hours.
  const twoHours = 7200;
  const short = [...made('prometheus', over - twoHours), ...made('grafana', week - twoHours)];
  return {
    bad: made('prometheus', over + 60),
    good: short,
    recovered: made('prometheus', 0),
    value: over + 60 + waits,
    trueAfter: 0,
    falseAfter: 1,
    settles: 15,
    also: [
      {
        title: 'is told of what is backed up weekly',
        phases: [[made('grafana', week + 60), 45]],
        told: 'at the end',
        labels: { backup_part: 'grafana' },
      },
      {
        title: 'is not told of what is backed up weekly and is just not late',
        phases: [[made('grafana', week - twoHours), 90]],
        told: { notFrom: 0 },
      },
      {
        title: 'is not told while the next one takes as long as it may',
        phases: [[[...made('prometheus', 86_400), ...made('grafana', 7 * 86_400)], backupDeadlineSeconds / 60]],
        told: { notFrom: 0 },
      },
      {
        title: 'is not told of a part that nobody backs up by the clock',
        phases: [[made('collector', 100 * week), 60]],
        told: { notFrom: 0 },
      },
    ],
  };
}

function failingProof(): Proof {
  const failed = (at: number, part = 'loki') => stays(series(newestFailure, { backup_part: part }), at);
  const made = (at: number, part = 'loki') => stays(series(newestBackup, { backup_part: part }), at);
  const bad = [...failed(-60), ...made(-120)];
  return {
    bad,
    good: [...failed(-60), ...made(-60)],
    recovered: [...failed(-60), ...made(0)],
    value: 60 + waits,
    trueAfter: 0,
    falseAfter: 1,
    settles: 15,
    also: [
      {
        title: 'is told of what is backed up weekly until the next one',
        phases: [
          [stays(series(lastBackup, { outcome: 'failure', backup_part: 'grafana' }), 0), 60],
          [[], 7 * 24 * 60],
        ],
        told: 'at the end',
        labels: { backup_part: 'grafana' },
        step: '1h',
      },
      { title: 'is told where none was ever made', phases: [[failed(-60), 45]], told: 'at the end' },
      {
        title: 'is told of one part though another is well',
        phases: [[[...failed(-60), ...made(0, 'tempo')], 45]],
        told: 'at the end',
      },
    ],
  };
}

export default twin('yml', ruleFile(backups(targets), compose));
