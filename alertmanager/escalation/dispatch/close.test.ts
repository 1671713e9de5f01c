/** The end of a process that cannot save any more. */
import { expect, test } from 'vitest';
import { World } from './testing/world.ts';

test('X05 a store that is gone keeps no process: what could not be saved is left to the next one', async () => {
  await using world = await World.open();
  const { id } = await world.opens();
  let broken = false;
  const save: typeof world.store.save = async (incident) => {
    if (broken) throw new Error('gone');
    return world.store.save(incident);
  };
  const store = {
    save,
    byId: world.store.byId.bind(world.store),
    due: world.store.due.bind(world.store),
    unresolved: world.store.unresolved.bind(world.store),
  };
  // What is sent is on its way when the store goes.
  world.receive = () => {
    broken = true;
  };
  const dispatcher = world.dispatcher({ store });
  dispatcher.start();
  await world.pass(1000);
  expect(world.errors).toContain(`decide on ${id}: gone`);

  const closed = dispatcher.close(100);
  await world.pass(2000);
  await closed;
  await world.settle();
  const errors = world.errors.length;
  await world.pass(60_000);
  expect(world.errors).toHaveLength(errors);
  expect(dispatcher.state().atWork).toBe(0);
});
