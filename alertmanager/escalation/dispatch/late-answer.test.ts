import { expect, test } from 'vitest';
import { ChannelError } from '../channels/channel.ts';
import { testPolicy, World } from './testing/world.ts';

test('X05 a failure that is told after another attempt has arrived is no news, and no trouble', async () => {
  await using world = await World.open();
  world.policy = testPolicy({ slack: { timeoutMs: 10_000 } });
  const dispatcher = world.dispatcher();
  const first = Promise.withResolvers<void>();
  let attempts = 0;
  world.receive = ({ channel }) => {
    if (channel === 'slack' && ++attempts === 1) return first.promise;
  };
  dispatcher.start();
  const { id } = await world.opens();
  await world.pass(20_000);
  expect(attempts, 'the lease of the first has run out').toBe(2);
  first.reject(new ChannelError('Slack answered 500.', { retryable: true }));
  await world.settle();
  const [slack] = (await world.store.byId(id))?.deliveries ?? [];
  expect(slack).toMatchObject({ channel: 'slack', state: 'sent', attempts: 2 });
  expect(world.errors).toEqual([]);
});
