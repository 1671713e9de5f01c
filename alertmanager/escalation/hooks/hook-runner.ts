import { randomUUID } from 'node:crypto';
import type { Instant } from '../clock.ts';
import { type Event, Refused } from '../incident/event.ts';
import type { HookRun, Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import type { HookConfig } from './hook-config.ts';
import { graceMs, leaseEnd, lockOf, takeLock, takeStart } from './limits.ts';
import type { HookDeps, HookResult } from './prepared.ts';
import { runHook } from './run-hook.ts';

export interface HookRunner extends HookDeps {
  hooks(): Readonly<Record<string, HookConfig>>;
  store: Pick<Store, 'lease' | 'release'>;
  /** Loads, decides, saves; again when somebody was faster. Undefined: there is no such incident. */
  change(id: string, event: Event): Promise<Incident | undefined>;
  now(): Instant;
  /** What came of a run, for the metrics. */
  onEnd?(hook: string, result: HookResult & { dryRun: boolean; seconds: number }): void;
}

/**
 * Runs what an incident's hooks have to do now, one after the other. Safe to call from several processes at once: a lease of
 * the store comes first, then the claim in the incident. Killed in between, it is run again when the claim has run out, with
 * the same key.
 */
export async function runDueHooks(incident: Incident, runner: HookRunner, signal: AbortSignal): Promise<void> {
  for (const run of incident.hookRuns) {
    if (signal.aborted) return;
    if (isDue(run, runner.now())) await runOne(incident.id, run, runner, signal);
  }
}

/** Whether a run waits for somebody, or whoever ran it has died. */
export function isDue({ state, attemptAt }: HookRun, now: Instant): boolean {
  return (state === 'waiting' || state === 'running') && attemptAt <= now;
}

async function runOne(id: string, run: HookRun, runner: HookRunner, signal: AbortSignal): Promise<void> {
  const { store, now } = runner;
  const { key, hook } = run;
  const config = runner.hooks()[hook];
  if (!config) {
    const result = `Not done: the policy has no hook "${hook}" any more.`;
    if (await claim(id, key, now() + graceMs, runner)) await end(id, key, { ok: false, result }, runner);
    return;
  }
  // Of this attempt alone: who comes later must not give back what is not theirs.
  const taking = { store, holder: `${key} ${randomUUID()}`, now: now() };
  if (!(await takeLock(hook, config, taking))) return;
  try {
    const mine = await claim(id, key, leaseEnd(config, now()), runner);
    if (!mine) return;
    if (!(await takeStart(hook, config, taking))) {
      const result = `Not done: it has started ${config.ratePerHour} times in the last hour.`;
      await end(id, key, { ok: false, result }, runner);
      return;
    }
    const started = performance.now();
    const result = await runHook(config, mine, runner, signal);
    await end(id, key, result, runner);
    const dryRun = config.dryRun || mine.dryRun;
    runner.onEnd?.(hook, { ...result, dryRun, seconds: (performance.now() - started) / 1000 });
  } finally {
    await store.release(lockOf(hook, config), taking.holder);
  }
}

/** What was seen of an incident may be old: only the claim says whether a run is still to be done, and by whom. */
async function claim(id: string, key: string, until: Instant, { change }: HookRunner): Promise<HookRun | undefined> {
  try {
    const claimed = await change(id, { kind: 'claim', key, until });
    const run = claimed?.hookRuns.find((one) => one.key === key);
    return run?.state === 'running' && run.attemptAt === until ? run : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

async function end(id: string, key: string, { ok, result }: HookResult, { change }: HookRunner): Promise<void> {
  await change(id, { kind: 'hookEnded', key, ok, result });
}
