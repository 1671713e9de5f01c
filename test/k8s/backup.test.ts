import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleSeconds } from '../../backup/census/census.ts';
import { compare, things } from '../../backup/census/compare.ts';
import { countFiles } from '../../backup/census/files.ts';
import { countLogs } from '../../backup/census/logs.ts';
import { countMetrics } from '../../backup/census/metrics.ts';
import { countRows } from '../../backup/census/rows.ts';
import { countTracesOf } from '../../backup/census/traces.ts';
import type { Record } from '../../backup/repository.ts';
import type { BackedUp } from '../../backup/sources.ts';
import { filesIn } from '../../backup/stage.ts';
import { getJson, postJson } from '../../doctor/ask.ts';
import { examine } from '../../doctor/doctor.ts';
import { targetsOf } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import { url } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { type S3, startS3 } from '../s3.ts';
import {
  missing,
  NumberedSender,
  numbersInLoki,
  numbersInPrometheus,
  numbersInTempo,
  perRequest,
} from '../stack/numbered.ts';
import { instant } from '../stack/prometheus-api.ts';
import { backupEnv, bucket, records, runJob } from './backup-jobs.ts';
import type { Cluster } from './cluster.ts';
import { importBackupImage } from './images.ts';
import { createSecrets, emptyCluster, manifestsOfSingle, placeOfPods, present, untilReady } from './installed.ts';
import { provideVolumes } from './volumes.ts';

/** Grafana does not run here. */
const parts = ['prometheus', 'tempo', 'loki', 'alertmanager', 'escalation', 'monitor'] as const satisfies BackedUp[];
const queried: readonly BackedUp[] = ['prometheus', 'tempo', 'loki'];

let cluster: Cluster;
let s3: S3;
let folder: string;
let sender: NumberedSender;
let startedAtMs: number;
/** When all was sent that has to be in the backup. */
let sentAtMs: number;
let made: Map<BackedUp, Record>;

beforeAll(async () => {
  cluster = await emptyCluster();
  // Beside the cluster, as a cloud's is.
  s3 = await startS3([bucket], cluster.node.outside);
  folder = manifestsOfSingle(cluster);
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await createSecrets(cluster);
  await createSecrets(cluster, ['--only', 'fleetscope-backup'], backupEnv(s3));
  await importBackupImage(cluster);
  await untilReady(cluster);
  startedAtMs = Date.now();
  const place = await placeOfPods(cluster);
  sender = new NumberedSender(url(place, 'collector', 'http'));
  for (let request = 0; request < 20; request++) {
    await sender.send(request * perRequest);
    // Its samples have a time each, up to so much later: two of one time would be one.
    await delay(perRequest);
  }
  // Its canaries are in the ledger, too.
  await examine(targetsOf(place), { timeoutMs: 30_000, canaries: 1 });
  sentAtMs = Date.now();
  await postJson(`${url(place, 'alertmanager', 'http')}/api/v2/silences`, silence());
  // It writes every quarter of an hour, and when it ends.
  await kubectl('delete', 'pod/alertmanager-0');
  await untilReady(cluster, ['alertmanager']);
});

afterAll(async () => {
  await cluster?.stop();
  await s3?.stop();
});

/** Of a day, by which it is known again. */
function silence() {
  const [startsAt, endsAt] = [0, 86_400_000].map((ms) => new Date(Date.now() + ms).toISOString());
  const matchers = [{ name: 'alertname', value: 'NeverFires', isRegex: false, isEqual: true }];
  return { matchers, startsAt, endsAt, createdBy: 'test', comment: 'is backed up' };
}

async function silences(): Promise<string[]> {
  const of = url(await placeOfPods(cluster), 'alertmanager', 'http');
  return ((await getJson(`${of}/api/v2/silences`)) as { comment: string }[]).map(({ comment }) => comment);
}

const kubectl = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
const scale = (replicas: number) =>
  kubectl('scale', ...parts.map((part) => `statefulset/${part}`), `--replicas=${replicas}`);
const seen = async (outcome: string) => {
  const query = `backup_last_run_timestamp_seconds{outcome="${outcome}"}`;
  return (await instant(targetsOf(await placeOfPods(cluster)).prometheus, query)).map(
    ({ metric }) => metric.backup_part,
  );
};

/** Where the volume of a part lies on this machine. */
async function volume(part: BackedUp): Promise<string> {
  const claim = ['get', `persistentvolumeclaim/data-${part}-0`, '--output=jsonpath={.spec.volumeName}'];
  return join(cluster.volumes, await kubectl(...claim));
}

/** Of each file on the volume of a part, its checksum and its name. */
async function sums(part: BackedUp): Promise<string[]> {
  const folder = await volume(part);
  return (await filesIn(folder)).map(
    (path) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')}  ${path}`,
  );
}

test('P05 kubectl apply -k k8s/backup/single; a second apply changes nothing', async () => {
  const manifests = join(repository, 'k8s', 'backup', 'single');
  await cluster.kubectl(['apply', '--kustomize', manifests]);
  const said = await cluster.kubectl(['apply', '--kustomize', manifests]);
  expect(said.split('\n').filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
});

test('P05 a backup makes no repository: it says that there is none, and so does its metric', async () => {
  await kubectl('create', 'job', '--from=cronjob/backup-loki', 'backup-loki-early');
  const says = () => kubectl('logs', 'job/backup-loki-early').catch(() => '');
  await expect
    .poll(says, { timeout: 120_000 })
    .toContain(`there is no repository at s3:http://${s3.endpoint}/${bucket}`);
  await expect.poll(() => seen('failure'), { timeout: 60_000 }).toContain('loki');
  await kubectl('delete', 'job/backup-loki-early');
});

test('P05 its own Job makes it, once', async () => {
  expect(await runJob(cluster, 'backup-init')).toMatchObject({ ok: true, said: expect.stringContaining('Made a') });
  const again = await runJob(cluster, 'backup-init', 'backup-init-again');
  expect(again).toMatchObject({ ok: true, said: expect.stringMatching(/There is a repository at .* already/) });
});

test('P05 a Job of each CronJob backs its part up while it runs, and Prometheus knows when', async () => {
  // What is younger is not counted.
  await delay(Math.max(0, sentAtMs + (settleSeconds + 5) * 1000 - Date.now()));
  const ended = await Promise.all(parts.map((part) => runJob(cluster, `backup-${part}`)));
  for (const [index, part] of parts.entries()) expect(ended[index], part).toMatchObject({ ok: true });
  made = await records(cluster, s3, parts);
  const said = ended.map((one) => one.said).join('\n');
  for (const [part, { census }] of made) expect(Object.keys(census?.entries ?? {}), `${part}: ${said}`).not.toEqual([]);
  await expect.poll(() => seen('success'), { timeout: 60_000 }).toEqual(expect.arrayContaining([...parts]));
});

test('P05 the claims are deleted: the stack applied anew has nothing of it', async () => {
  // A claim stays as long as a pod names it, one that has ended too.
  await kubectl('delete', 'statefulset,job', '--all');
  await kubectl('delete', 'persistentvolumeclaim', '--all');
  await cluster.kubectl(['delete', 'persistentvolume', '--all']);
  rmSync(cluster.volumes, { recursive: true });
  await provideVolumes(
    cluster,
    present.map((name) => `again-${name}`),
  );
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await untilReady(cluster);
  const targets = targetsOf(await placeOfPods(cluster));
  const { logs, samples, traceIds } = sender.acknowledged;
  expect(missing(logs, await numbersInLoki(targets, startedAtMs - 60_000))).toHaveLength(logs.size);
  await expect(numbersInTempo(targets, traceIds)).rejects.toThrow(/404/);
  expect(missing(samples, await numbersInPrometheus(targets))).toHaveLength(samples.size);
  expect(await silences()).toEqual([]);
});

test('B15 a backup with one flipped byte is refused, and what was there is as it was', async () => {
  await scale(0);
  for (const part of parts) await kubectl('wait', '--for=delete', `pod/${part}-0`, '--timeout=180s');
  await kubectl('create', 'configmap', 'fleetscope-restore', '--from-literal=replace=true');
  const data = join(s3.bucket(bucket), 'data');
  const packs = (await filesIn(data)).map((path) => join(data, path));
  // The largest is of data, and of whichever part.
  const pack = packs.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] as string;
  const whole = readFileSync(pack);
  const flipped = Buffer.from(whole);
  flipped[100] = (flipped[100] as number) ^ 1;
  const before = new Map<BackedUp, string[]>();
  for (const part of queried) before.set(part, await sums(part));
  writeFileSync(pack, flipped);
  const ended = await Promise.all(queried.map((part) => runJob(cluster, `restore-${part}`, `restore-${part}-flipped`)));
  writeFileSync(pack, whole);
  const refused = queried.filter((_, index) => ended[index]?.ok === false);
  expect(refused, ended.map(({ said }) => said).join('\n')).not.toEqual([]);
  for (const part of refused) {
    expect(ended[queried.indexOf(part)]?.said).toMatch(new RegExp(`Cannot restore ${part}: .*damaged`, 's'));
    expect(await sums(part), part).toEqual(before.get(part));
  }
});

test('P05 the restore Jobs bring it back: samples, lines, spans, rows are those that were backed up', async () => {
  const ended = await Promise.all(parts.map((part) => runJob(cluster, `restore-${part}`)));
  for (const [index, part] of parts.entries()) expect(ended[index], part).toMatchObject({ ok: true });
  const counts = new Map<BackedUp, Awaited<ReturnType<typeof countRows>>>();
  // As they lie there: once their services run, they write.
  for (const part of ['escalation', 'monitor'] as const) counts.set(part, await countRows(await volume(part)));
  counts.set('alertmanager', await countFiles(await volume('alertmanager')));
  await scale(1);
  await untilReady(cluster);
  const place = await placeOfPods(cluster);
  const census = (part: BackedUp) => made.get(part)?.census as NonNullable<Record['census']>;
  counts.set('prometheus', await countMetrics(url(place, 'prometheus', 'http'), census('prometheus').windows));
  counts.set('loki', await countLogs(url(place, 'loki', 'http'), census('loki').windows));
  counts.set('tempo', await countTracesOf(url(place, 'tempo', 'http'), census('tempo')));
  for (const part of parts) {
    const { entries, items, kind, differences } = compare(census(part), counts.get(part) as never);
    console.log(`${part}: ${entries}, ${items} ${things[kind]}`);
    expect(differences, part).toEqual([]);
  }
  const { logs, spans, samples, traceIds } = sender.acknowledged;
  const targets = targetsOf(place);
  expect(missing(logs, await numbersInLoki(targets, startedAtMs - 60_000))).toEqual([]);
  expect(missing(spans, await numbersInTempo(targets, traceIds))).toEqual([]);
  expect(missing(samples, await numbersInPrometheus(targets))).toEqual([]);
  expect(await silences()).toEqual(['is backed up']);
});

test('P05 the next backup builds on what was restored', async () => {
  expect(await runJob(cluster, 'backup-monitor', 'backup-monitor-next')).toMatchObject({ ok: true });
});
