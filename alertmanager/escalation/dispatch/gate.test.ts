import { expect, test } from 'vitest';
import { ChannelError } from '../channels/channel.ts';
import type { Incident } from '../incident/incident.ts';
import { someIncident } from '../store/some-incident.ts';
import { Gate } from './gate.ts';

const limits = { ratePerMinute: 100_000, giveUpMs: 60_000 };
const gone = new ChannelError('it is gone', { retryable: true });

test('X05 who is sent another way does not wait for a place any more', () => {
  const gate = new Gate('slack', () => {});
  const asks = (incident: Incident, now: number) => gate.admit(incident, `${incident.id}/1`, limits, now).kind;
  for (let failures = 0; failures < 10; failures++) {
    expect(asks(someIncident('first'), 0)).toBe('go');
    gate.left(gone, limits, 0);
  }
  expect(asks(someIncident('probe'), 20_000)).toBe('go');
  const others = Array.from({ length: 100 }, (_, i) => someIncident(`${i}`));
  expect(new Set(others.map((other) => asks(other, 20_000)))).toEqual(new Set(['busy']));
  expect(gate.parked).toBe(100);
  gate.left(gone, limits, 20_000);
  // The store names them all, not only those that were called.
  expect(new Set(others.map((other) => asks(other, 20_000)))).toEqual(new Set(['wait']));
  expect(gate.parked).toBe(0);
});
