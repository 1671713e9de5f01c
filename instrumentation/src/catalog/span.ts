import type { Attribute, Values } from './attribute.ts';

/** A span, declared once. Its attributes are these and those of the context it runs in. */
export interface SpanDeclaration<Attributes extends readonly Attribute[] = readonly Attribute[]> {
  /** Name, or how it begins: `chat {model}`. */
  readonly name: string;
  readonly kind: 'internal' | 'client' | 'producer' | 'consumer';
  readonly means: string;
  readonly attributes: Attributes;
  /** The promise it keeps. */
  readonly source: string;
  /** `gen_ai.operation.name`, so that tools which know the GenAI conventions read it. (S03) */
  readonly operation: string | undefined;
  /** Who makes it: this package's fleet API, or a service of the stack. */
  readonly by: 'fleet' | 'escalation' | 'memory';
}

interface Facts<Attributes extends readonly Attribute[]> {
  means: string;
  attributes: Attributes;
  source: string;
  kind?: SpanDeclaration['kind'];
  operation?: string;
  by?: SpanDeclaration['by'];
}

/** Declares a span. */
export function span<const Attributes extends readonly Attribute[]>(
  name: string,
  { means, attributes, source, kind = 'internal', operation, by = 'fleet' }: Facts<Attributes>,
): SpanDeclaration<Attributes> {
  return { name, kind, means, attributes, source, operation, by };
}

export type AttributesOf<S extends SpanDeclaration> = Values<S['attributes']>;
