import { expect, test } from 'vitest';
import { onCall } from './on-call.ts';
import type { Policy, Rotation } from './policy.ts';

const at = (iso: string) => Date.parse(iso);

function policyWith(levels: Record<string, Rotation>): Policy {
  return { timeZone: 'Europe/Berlin', teams: { fleet: { levels } } } as unknown as Policy;
}

const weekly: Rotation = { people: ['anna', 'ben', 'carla'], days: 7, from: '2026-03-02T09:00' };

test('X02 a rotation changes at its local hour, in winter and in summer', () => {
  const policy = policyWith({ L1: weekly });
  const who = (iso: string) => onCall(policy, 'fleet', 'L1', at(iso));
  expect(who('2026-03-02T07:59:59Z')).toBe('carla');
  expect(who('2026-03-02T08:00:00Z')).toBe('anna');
  expect(who('2026-03-09T07:59:59Z')).toBe('anna');
  expect(who('2026-03-09T08:00:00Z')).toBe('ben');
  // The clocks have gone forward in between: nine is an hour earlier.
  expect(who('2026-03-30T06:59:59Z')).toBe('anna');
  expect(who('2026-03-30T07:00:00Z')).toBe('ben');
});

test('X02 in the hour that the clock shows twice, the change comes once', () => {
  const nightly = policyWith({ L1: { people: ['anna', 'ben'], days: 1, from: '2026-10-24T02:30' } });
  const who = (iso: string) => onCall(nightly, 'fleet', 'L1', at(iso));
  expect(who('2026-10-25T00:29:59Z')).toBe('anna');
  expect(who('2026-10-25T00:30:00Z')).toBe('ben');
  expect(who('2026-10-25T01:15:00Z')).toBe('ben');
  expect(who('2026-10-25T01:45:00Z')).toBe('ben');
});

test('X03 where nobody is named at a level, the one below is asked; without people, nobody', () => {
  const policy = policyWith({ L1: { people: ['anna'] }, L3: { people: ['carla'] } });
  expect(onCall(policy, 'fleet', 'L2', 0)).toBe('anna');
  expect(onCall(policy, 'fleet', 'executive', 0)).toBe('carla');
  expect(onCall(policy, 'platform', 'L1', 0)).toBeUndefined();
  expect(onCall(policyWith({ L3: { people: ['carla'] } }), 'fleet', 'L1', 0)).toBeUndefined();
});
