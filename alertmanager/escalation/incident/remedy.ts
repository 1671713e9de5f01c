/** Remedies as part of an incident: begun by its alerts, allowed or refused by people, run by the runner, undone at the end. */

import type { Instant } from '../clock.ts';
import { hookRunsOf } from '../hooks/hook-runs.ts';
import { type Event, Refused } from './event.ts';
import type { HookRun } from './incident.ts';
import type { Turn } from './turn.ts';

type Of<Kind extends Event['kind']> = Extract<Event, { kind: Kind }>;

/** Alerts of many agents can ask for many runs: more than this are a trouble of their own. */
const mostRuns = 100;
const longestResult = 2000;

/** Adds what the alerts ask for, and what the end of the incident undoes. */
export function followHooks(turn: Turn): void {
  const { policy, draft, now } = turn;
  const before = new Map(draft.hookRuns.map((run) => [run.key, run]));
  const runs = hookRunsOf(policy.hooks, draft, now);
  if (runs === draft.hookRuns) return;
  // What was done is undone, however much it was.
  draft.hookRuns = draft.state === 'resolved' ? runs : runs.slice(0, Math.max(mostRuns, draft.hookRuns.length));
  for (const run of draft.hookRuns) {
    if (before.get(run.key)?.state === run.state) continue;
    const { key, hook, parameters, dryRun, result } = run;
    const what =
      run.state === 'proposed' ? 'remedy proposed' : run.state === 'waiting' ? 'remedy waiting' : 'remedy refused';
    turn.record('policy', what, { ...(result && { why: result }), data: { key, hook, parameters, dryRun } });
  }
}

/** The runner takes it, also from one that died: its time is over then. (hook-runner.ts) */
export function claimHook(turn: Turn, run: HookRun, until: Instant): void {
  const { key, hook, state, parameters, dryRun, attemptAt } = run;
  const left = state === 'running' && attemptAt <= turn.now;
  if (state !== 'waiting' && !left) throw new Refused(`Cannot run ${key}: it is ${state}. Take the next one.`);
  change(turn, key, { state: 'running', attemptAt: until });
  turn.record(hook, 'remedy started', {
    ...(left && { why: 'whoever ran it has not answered in time' }),
    data: { key, parameters, dryRun },
  });
}

export function answerHook(turn: Turn, { kind, key, by, via }: Of<'approveHook' | 'refuseHook'>): void {
  const yes = kind === 'approveHook';
  const { hook, state, parameters } = find(turn, key);
  if (state !== 'proposed')
    throw new Refused(
      `Cannot ${yes ? 'approve' : 'refuse'} ${key}: it is ${state}. Only what is proposed waits for a yes.`,
    );
  change(
    turn,
    key,
    yes
      ? { state: 'waiting', approvedBy: by, attemptAt: turn.now }
      : { state: 'refused', endedAt: turn.now, result: `Refused by ${by}.` },
  );
  turn.record(by, yes ? 'remedy approved' : 'remedy refused', { why: `by ${via}`, data: { key, hook, parameters } });
}

/** It came to its end; what a late runner reports of a run that was given up is believed as well. */
export function endHook(turn: Turn, { key, ok, result }: Of<'hookEnded'>): void {
  const { hook, dryRun } = find(turn, key);
  const short = result.length > longestResult ? `${result.slice(0, longestResult - 1)}…` : result;
  change(turn, key, { state: ok ? 'done' : 'failed', endedAt: turn.now, result: short });
  turn.record(hook, ok ? 'remedy done' : 'remedy failed', { why: short, data: { key, dryRun } });
}

export function find({ draft }: Turn, key: string): HookRun {
  const run = draft.hookRuns.find((each) => each.key === key);
  if (!run) throw new Refused(`Cannot find the remedy ${key} of ${draft.id}. List them on the incident's page.`);
  return run;
}

function change({ draft }: Turn, key: string, changes: Partial<HookRun>): void {
  draft.hookRuns = draft.hookRuns.map((run) => (run.key === key ? { ...run, ...changes } : run));
}
