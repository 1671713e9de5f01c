import { expect, test } from 'vitest';
import { defaultPolicy } from '../policy/default-policy.ts';
import type { PolicyInput } from '../policy/policy-file.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { Trial } from './testing/trial.ts';

const m = 60_000;
const monday = Date.UTC(2026, 0, 5, 9);
const key = '20260105-090000-test/hook/1';
const who = { by: 'anna', via: 'api' } as const;

/** An incident whose alert asks for a pause of the agent; `resume` undoes it. */
function trial(pause: { approval?: boolean; dryRun?: boolean } = {}): Trial {
  const hooks: PolicyInput['hooks'] = {
    pause: {
      ...{ kind: 'http', url: 'https://fleet.example/pause/{agent_name}', with: { agent_name: '[a-z]+' } },
      ...{ on: { alertname: ['AgentSilent'] }, onResolve: 'resume', dryRun: false },
      ...pause,
    },
    resume: {
      ...{
        kind: 'http',
        url: 'https://fleet.example/resume/{agent_name}',
        with: { agent_name: '[a-z]+' },
        dryRun: false,
      },
    },
  };
  const it = new Trial(readPolicy(JSON.stringify({ ...defaultPolicy, hooks }), 'policy.json'), monday);
  it.fires('critical');
  return it;
}

const states = (it: Trial) =>
  it.incident.hookRuns.map(({ hook, state, parameters }) => [hook, parameters.agent_name, state]);

test('X04 an alert starts the remedy that is for it; what was done is undone when it is over', () => {
  const it = trial();
  expect(states(it)).toEqual([['pause', 'a', 'waiting']]);
  it.fires('critical', 'a', 'b');
  it.fires('critical', 'a', 'b');
  expect(states(it)).toEqual([
    ['pause', 'a', 'waiting'],
    ['pause', 'b', 'waiting'],
  ]);
  it.happens({ kind: 'claim', key, until: it.now + 1 * m });
  expect(() => it.happens({ kind: 'claim', key, until: it.now + 2 * m })).toThrow('it is running. Take the next one.');
  it.happens({ kind: 'hookEnded', key, ok: true, result: 'HTTP 200' });
  it.ends('critical', 'a', 'b');
  expect(states(it)).toEqual([
    ['pause', 'a', 'done'],
    ['pause', 'b', 'refused'],
    ['resume', 'a', 'waiting'],
  ]);
});

test('X04 what needs a yes waits for it, and can be refused', () => {
  const it = trial({ approval: true });
  expect(states(it)).toEqual([['pause', 'a', 'proposed']]);
  expect(() => it.happens({ kind: 'claim', key, until: it.now + 1 * m })).toThrow('it is proposed');
  it.happens({ kind: 'approveHook', key, ...who });
  expect(it.incident.hookRuns[0]).toMatchObject({ state: 'waiting', approvedBy: 'anna' });
  expect(() => it.happens({ kind: 'refuseHook', key, ...who })).toThrow('Only what is proposed waits for a yes.');

  const other = trial({ approval: true });
  other.happens({ kind: 'refuseHook', key, ...who });
  expect(other.incident.hookRuns[0]).toMatchObject({ state: 'refused', result: 'Refused by anna.' });
  expect(() => other.happens({ kind: 'approveHook', key: `${key}0`, ...who })).toThrow('Cannot find the remedy');
});

test('X05 a remedy whose runner died is due again when its time is over, under the same key', () => {
  const it = trial();
  it.happens({ kind: 'claim', key, until: it.now + 1 * m });
  expect(it.incident.dueAt).toBe(it.now + 1 * m);
  it.now += 1 * m;
  it.happens({ kind: 'claim', key, until: it.now + 1 * m });
  it.happens({ kind: 'hookEnded', key, ok: false, result: 'HTTP 500' });
  expect(it.incident.hookRuns).toMatchObject([{ key, state: 'failed', result: 'HTTP 500' }]);
});

test('X06 a remedy is written down from its beginning to its end', () => {
  const it = trial({ approval: true });
  const journal: string[] = [];
  it.watch = (after) =>
    journal.push(
      ...after.journal.filter(({ what }) => what.startsWith('remedy')).map(({ who, what }) => `${who}: ${what}`),
    );
  it.fires('critical', 'b');
  it.happens({ kind: 'approveHook', key, ...who });
  it.happens({ kind: 'claim', key, until: it.now + 1 * m });
  it.happens({ kind: 'hookEnded', key, ok: true, result: 'HTTP 200' });
  it.ends('critical', 'a', 'b');
  expect(journal).toEqual([
    ...['policy: remedy proposed', 'anna: remedy approved', 'pause: remedy started', 'pause: remedy done'],
    ...['policy: remedy refused', 'policy: remedy waiting'],
  ]);
});
