import { type Severity, severities } from '../../routes.ts';

/** From the worst down. */
export const worstFirst = Object.keys(severities) as readonly Severity[];

export function isWorse(a: Severity, than: Severity): boolean {
  return worstFirst.indexOf(a) < worstFirst.indexOf(than);
}
