import { expect, test } from 'vitest';
import { targets } from '../prometheus/targets.ts';
import { backupDeadlineSeconds, backups, parts } from '../stack.ts';
import type { Documents } from '../twin.ts';
import { backupManifests } from './backup.ts';
import { selector } from './manifest.ts';
import { single, team } from './size.ts';

type Part = keyof typeof backups;
const all = Object.keys(backups) as Part[];

interface Job {
  readonly metadata: { name: string };
  readonly spec: {
    schedule: string;
    suspend: boolean;
    concurrencyPolicy: string;
    jobTemplate: { spec: { backoffLimit: number; activeDeadlineSeconds: number; template: { spec: Pod } } };
  };
}

interface Pod {
  readonly affinity?: { podAffinity: object };
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { runAsNonRoot: boolean; runAsUser: number; fsGroup: number };
  readonly containers: {
    securityContext: {
      readOnlyRootFilesystem: boolean;
      allowPrivilegeEscalation: boolean;
      capabilities: { drop: string[] };
    };
    volumeMounts: { name: string; readOnly?: boolean }[];
  }[];
  readonly volumes: { persistentVolumeClaim?: { claimName: string } }[];
}

function jobs(part: Part): { backup: Job; restore: Job } {
  const [backup, restore] = (backupManifests(all)[`backup-${part}`] as Documents).all as [Job, Job];
  return { backup, restore };
}

const podOf = ({ spec }: Job) => spec.jobTemplate.spec.template.spec;
const isReadOnly = (job: Job) => podOf(job).containers[0]?.volumeMounts.find(({ name }) => name === 'data')?.readOnly;

test.each(all)(
  'P05 %s: its volume is read where it runs, as its user; the template of a restore may write, and needs nothing to run',
  (part) => {
    const { backup, restore } = jobs(part);
    for (const job of [backup, restore]) {
      const { automountServiceAccountToken, securityContext, volumes, containers } = podOf(job);
      expect(volumes[0]?.persistentVolumeClaim).toEqual({ claimName: `data-${part}-0` });
      expect(single.storage[part], 'the size makes such a claim').toBeDefined();
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: parts[part].user,
        fsGroup: parts[part].user,
      });
      expect(automountServiceAccountToken).toBe(false);
      expect(containers[0]?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(JSON.stringify(podOf(backup).affinity)).toContain(JSON.stringify(selector(part)));
    expect(podOf(restore).affinity).toBeUndefined();
    expect([isReadOnly(backup), isReadOnly(restore)]).toEqual([true, undefined]);
    expect([backup.spec.jobTemplate.spec.backoffLimit, restore.spec.jobTemplate.spec.backoffLimit]).toEqual([2, 0]);
    expect([backup.spec.suspend, restore.spec.suspend]).toEqual([false, true]);
  },
);

test('P05 metrics and logs daily, Grafana weekly, never two at the same minute, never two of one part', () => {
  const schedules = Object.fromEntries(all.map((part) => [part, jobs(part).backup.spec.schedule]));
  expect(schedules).toMatchObject({ prometheus: '0 1 * * *', loki: '40 1 * * *', grafana: '0 3 * * 0' });
  expect(new Set(Object.values(schedules)).size).toBe(all.length);
  expect(new Set(all.map((part) => jobs(part).backup.spec.concurrencyPolicy))).toEqual(new Set(['Forbid']));
});

test.each(all)('P05 %s: one that takes as long as its Job may is not late', (part) => {
  const { activeDeadlineSeconds } = jobs(part).backup.spec.jobTemplate.spec;
  const { every } = backups[part];
  const untilNext = { day: 86_400, week: 7 * 86_400 }[every];
  expect(activeDeadlineSeconds).toBe(backupDeadlineSeconds);
  expect(targets.backupSeconds[every]).toBeGreaterThan(untilNext + activeDeadlineSeconds);
});

test('P05 what is asked or told lets itself be: each way out to a part is a way in there, and no other', () => {
  const ways = (parts: readonly Part[]) =>
    (backupManifests(parts).network as Documents).all as { metadata: { name: string } }[];
  expect(ways(all).map(({ metadata }) => metadata.name)).toEqual([
    'backup',
    ...['prometheus', 'tempo', 'loki'].map((part) => `backup-asks-${part}`),
    'backup-tells-collector',
  ]);
  const [out] = ways(all);
  for (const part of ['prometheus', 'tempo', 'loki', 'collector'] as const)
    expect(JSON.stringify(out)).toContain(
      JSON.stringify({
        to: [{ podSelector: { matchLabels: selector(part) } }],
        ports: [{ protocol: 'TCP', port: parts[part].ports.http }],
      }),
    );
  expect(ways(['escalation']).map(({ metadata }) => metadata.name)).toEqual(['backup', 'backup-tells-collector']);
});

test('P05 the repository is made by a Job of its own, by hand, without anybody’s data; backups make none', () => {
  const init = backupManifests(all)['backup-init'] as Job;
  expect(init.spec).toMatchObject({ suspend: true, jobTemplate: { spec: { backoffLimit: 0 } } });
  const { containers, volumes } = podOf(init);
  expect(containers).toMatchObject([{ args: ['init'] }]);
  expect(volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim)).toEqual([]);
  expect(JSON.stringify(all.map((part) => podOf(jobs(part).backup).containers))).not.toContain('init');
});

test('P05 where a store of objects keeps the rest, the parts with a volume of their own are one each', () => {
  expect([team.replicas.escalation, team.replicas.monitor]).toEqual([1, 1]);
  expect([team.storage.escalation, team.storage.monitor].every(Boolean)).toBe(true);
});
