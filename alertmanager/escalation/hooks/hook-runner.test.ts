import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type Event, Refused } from '../incident/event.ts';
import type { HookRun, Incident } from '../incident/incident.ts';
import { type HookInput, hookConfig } from './hook-config.ts';
import { type HookRunner, runDueHooks } from './hook-runner.ts';
import { lockOf, takeStart } from './limits.ts';

const at = Date.UTC(2026, 10, 26, 9);
const minuteMs = 60_000;

/** Leases as a store keeps them. */
function leases() {
  const held = new Map<string, { holder: string; until: number }>();
  return {
    held,
    async lease(name: string, holder: string, until: number, now: number) {
      const current = held.get(name);
      if (current && current.holder !== holder && current.until > now) return false;
      held.set(name, { holder, until });
      return true;
    },
    async release(name: string, holder: string) {
      if (held.get(name)?.holder === holder) held.delete(name);
    },
  };
}

const hook = (given: Partial<HookInput> = {}) =>
  v.parse(hookConfig, { kind: 'command', program: '/nowhere/program', timeout: '10s', ...given });

const newRun = (number: number, given: Partial<HookRun> = {}): HookRun => ({
  ...{
    key: `i/hook/${number}`,
    hook: 'h',
    parameters: {},
    state: 'waiting',
    dryRun: true,
    createdAt: at,
    attemptAt: at,
  },
  ...given,
});

/** A world in which decisions are what `decide` makes of claims and ends of hooks. */
function world(runs: HookRun[], hooks: Record<string, ReturnType<typeof hook>>, store = leases()) {
  let now = at;
  const told: Event[] = [];
  let hookRuns = runs;
  const incident = () => ({ id: 'i', hookRuns }) as unknown as Incident;
  const runner: HookRunner = {
    ...{ store, env: {}, hooks: () => hooks, now: () => now },
    secret: () => '',
    async change(_, event) {
      told.push(event);
      hookRuns = hookRuns.map((run) => {
        if (!('key' in event) || run.key !== event.key) return run;
        if (event.kind === 'claim') {
          const free = run.state === 'waiting' || (run.state === 'running' && run.attemptAt <= now);
          if (!free) throw new Refused(`Cannot run ${run.key}: it is ${run.state}.`);
          return { ...run, state: 'running', attemptAt: event.until };
        }
        return event.kind === 'hookEnded' ? { ...run, state: event.ok ? 'done' : 'failed', result: event.result } : run;
      });
      return incident();
    },
  };
  return {
    ...{ runner, told, store, incident },
    run: (signal = new AbortController().signal) => runDueHooks(incident(), runner, signal),
    states: () => hookRuns.map(({ state }) => state),
    results: () => hookRuns.map(({ result }) => result),
    pass: (ms: number) => (now += ms),
  };
}

test('X04 a hook run that is due is claimed, run, and its end is told; the lock is free again', async () => {
  const ended: unknown[] = [];
  const { run, told, store, runner, results } = world([newRun(1), newRun(2, { state: 'proposed' })], { h: hook() });
  runner.onEnd = (name, { ok, dryRun }) => ended.push({ name, ok, dryRun });
  await run();
  expect(told.map(({ kind }) => kind)).toEqual(['claim', 'hookEnded']);
  expect(told[0]).toMatchObject({ key: 'i/hook/1', until: at + 20_000 });
  expect(results()[0]).toMatch(/^Dry run\. Would fail: Cannot run \/nowhere\/program/);
  expect(store.held.has(lockOf('h', {}))).toBe(false);
  expect(ended).toEqual([{ name: 'h', ok: false, dryRun: true }]);
});

test('X04 one that is not due, ended, or runs elsewhere is left alone', async () => {
  const { run, told } = world(
    [
      newRun(1, { attemptAt: at + 1 }),
      newRun(2, { state: 'running', attemptAt: at + minuteMs }),
      ...(['done', 'failed', 'refused', 'proposed'] as const).map((state, index) => newRun(3 + index, { state })),
    ],
    { h: hook() },
  );
  await run();
  expect(told).toEqual([]);
});

test('X04 one whose process has died is run again, with the same key', async () => {
  const { run, told } = world([newRun(1, { state: 'running', attemptAt: at })], { h: hook() });
  await run();
  expect(told.map((event) => 'key' in event && event.key)).toEqual(['i/hook/1', 'i/hook/1']);
});

test('X04 hooks with one lock do not run at once: the second waits, and runs when the first has ended', async () => {
  const { run, states, store } = world([newRun(1)], { h: hook({ lock: 'fleet' }) });
  await store.lease('hook/lock/fleet', 'another process', at + minuteMs, at);
  await run();
  expect(states()).toEqual(['waiting']);
  await store.release('hook/lock/fleet', 'another process');
  await run();
  expect(states()).toEqual(['failed']);
});

test('X04 the lock of a process that died is free when its time is over', async () => {
  const { run, states, store, pass } = world([newRun(1)], { h: hook() });
  await store.lease('hook/lock/h', 'a dead process', at + minuteMs, at);
  pass(minuteMs - 1);
  await run();
  expect(states()).toEqual(['waiting']);
  pass(1);
  await run();
  expect(states()).toEqual(['failed']);
});

test('X04 of ten processes that find a run at once, one runs it', async () => {
  const { runner, incident, told } = world([newRun(1)], { h: hook({ ratePerHour: 1 }) });
  const seen = incident();
  await Promise.all(Array.from({ length: 10 }, () => runDueHooks(seen, runner, new AbortController().signal)));
  expect(told.filter(({ kind }) => kind === 'hookEnded')).toHaveLength(1);
  // Later as well: what they saw is old by then.
  await runDueHooks(seen, runner, new AbortController().signal);
  expect(told.filter(({ kind }) => kind === 'hookEnded')).toHaveLength(1);
});

test('X04 one start too many in an hour is refused in words; an hour after the first, one may start again', async () => {
  const { run, results, states } = world([newRun(1), newRun(2), newRun(3)], { h: hook({ ratePerHour: 2 }) });
  await run();
  expect(states()).toEqual(['failed', 'failed', 'failed']);
  expect(results()[2]).toBe('Not done: it has started 2 times in the last hour.');
  const store = leases();
  const facts = { ratePerHour: 2, timeoutMs: 1000 };
  const starts: string[] = [];
  for (const minute of [0, 20, 40, 59, 60, 70, 80]) {
    const holder = `start at ${minute}`;
    const now = at + minute * minuteMs;
    starts.push(`${minute} ${(await takeStart('h', facts, { store, holder, now })) ? 'ok' : 'tooOften'}`);
  }
  expect(starts).toEqual(['0 ok', '20 ok', '40 tooOften', '59 tooOften', '60 ok', '70 tooOften', '80 ok']);
});

test('X04 a hook that the policy has no more is not run', async () => {
  const { run, results } = world([newRun(1)], {});
  await run();
  expect(results()).toEqual(['Not done: the policy has no hook "h" any more.']);
});

test('X04 a service that stops begins no further hook', async () => {
  const { run, told } = world([newRun(1)], { h: hook() });
  await run(AbortSignal.abort());
  expect(told).toEqual([]);
});
