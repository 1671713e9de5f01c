import { expect, test } from 'vitest';
import { FleetFaults } from './fleet-faults.ts';

test('who waits for a fault to be over goes on when it is, and not before', async () => {
  const faults = new FleetFaults();
  const { signal } = new AbortController();
  const told: boolean[] = [];
  faults.watch('silent-agent', (isOn) => told.push(isOn));
  faults.set(['silent-agent', 'stuck-approvals']);
  faults.set(['silent-agent']);
  await faults.over('stuck-approvals', signal);
  let over = false;
  const waiting = faults.over('silent-agent', signal).then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  expect([over, told, faults.isOn('silent-agent')]).toEqual([false, [true], true]);
  faults.set([]);
  await waiting;
  expect([over, told, faults.isOn('silent-agent')]).toEqual([true, [true, false], false]);
});

test('who waits for a fault to be over is called off with everything else', async () => {
  const faults = new FleetFaults();
  const stop = new AbortController();
  faults.set(['stuck-approvals']);
  const waiting = faults.over('stuck-approvals', stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
