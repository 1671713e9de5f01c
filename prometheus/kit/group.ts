import type { Alert } from './alert.ts';
import { check } from './check.ts';
import type { Duration } from './duration.ts';
import type { Recording } from './record.ts';

/** Rules that are evaluated one after the other: recordings before the alerts that use them. One file each. */
export interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** How often they are evaluated. Default: intervalSeconds.evaluate of stack.ts. */
  readonly interval?: Duration;
  /** How often they are evaluated in their proofs: a window of 30 days is not played minute by minute. Default 1m. */
  readonly provedEvery?: Duration;
}

// biome-ignore lint/suspicious/noExplicitAny: a level has the fields that its own `when` asks for
export type Rule = Recording | Alert<any>;

/** `group('agents', […])` is the source of `agents.yml`. @throws Error that names the alert and what its text or query lacks. */
export function group(
  name: string,
  rules: readonly Rule[],
  every: Pick<Group, 'interval' | 'provedEvery'> = {},
): Group {
  const seen = new Set<string>();
  for (const rule of rules) {
    if (seen.has(rule.name)) throw new Error(`Cannot use ${rule.name} twice in the group ${name}. Rename one.`);
    seen.add(rule.name);
    if (isAlert(rule)) check(rule);
  }
  return { name, rules, ...every };
}

export function isAlert(rule: Rule): rule is Exclude<Rule, Recording> {
  return 'levels' in rule;
}

export function alertsOf({ rules }: Group): Alert[] {
  return rules.filter(isAlert);
}

export function recordedBy({ rules }: Group): Recording[] {
  return rules.filter((rule): rule is Recording => !isAlert(rule));
}
