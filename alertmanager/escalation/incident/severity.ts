import { type Severity, severities } from '../../routes.ts';
import type { Policy } from '../policy/policy.ts';
import type { Incident } from './incident.ts';

/** From the worst down. */
export const worstFirst = Object.keys(severities) as readonly Severity[];

export function isWorse(a: Severity, than: Severity): boolean {
  return worstFirst.indexOf(a) < worstFirst.indexOf(than);
}

/** Whether a step of the incident's comes even when it is acknowledged. */
export function isLasting(policy: Policy, { severity }: Pick<Incident, 'severity'>, step: number): boolean {
  return policy.severities[severity].steps[step]?.evenAcknowledged ?? false;
}
