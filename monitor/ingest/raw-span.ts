/** A span of the fleet as a request had it, whichever encoding that was. What it is worth: span-fact.ts. */

export interface RawSpan {
  /** Hexadecimal, in any case, as long as it came. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly failed: boolean;
  readonly statusMessage: string;
  /** Those asked for. */
  readonly attributes: RawAttributes;
  readonly resource: RawAttributes;
  /** Of the last exception that was recorded on it. */
  readonly stack: string | undefined;
}

export type RawAttributes = ReadonlyMap<string, RawValue>;
export type RawValue = string | number | bigint | boolean | readonly string[];

/** The spans of a request, read as they are asked for: thousands at once are more than the memory has. Undefined: passed over. */
export type RawSpans = Iterable<RawSpan | undefined>;

/** What of a request is worth reading. */
export interface Wanted {
  readonly span: (name: string) => boolean;
  /** A span that has this attribute is wanted by any name. */
  readonly mark: string;
  readonly attribute: (name: string) => boolean;
  readonly resource: (name: string) => boolean;
}

/** Where OpenTelemetry keeps an error's stack. (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans) */
export const exception = { event: 'exception', stack: 'exception.stacktrace' } as const;
