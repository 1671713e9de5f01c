/** A block as Prometheus makes one each two hours, of three days ago: no test waits so long. */
import { chownSync, cpSync, globSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { namespace } from '../../k8s/manifest.ts';
import { programs } from '../stack/stack.ts';
import type { Cluster } from './cluster.ts';

const ageMs = 3 * 86_400_000;

/** Puts it on the volume of a Prometheus. @returns a question that only it answers, and the answer. */
export async function putOldBlock({ kubectl, volumes, folder }: Cluster): Promise<{ query: string; value: number }> {
  const claim = ['get', 'pvc/data-prometheus-0', '--output=jsonpath={.spec.volumeName}'];
  const data = join(volumes, await kubectl(['--namespace', namespace, ...claim]));
  const home = mkdtempSync(join(folder, 'block-'));
  const at = Math.floor((Date.now() - ageMs) / 1000);
  const text = join(home, 'text');
  writeFileSync(text, `# TYPE team_test gauge\nteam_test 7 ${at}\n# EOF\n`);
  const promtool = join(dirname((await programs()).prometheus?.program as string), 'promtool');
  await execa(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', text, join(home, 'blocks')]);
  const { uid, gid } = statSync(join(data, 'wal'));
  for (const name of readdirSync(join(home, 'blocks'))) {
    cpSync(join(home, 'blocks', name), join(data, name), { recursive: true });
    for (const path of ['', ...globSync('**', { cwd: join(data, name) })]) chownSync(join(data, name, path), uid, gid);
  }
  return { query: `team_test @ ${at + 60}`, value: 7 };
}
