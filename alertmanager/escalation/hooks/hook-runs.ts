/** Which hooks an incident starts, and which it undoes. Pure: `decide` asks after each event. */

import type { Instant } from '../clock.ts';
import type { HookRun, Incident, SeenAlert } from '../incident/incident.ts';
import type { HookConfig } from './hook-config.ts';
import { remedies } from './remedies.ts';

type Hooks = Readonly<Record<string, HookConfig>>;

/**
 * The incident's hook runs as they should be now: those it has, and the ones that follow from its alerts. Open: each hook that
 * is on a firing alert, once for each set of parameters since the incident (re)opened. Resolved: what was not begun is
 * dropped, what was done is undone by its `onResolve`. Given its own result, it changes nothing.
 */
export function hookRunsOf(hooks: Hooks, incident: Incident, now: Instant): readonly HookRun[] {
  return incident.state === 'resolved' ? undone(hooks, incident, now) : started(hooks, incident, now);
}

function started(hooks: Hooks, incident: Incident, now: Instant): readonly HookRun[] {
  const openedAt = incident.reopenedAt.at(-1) ?? incident.openedAt;
  const runs = [...incident.hookRuns];
  for (const [name, hook] of Object.entries(hooks)) {
    for (const alert of incident.alerts) {
      if (alert.status !== 'firing' || !isOn(hook, alert)) continue;
      const { parameters, wrong } = parametersOf(hook, { ...alert.labels, ...factsOf(incident) });
      const same = runs.some(
        (run) => run.hook === name && run.createdAt >= openedAt && isSame(run.parameters, parameters),
      );
      if (!same) runs.push(newRun(incident, runs.length, name, hook, { parameters, wrong, dryRun: hook.dryRun, now }));
    }
  }
  return runs.length === incident.hookRuns.length ? incident.hookRuns : runs;
}

function undone(hooks: Hooks, incident: Incident, now: Instant): readonly HookRun[] {
  const runs = incident.hookRuns.map((run) =>
    // One that undoes another is wanted now of all times.
    (run.state === 'proposed' || run.state === 'waiting') && !undoes(hooks, incident, run)
      ? { ...run, state: 'refused' as const, endedAt: now, result: 'Not done: the incident was resolved before.' }
      : run,
  );
  for (const run of incident.hookRuns) {
    const name = hooks[run.hook]?.onResolve;
    const hook = name === undefined ? undefined : hooks[name];
    if (run.state !== 'done' || !name || !hook) continue;
    const known = { ...incident.alerts[0]?.labels, ...run.parameters, ...factsOf(incident) };
    const { parameters, wrong } = parametersOf(hook, known);
    const same = runs.some(
      (other) =>
        other.hook === name &&
        other.createdAt >= (run.endedAt ?? run.createdAt) &&
        isSame(other.parameters, parameters),
    );
    // What was only said is only said to be undone.
    if (!same)
      runs.push(
        newRun(incident, runs.length, name, hook, { parameters, wrong, dryRun: hook.dryRun || run.dryRun, now }),
      );
  }
  return runs;
}

/** Whether a run undoes an earlier one of the incident. */
function undoes(hooks: Hooks, incident: Incident, run: HookRun): boolean {
  return incident.hookRuns.some(
    (other) => hooks[other.hook]?.onResolve === run.hook && other.state === 'done' && other.createdAt <= run.createdAt,
  );
}

/** Whether an alert is what a hook waits for. */
export function isOn({ on }: HookConfig, { labels }: Pick<SeenAlert, 'labels'>): boolean {
  if (!on) return false;
  const alertname = labels.alertname ?? '';
  return (
    (on.alertname?.includes(alertname) ?? true) &&
    (on.remedy === undefined || (remedies[on.remedy] as readonly string[]).includes(alertname)) &&
    Object.entries(on.labels).every(([name, value]) => labels[name] === value)
  );
}

/** The values that a hook allows, each only if the whole of it fits its pattern. `wrong`: why it cannot run with them. */
export function parametersOf(
  { with: allowed }: HookConfig,
  known: Readonly<Record<string, string>>,
): { parameters: Record<string, string>; wrong?: string } {
  const parameters: Record<string, string> = {};
  for (const [name, pattern] of Object.entries(allowed)) {
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value === undefined) return { parameters, wrong: `the alert has no label "${name}"` };
    if (!fits(value, pattern)) return { parameters, wrong: `"${name}" is not of the form ${pattern}` };
    parameters[name] = value;
  }
  return { parameters };
}

const longest = 1000;

/** Whether the whole value is of the form. No line break or other control character ever is. */
export function fits(value: string, pattern: string): boolean {
  return value.length <= longest && !/\p{Cc}/u.test(value) && new RegExp(`^(?:${pattern})$`, 'v').test(value);
}

function factsOf({ id, title, severity, team }: Incident): Record<string, string> {
  return { 'incident.id': id, 'incident.title': title, 'incident.severity': severity, 'incident.team': team };
}

interface Made {
  parameters: Record<string, string>;
  wrong: string | undefined;
  dryRun: boolean;
  now: Instant;
}

function newRun(
  { id }: Incident,
  before: number,
  name: string,
  hook: HookConfig,
  { parameters, wrong, dryRun, now }: Made,
): HookRun {
  const run = { key: `${id}/hook/${before + 1}`, hook: name, parameters, dryRun, createdAt: now, attemptAt: now };
  if (wrong) return { ...run, state: 'refused', endedAt: now, result: `Not done: ${wrong}.` };
  // Saying what would be done needs nobody's yes.
  return { ...run, state: hook.approval && !dryRun ? 'proposed' : 'waiting' };
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
