/** Jobs made of the templates in k8s/backup, and what the repository says that they wrote. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newestRecord, openRepository, type Record } from '../../backup/repository.ts';
import { openRestic } from '../../backup/restic.ts';
import { resticTool } from '../../backup/restic-program.ts';
import { settingsFrom } from '../../backup/settings.ts';
import type { BackedUp } from '../../backup/sources.ts';
import { until } from '../../doctor/ask.ts';
import { namespace } from '../../k8s/manifest.ts';
import { needTool } from '../../native/tool.ts';
import type { S3 } from '../s3.ts';
import type { Cluster } from './cluster.ts';

export const bucket = 'backups';

/** What the Secret of the jobs is made of, by the variables that `npm run secrets` reads; the same reach it from here. */
export function backupEnv({ endpoint, accessKeyId, secretAccessKey }: S3) {
  return {
    FLEETSCOPE_BACKUP_REPOSITORY: `s3:http://${endpoint}/${bucket}`,
    FLEETSCOPE_BACKUP_PASSWORD: 'made-by-chance-'.repeat(3),
    FLEETSCOPE_BACKUP_ACCESS_KEY_ID: accessKeyId,
    FLEETSCOPE_BACKUP_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

export interface Ended {
  readonly ok: boolean;
  /** What its pods said. */
  readonly said: string;
}

/** As whoever wants one now makes it: `kubectl create job --from=cronjob/<template>`. */
export async function runJob(cluster: Cluster, template: string, name = `${template}-now`): Promise<Ended> {
  const kubectl = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
  await kubectl('create', 'job', `--from=cronjob/${template}`, name);
  const said = () => kubectl('logs', `job/${name}`, '--all-pods', '--tail=-1');
  let ended: string | undefined;
  const { found } = await until(
    async () => {
      const conditions = await kubectl('get', `job/${name}`, '--output=jsonpath={.status.conditions[*].type}');
      ended = conditions.split(' ').find((type) => type === 'Complete' || type === 'Failed');
      return ended !== undefined;
    },
    { timeoutMs: 300_000, everyMs: 1_000 },
  );
  if (!found) throw new Error(`Cannot run ${name}: it has not ended within 5 minutes. ${await said()}`);
  return { ok: ended === 'Complete', said: await said() };
}

/** The newest backup of each part, as its job wrote it down. */
export async function records(cluster: Cluster, s3: S3, parts: readonly BackedUp[]): Promise<Map<BackedUp, Record>> {
  const { FLEETSCOPE_BACKUP_PASSWORD: password, ...given } = backupEnv(s3);
  const folder = mkdtempSync(join(cluster.folder, 'restic-'));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const env = {
    ...process.env,
    ...given,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    FLEETSCOPE_BACKUP_PASSWORD_FILE: passwordFile,
    FLEETSCOPE_BACKUP_SCRATCH: folder,
  };
  const program = join(await needTool(resticTool, (line) => process.stderr.write(`${line}\n`)), 'restic');
  const repository = openRepository(openRestic(program, settingsFrom(env), env));
  const all = await repository.snapshots();
  const found = new Map<BackedUp, Record>();
  for (const part of parts) found.set(part, await repository.record(newestRecord(all, part)));
  return found;
}
