import type { Fact } from './fact.ts';

/** A fact as it is kept. Of two that claim one id the smaller is believed: of two calls, the earlier. */
export function bodyOf(fact: Fact): string {
  if (fact.source === 'span') return JSON.stringify(fact);
  const { at, ...rest } = fact;
  return JSON.stringify({ at, ...rest });
}

export function factOf(body: string): Fact {
  return JSON.parse(body) as Fact;
}
