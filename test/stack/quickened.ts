/** Parts of the stack in a world that turns `factor` times faster, for tests on the real clock. */
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import type { Process } from '../../engine/processes.ts';
import { compose } from '../../place.ts';
import { groups } from '../../prometheus/groups.ts';
import { faster } from '../../prometheus/kit/faster.ts';
import { ruleFile } from '../../prometheus/kit/rule-file.ts';
import { scaled } from '../../prometheus/kit/scale.ts';
import { targets } from '../../prometheus/targets.ts';
import { yaml } from '../../twin.ts';

/** Prometheus with the same rules in less time. */
export function quickPrometheus(process: Process, factor: number): Process {
  const [path, text] = fileOf(process, 'prometheus.yml');
  const config = load(text) as { global: object };
  const global = { ...config.global, scrape_interval: '2s', evaluation_interval: '1s', rule_query_offset: '1s' };
  const rules = groups(faster(targets, factor)).map((group) => [
    join(dirname(path), 'rules', `${group.name}.yml`),
    yaml(scaled(ruleFile(group, compose), factor)),
  ]);
  return { ...process, files: { ...Object.fromEntries(rules), [path]: yaml({ ...config, global }) } };
}

/** Alertmanager that gathers a group for a second, and tells of its changes every few. */
export function quickAlertmanager(process: Process): Process {
  const [path, text] = fileOf(process, 'alertmanager.yml');
  const config = load(text) as { route: object };
  return {
    ...process,
    files: { [path]: yaml({ ...config, route: { ...config.route, group_wait: '1s', group_interval: '5s' } }) },
  };
}

function fileOf({ files }: Process, name: string): [path: string, text: string] {
  const found = Object.entries(files).find(([path]) => path.endsWith(name));
  if (!found) throw new Error(`Cannot quicken: there is no ${name} among ${Object.keys(files).join(', ')}.`);
  return found;
}
