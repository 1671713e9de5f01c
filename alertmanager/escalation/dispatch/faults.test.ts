/** What fails is tried again, goes another way, and is never lost. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChannelError } from '../channels/channel.ts';
import { scaled } from '../policy/scaled.ts';
import { testPolicy, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world[Symbol.asyncDispose]());

const minute = 60_000;
const refuses = () => {
  throw new ChannelError('revoked', { retryable: false });
};
const fails = () => {
  throw new ChannelError('down', { retryable: true });
};

test('X05 an escalation killed between send and record is sent again with the same key', async () => {
  const never = new Promise<boolean>(() => {});
  let sent = false;
  const dying = world.dispatcher({
    store: { ...bound(), save: (incident) => (sent ? never : world.store.save(incident)) },
  });
  world.receive = () => {
    sent = true;
  };
  dying.poke(await world.opens());
  await world.pass(0);
  expect(world.sent).toHaveLength(2);

  world.dispatcher().start();
  await world.pass(10_000);
  expect(world.sent, 'the other might still be at it').toHaveLength(2);
  await world.pass(10_000);
  expect(world.sent).toHaveLength(4);
  const keys = world.sent.map(({ message }) => message.key);
  expect(keys.slice(2)).toEqual(keys.slice(0, 2));
  const saved = await world.store.byId(world.sent[0]?.message.incident.id as string);
  expect(saved?.deliveries.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['sent', 2],
    ['sent', 2],
  ]);
});

test('X05 with 30 % of errors every one of 300 incidents is told, in the order of its steps', {
  timeout: 60_000,
}, async () => {
  const random = seeded(7);
  world.policy = scaled(testPolicy(), 5);
  world.receive = () => {
    if (random() < 0.3) throw new ChannelError('by chance', { retryable: true });
  };
  const dispatcher = world.dispatcher({ random });
  dispatcher.start();
  const incidents = [];
  for (let index = 0; index < 300; index++) {
    const incident = await world.opens(index % 3 === 0 ? 'critical' : 'info');
    incidents.push(incident);
    dispatcher.poke(incident);
  }
  await world.pass(4 * minute);
  for (const { id } of incidents) {
    const { deliveries } = (await world.store.byId(id)) as NonNullable<Awaited<ReturnType<typeof world.store.byId>>>;
    const alerts = deliveries.filter(({ message }) => message === 'alert');
    expect(alerts.map(({ channel }) => channel)).toEqual(['slack', 'discord', 'email', 'pagerduty']);
    expect(alerts.every(({ state }) => state === 'sent' || state === 'failed')).toBe(true);
    expect(alerts.filter(({ state }) => state === 'sent').length).toBeGreaterThan(0);
    const tried = world.sent.filter(({ message }) => message.incident.id === id);
    const steps = tried.map(({ message }) => deliveries.find(({ key }) => key === message.key)?.step as number);
    expect(steps, 'no step before the one below').toEqual(steps.toSorted((a, b) => a - b));
  }
  expect(world.errors).toEqual([]);
});

test('X05 a channel that fails falls through within a minute, not after five', async () => {
  world.receive = ({ channel }) => {
    if (channel !== 'email') fails();
  };
  const dispatcher = world.dispatcher({ random: () => 1 });
  dispatcher.poke(await world.opens());
  dispatcher.start();
  await world.pass(minute);
  const [first] = world.sent;
  const tried = world.to('slack').map(({ at }) => (at - (first?.at as number)) / 1000);
  expect(tried).toEqual([0, 1, 3, 7, 15, 30, 45]);
  expect(world.to('email')).toHaveLength(1);
  expect(world.to('email')[0]?.at as number).toBeLessThanOrEqual((first?.at as number) + minute);
});

test('X05 what is refused for good is followed by the next step at once, the log at the end', async () => {
  world.receive = ({ channel }) => {
    if (channel !== 'log') refuses();
  };
  const dispatcher = world.dispatcher();
  dispatcher.start();
  const { id } = await world.opens();
  await world.pass(2000);
  expect(world.sent.map(({ channel }) => channel)).toEqual(['slack', 'discord', 'email', 'pagerduty', ...rest()]);
  const saved = await world.store.byId(id);
  expect(saved?.deliveries.find(({ channel }) => channel === 'slack')).toMatchObject({
    state: 'failed',
    reason: 'revoked',
  });

  function rest(): string[] {
    const tail = world.sent.slice(4).map(({ channel }) => channel);
    expect(tail.at(-1)).toBe('log');
    return tail;
  }
});

test('X05 a channel in a moment of trouble is waited for, and then sends all of it', async () => {
  let down = true;
  world.receive = ({ channel }) => {
    if (channel === 'slack' && down) fails();
  };
  const dispatcher = world.dispatcher({ random: () => 1 });
  dispatcher.start();
  for (let index = 0; index < 60; index++) dispatcher.poke(await world.opens());
  await world.settle();
  const tried = world.to('slack').length;
  await world.pass(2000);
  expect(world.to('slack'), 'left alone').toHaveLength(tried);
  down = false;
  await world.pass(20_000);
  expect(world.breakers).toEqual(['slack open', 'slack halfOpen', 'slack closed']);
  const incidents = await world.store.list({ limit: 100 });
  expect(incidents.map(({ deliveries }) => deliveries[0]?.state)).toEqual(Array(60).fill('sent'));
  expect(world.to('email')).toEqual([]);
});

test('X05 a channel that is down is not waited for: the next step comes at once, until it is back', async () => {
  let down = true;
  world.receive = ({ channel }) => {
    if (channel !== 'email' && down) fails();
  };
  const dispatcher = world.dispatcher({ random: () => 1 });
  dispatcher.start();
  for (let index = 0; index < 12; index++) dispatcher.poke(await world.opens());
  await world.pass(22_000);
  const ofSlack = world.breakers.filter((change) => change.startsWith('slack'));
  expect(ofSlack).toEqual(['slack open', 'slack halfOpen', 'slack open', 'slack halfOpen', 'slack open']);
  const tried = world.to('slack').length;
  const { id } = await world.opens();
  await world.pass(1000);
  expect(world.to('slack')).toHaveLength(tried);
  expect(world.to('email').map(({ message }) => message.incident.id)).toContain(id);
  expect((await world.store.byId(id))?.deliveries[0]).toMatchObject({
    state: 'failed',
    attempts: 0,
    reason: '"slack" has failed again and again, and is left alone for a while',
  });
  down = false;
  await world.pass(40_000);
  dispatcher.poke(await world.opens());
  await world.settle();
  expect(dispatcher.state().breakers).toMatchObject({ slack: 'closed', discord: 'closed' });
});

test('X05 a store that fails for a while loses nothing, and nothing is sent twice for it', async () => {
  let broken = false;
  const check = () => {
    if (broken) throw new Error('disk full');
  };
  const store = {
    ...bound(),
    due: async (...given: Parameters<typeof world.store.due>) => {
      check();
      return world.store.due(...given);
    },
    save: async (...given: Parameters<typeof world.store.save>) => {
      check();
      return world.store.save(...given);
    },
  };
  const dispatcher = world.dispatcher({ store });
  world.receive = () => {
    broken = true;
  };
  dispatcher.start();
  const { id } = await world.opens();
  await world.pass(3000);
  expect(world.sent).toHaveLength(2);
  expect(world.errors.length).toBeGreaterThan(2);
  broken = false;
  await world.pass(10_000);
  expect((await world.store.byId(id))?.deliveries.map(({ state }) => state)).toEqual(['sent', 'sent']);
  expect(world.sent).toHaveLength(2);
});

test('X05 whoever was faster in saving is listened to, and nothing is sent that was not saved', async () => {
  const { id } = await world.opens();
  let races = 0;
  const store = {
    ...bound(),
    save: async (...given: Parameters<typeof world.store.save>) => {
      if (races++ < 3) return false;
      return world.store.save(...given);
    },
  };
  const dispatcher = world.dispatcher({ store });
  dispatcher.start();
  await world.pass(1000);
  expect(races).toBeGreaterThan(3);
  expect(world.sent.map(({ message }) => message.key)).toEqual([`${id}/1`, `${id}/2`]);
});

test('X05 a receiver that never answers is left after its time limit, and holds up nobody else', async () => {
  world.policy = testPolicy({ slack: { timeoutMs: 20 } });
  world.receive = ({ channel }) => (channel === 'slack' ? new Promise(() => {}) : undefined);
  const dispatcher = world.dispatcher();
  dispatcher.poke(await world.opens());
  await world.settle();
  expect(world.to('discord')).toHaveLength(1);
  await expect
    .poll(async () => (await world.store.list({ limit: 1 }))[0]?.deliveries[0])
    .toMatchObject({ state: 'waiting', attempts: 1, reason: 'no answer in time' });
});

function bound() {
  const { store } = world;
  return {
    byId: store.byId.bind(store),
    save: store.save.bind(store),
    due: store.due.bind(store),
    unresolved: store.unresolved.bind(store),
  };
}

/** mulberry32: the same chances in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
