import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChannelError } from '../channels/channel.ts';
import { someIncident } from '../store/some-incident.ts';
import { testPolicy, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world[Symbol.asyncDispose]());

const minute = 60_000;
test('X05 what was just saved is sent at once, and was claimed on disk before', async () => {
  const dispatcher = world.dispatcher();
  const states: (string | undefined)[] = [];
  world.receive = async ({ message }) => {
    const saved = await world.store.byId(message.incident.id);
    states.push(saved?.deliveries.find(({ key }) => key === message.key)?.state);
  };
  dispatcher.poke(await world.opens());
  await world.settle();
  expect(world.sent.map(({ channel, at }) => [channel, at])).toEqual([
    ['slack', world.now],
    ['discord', world.now],
  ]);
  expect(states).toEqual(['sending', 'sending']);
});

test('X02 a policy that is read anew holds for what is open: a shorter delay comes at once', async () => {
  const told: string[] = [];
  const dispatcher = world.dispatcher({
    onChanged: (_, after) => told.push(...after.journal.map(({ what }) => what)),
  });
  dispatcher.start();
  await world.opens('high');
  await world.pass(2 * minute);
  const severity = world.policy.severities.high;
  const sooner = severity.steps.map((step) => ({ ...step, afterMs: step.afterMs / 5 }));
  world.policy = { ...world.policy, severities: { ...world.policy.severities, high: { ...severity, steps: sooner } } };
  dispatcher.lookAtAll();
  await world.pass(1000);
  expect(world.to('email')).toHaveLength(1);
  expect(told, 'what was decided').toContain('step taken');
});

test('X05 what waits for the lock of a remedy does not hide what is due after it', async () => {
  const run = { hook: 'restart', parameters: {}, state: 'waiting', dryRun: false } as const;
  const at = world.now - 1;
  for (let index = 0; index < 201; index++) {
    const incident = someIncident(`20260101-${index}`, {
      state: 'acknowledged',
      openedAt: at,
      changedAt: at,
      dueAt: at,
    });
    const hookRuns = [{ ...run, key: `${incident.id}/hook/1`, createdAt: at, attemptAt: at }];
    await world.store.save({ ...incident, hookRuns });
  }
  world.dispatcher({ runHooks: async () => {} }).start();
  await world.settle();
  await world.opens();
  await world.pass(1000);
  expect(world.to('slack')).toHaveLength(1);
});

test('X02 each step comes at its time, none after an answer, and whoever was told hears of the end', async () => {
  const dispatcher = world.dispatcher();
  dispatcher.start();
  const { id, openedAt } = await world.opens();
  await world.pass(6 * minute);
  expect(world.sent.map(({ channel, at }) => [channel, at - openedAt])).toEqual([
    ['slack', expect.closeTo(500, -3)],
    ['discord', expect.closeTo(500, -3)],
    ['email', 5 * minute],
  ]);
  await dispatcher.change(id, { kind: 'acknowledge', by: 'Ada', via: 'api' });
  await world.pass(12 * minute);
  expect(world.to('pagerduty'), 'somebody has it').toEqual([]);
  await dispatcher.change(id, { kind: 'resolve', by: 'Ada', via: 'api' });
  await world.pass(1000);
  const resolved = world.sent.filter(({ message }) => message.kind === 'resolved');
  expect(resolved.map(({ channel }) => channel)).toEqual(['slack', 'discord', 'email']);
  expect(resolved[0]?.message.reference, 'it refers to the first message').toBe(`slack ${id}/1`);
});

test('X05 what is over a rate limit waits where it is seen, and the critical ones go first', async () => {
  world.policy = testPolicy({ slack: { ratePerMinute: 60 } });
  const dispatcher = world.dispatcher();
  dispatcher.start();
  for (let index = 0; index < 40; index++) dispatcher.poke(await world.opens('info'));
  await world.settle();
  expect(world.to('slack')).toHaveLength(10);
  const waiting = (await world.store.list({ limit: 100 })).flatMap(({ deliveries }) =>
    deliveries.filter(({ channel, state }) => channel === 'slack' && state === 'waiting'),
  );
  expect(waiting).toHaveLength(30);
  expect(new Set(waiting.map(({ reason }) => reason))).toEqual(new Set(['waits: "slack" takes 60 a minute']));

  dispatcher.poke(await world.opens('critical'));
  await world.pass(3000);
  expect(
    world
      .to('slack')
      .map(({ message }) => message.incident.severity)
      .slice(10),
  ).toContain('critical');
  await world.pass(40_000);
  expect(world.to('slack')).toHaveLength(41);
  const perMinute = world.to('slack').filter(({ at }) => at - (world.to('slack')[0]?.at as number) < minute);
  expect(perMinute.length).toBeLessThanOrEqual(70);
});

test('X05 a critical alert does not wait a minute for a rate limit: the next step comes', async () => {
  world.policy = testPolicy({ slack: { ratePerMinute: 1 }, discord: { ratePerMinute: 1 } });
  const dispatcher = world.dispatcher();
  dispatcher.start();
  for (let index = 0; index < 4; index++) dispatcher.poke(await world.opens('critical'));
  await world.settle();
  expect(world.to('slack')).toHaveLength(1);
  expect(world.to('email').length).toBeGreaterThan(0);
});

test('X05 a receiver that asks for a pause gets one, for all messages', async () => {
  const pausedAt = world.now;
  world.receive = ({ channel, at }) => {
    if (channel === 'slack' && at < pausedAt + 20_000)
      throw new ChannelError('429', { retryable: true, retryAfterMs: 20_000 });
  };
  const dispatcher = world.dispatcher({ random: () => 0 });
  dispatcher.start();
  dispatcher.poke(await world.opens());
  await world.settle();
  dispatcher.poke(await world.opens());
  await world.pass(19_000);
  expect(world.to('slack')).toHaveLength(1);
  await world.pass(3000);
  expect(world.to('slack')).toHaveLength(3);
  expect(world.breakers).toEqual([]);
});

test('X05 poked fifty times, an incident is sent once', async () => {
  const incident = await world.opens();
  const dispatcher = world.dispatcher();
  dispatcher.start();
  for (let index = 0; index < 50; index++) {
    dispatcher.poke(incident);
    dispatcher.poke();
  }
  await world.pass(5000);
  expect(world.sent).toHaveLength(2);
});

test('X05 at a start every open incident is looked at, also where the clock was set back', async () => {
  world.now += 10 * minute;
  await world.opens();
  world.now -= 10 * minute;
  world.dispatcher().start();
  await world.pass(1000);
  expect(world.to('slack')).toHaveLength(1);
});

test('X05 a slow channel sends 32 at once and no more; the others do not wait for it', async () => {
  const slow: (() => void)[] = [];
  world.receive = ({ channel }) => (channel === 'slack' ? new Promise((resolve) => slow.push(resolve)) : undefined);
  const dispatcher = world.dispatcher();
  dispatcher.start();
  for (let index = 0; index < 120; index++) dispatcher.poke(await world.opens());
  await world.pass(1000);
  expect(world.to('slack')).toHaveLength(32);
  expect(world.to('discord')).toHaveLength(120);
  expect(dispatcher.state().waitingForSender).toBe(88);
  for (let round = 0; round < 8; round++) {
    for (const answer of slow.splice(0)) answer();
    await world.settle();
  }
  expect(world.to('slack')).toHaveLength(120);
  expect(new Set(world.to('slack').map(({ message }) => message.key)).size).toBe(120);
});

test('X05 a close waits for what is being sent, and begins nothing more', async () => {
  let answer: () => void = () => {};
  world.receive = ({ channel }) =>
    channel === 'slack'
      ? new Promise<void>((resolve) => {
          answer = resolve;
        })
      : undefined;
  const dispatcher = world.dispatcher();
  dispatcher.poke(await world.opens());
  await world.settle();
  let closed = false;
  const closing = dispatcher.close(10_000).then(() => {
    closed = true;
  });
  dispatcher.poke(await world.opens());
  await world.settle();
  expect(closed).toBe(false);
  answer();
  await world.settle();
  await closing;
  expect(world.sent).toHaveLength(2);
  expect((await world.store.list({ limit: 9 })).map(({ deliveries }) => deliveries[0]?.state).sort()).toEqual([
    'sent',
    'waiting',
  ]);
});

test('X05 a close ends what takes too long, and leaves it for the next process at once', async () => {
  world.receive = ({ channel }, signal) =>
    channel === 'slack'
      ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : undefined;
  const dispatcher = world.dispatcher({ random: () => 0 });
  const { id } = await world.opens();
  dispatcher.poke(await (world.store.byId(id) as never));
  await world.settle();
  const closing = dispatcher.close(1000);
  await world.pass(3000);
  await closing;
  expect((await world.store.byId(id))?.deliveries[0]).toMatchObject({ state: 'waiting', reason: 'the service stops' });
});

test('X04 remedies that are due are run, one call at a time, and their result is saved through the line', async () => {
  const incident = await world.opens();
  const key = `${incident.id}/hook/1`;
  const run = {
    ...{ key, hook: 'pause', parameters: {}, state: 'waiting' as const, dryRun: true },
    createdAt: world.now,
    attemptAt: world.now,
  };
  await world.store.save({ ...incident, version: 2, journal: [], hookRuns: [run] });
  const calls: string[] = [];
  const dispatcher = world.dispatcher({
    runHooks: async ({ hookRuns }) => {
      calls.push(...hookRuns.map(({ state }) => state));
      await dispatcher.change(incident.id, { kind: 'claim', key, until: world.now + 5000 });
      await dispatcher.change(incident.id, { kind: 'hookEnded', key, ok: true, result: 'Dry run.' });
    },
  });
  dispatcher.start();
  await world.pass(5000);
  expect(calls).toEqual(['waiting']);
  expect((await world.store.byId(incident.id))?.hookRuns[0]).toMatchObject({ state: 'done', result: 'Dry run.' });
  await expect(dispatcher.change(incident.id, { kind: 'claim', key, until: 1 })).rejects.toThrow('Cannot run');
  expect(await dispatcher.change('none', { kind: 'tick' })).toBeUndefined();
});

test('X06 several decisions in one save are numbered through in the trail', async () => {
  const dispatcher = world.dispatcher();
  dispatcher.start();
  const { id } = await world.opens();
  await world.pass(6 * minute);
  const trail = await world.store.historyOf(id);
  expect(trail.map(({ what }) => what)).toEqual(expect.arrayContaining(['opened', 'step taken', 'sent']));
  expect(new Set(trail.map((entry) => entry.id)).size).toBe(trail.length);
});
