/** Parts of the stack in a world that turns `factor` times faster, for tests on the real clock. */
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { defaultPolicy } from '../../alertmanager/escalation/policy/default-policy.ts';
import type { Process } from '../../engine/processes.ts';
import { compose } from '../../place.ts';
import { groups } from '../../prometheus/groups.ts';
import { faster } from '../../prometheus/kit/faster.ts';
import { ruleFile } from '../../prometheus/kit/rule-file.ts';
import { scaled } from '../../prometheus/kit/scale.ts';
import { targets } from '../../prometheus/targets.ts';
import { yaml } from '../../twin.ts';
import type { People } from './people.ts';

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

/** The escalation service with the policy as it is delivered, in less time, and people to tell. @param realHooks those that do what they say. */
export function quickEscalation(process: Process, factor: number, people: People, realHooks: string[] = []): Process {
  const policy = join(process.cwd as string, 'config', 'policy.yml');
  const { pagerduty } = defaultPolicy.channels;
  const channels = { ...defaultPolicy.channels, pagerduty: { ...pagerduty, apiUrl: people.pagerDuty } };
  const real = realHooks.map((name) => [name, { ...defaultPolicy.hooks[name], dryRun: false }]);
  const hooks = { ...defaultPolicy.hooks, ...Object.fromEntries(real) };
  return {
    ...process,
    env: { ...process.env, ...people.env, FLEETSCOPE_ESCALATION_POLICY: policy },
    files: { ...process.files, [policy]: yaml(quickPolicy({ ...defaultPolicy, channels, hooks }, factor)) },
  };
}

/** The times of a policy, not those of its channels and hooks: an attempt to send takes as long as it takes. */
function quickPolicy(policy: typeof defaultPolicy, factor: number): object {
  const scaled = JSON.stringify({ ...policy, channels: {}, hooks: {} }, (key, value) => {
    if (!['after', 'repeat', 'sameIncident', 'within'].includes(key) || typeof value !== 'string') return value;
    const [, count, unit] = /^(\d+)([smhd])$/.exec(value) as RegExpExecArray;
    return `${(Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's'] * 1000) / factor}ms`;
  });
  return { ...JSON.parse(scaled), channels: policy.channels, hooks: policy.hooks };
}

function fileOf({ files }: Process, name: string): [path: string, text: string] {
  const found = Object.entries(files).find(([path]) => path.endsWith(name));
  if (!found) throw new Error(`Cannot quicken: there is no ${name} among ${Object.keys(files).join(', ')}.`);
  return found;
}
