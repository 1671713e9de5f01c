import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import type { Incident } from './incident.ts';
import { movesOf } from './ladder.ts';

/** When something is to be done next: a move of the ladder, a message or a remedy to send, a sender that should have answered. */
export function dueAt(policy: Policy, incident: Incident): Instant | null {
  const times = [
    ...movesOf(policy, incident).map(({ at }) => at),
    ...incident.deliveries
      .filter(({ state }) => state === 'waiting' || state === 'sending')
      .map(({ attemptAt }) => attemptAt),
    ...incident.hookRuns
      .filter(({ state }) => state === 'waiting' || state === 'running')
      .map(({ attemptAt }) => attemptAt),
  ];
  return times.length > 0 ? Math.min(...times) : null;
}
