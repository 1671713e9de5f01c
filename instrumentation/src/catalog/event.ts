import type { Attribute, Values } from './attribute.ts';

export type Severity = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A log record with a name of its own. Names that begin with `security.` or `audit.` are kept longer. (P04) */
export interface EventDeclaration<Attributes extends readonly Attribute[] = readonly Attribute[]> {
  readonly name: string;
  readonly severity: Severity;
  readonly means: string;
  readonly attributes: Attributes;
  readonly source: string;
}

/** Declares a log event. */
export function event<const Attributes extends readonly Attribute[]>(
  name: string,
  facts: Omit<EventDeclaration<Attributes>, 'name'>,
): EventDeclaration<Attributes> {
  return { name, ...facts };
}

export type EventAttributesOf<E extends EventDeclaration> = Values<E['attributes']>;
