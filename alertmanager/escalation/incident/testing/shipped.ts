/** The shipped policy with somebody on call at every level, and incidents of it that begin on a Monday morning. */
import { defaultPolicy } from '../../policy/default-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { Trial } from './trial.ts';

export const s = 1000;
export const m = 60 * s;
export const h = 60 * m;
/** A Monday morning. */
export const monday = Date.UTC(2026, 0, 5, 9);

const people = {
  anna: { email: 'anna@example.org', contacts: {} },
  ben: { contacts: { pagerduty: 'PBEN' } },
  carla: { email: 'carla@example.org', contacts: { slack: 'UCARLA' } },
  dora: { email: 'dora@example.org', contacts: {} },
};
const fleet = {
  ...defaultPolicy.teams.fleet,
  levels: {
    L1: { people: ['anna'] },
    L2: { people: ['ben'] },
    L3: { people: ['carla'] },
    executive: { people: ['dora'] },
  },
};
export const policy = readPolicy(
  JSON.stringify({ ...defaultPolicy, people, teams: { ...defaultPolicy.teams, fleet } }),
  'policy.json',
);
export const noPeople = readPolicy(JSON.stringify(defaultPolicy), 'policy.json');

export function trial(own: Policy = policy, at = monday): Trial {
  return new Trial(own, at);
}
