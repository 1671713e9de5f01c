/** Rule files as Prometheus reads them; only what a history needs. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import * as v from 'valibot';
import { nearest } from '../../queries/nearest.ts';
import { durationSeconds } from './duration.ts';

/** One alerting rule. */
export interface AlertRule {
  name: string;
  labels: Readonly<Record<string, string>>;
  expr: string;
  /** `for` and `keep_firing_for`, in seconds. */
  hold: number;
  keep: number;
  group: string;
  /** Seconds between evaluations; undefined: Prometheus' global interval. */
  interval: number | undefined;
}

/** One recording rule. Several may share a name, each with labels of its own. */
export interface RecordingRule {
  name: string;
  labels: Readonly<Record<string, string>>;
  expr: string;
  interval: number | undefined;
}

export interface Rules {
  alerts: AlertRule[];
  recordings: RecordingRule[];
}

const duration = v.pipe(v.string(), v.transform(durationSeconds));
const labels = v.optional(v.record(v.string(), v.string()), {});

const rule = v.union([
  v.object({
    alert: v.string(),
    expr: v.string(),
    labels,
    for: v.optional(duration, '0s'),
    keep_firing_for: v.optional(duration, '0s'),
  }),
  v.object({ record: v.string(), expr: v.string(), labels }),
]);

const ruleFile = v.object({
  groups: v.array(v.object({ name: v.string(), interval: v.optional(duration), rules: v.optional(v.array(rule), []) })),
});

/**
 * The rules of a file, or of every `*.yml` of a folder but promtool's tests; of the alerts only the one that is named.
 * @throws Error that names the file, RangeError for an alert that is not there.
 */
export function readRules(path: string, alert?: string): Rules {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const files = isFolder ? globSync('*.yml', { cwd: path }).map((name) => join(path, name)) : [path];
  const rules: Rules = { alerts: [], recordings: [] };
  for (const file of files.filter((name) => !name.endsWith('.test.yml')).sort()) {
    try {
      addRules(rules, readFileSync(file, 'utf8'));
    } catch (cause) {
      throw new Error(`Cannot read ${file}: ${(cause as Error).message}. Give a rule file or a folder of them.`, {
        cause,
      });
    }
  }
  if (alert === undefined) return rules;
  const alerts = rules.alerts.filter(({ name }) => name === alert);
  if (alerts.length > 0) return { ...rules, alerts };
  const nearby = nearest(alert, new Set(rules.alerts.map(({ name }) => name)));
  throw new RangeError(`Cannot find the alert "${alert}" in ${path}. The nearest name is ${nearby}.`);
}

/** Adds the rules of one file's text. */
function addRules(rules: Rules, text: string): Rules {
  for (const { name: group, interval, rules: own } of v.parse(ruleFile, load(text)).groups) {
    for (const each of own) {
      if ('record' in each) {
        const { record: name, expr, labels } = each;
        rules.recordings.push({ name, expr, labels, interval });
      } else {
        const { alert: name, expr, labels, for: hold, keep_firing_for: keep } = each;
        rules.alerts.push({ name, expr, labels, hold, keep, group, interval });
      }
    }
  }
  return rules;
}
