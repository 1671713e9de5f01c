import {
  type Attributes,
  type Context,
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { AttributesOf, SpanDeclaration } from '../catalog/span.ts';
import { withoutUndefined } from './emit.ts';
import { follow } from './follow.ts';
import { type End, failure } from './follower.ts';
import { textOf } from './given.ts';
import { guard } from './guard.ts';
import { type Scope, withScope } from './scope.ts';
import { scopeName, scopeVersion } from './scope-name.ts';

export type Outcome = 'success' | 'failure' | 'cancelled';

/** The same as the `status` of a workflow or an agent. */
export const statuses = { success: 'completed', failure: 'failed', cancelled: 'cancelled' } as const satisfies Record<
  Outcome,
  string
>;

/** What is known when a call has ended. */
export interface Ended extends End {
  outcome: Outcome;
  /** `error.type`: the error's code or class; undefined when it went well. */
  errorType: string | undefined;
  /** Wall time, streaming included. */
  seconds: number;
}

/** What is known when a call begins. */
export interface Call<S extends SpanDeclaration> {
  declaration: S;
  /** Where the declared name has a hole, e.g. `chat gpt-5`. */
  name?: string;
  attributes?: AttributesOf<S>;
  /** What the code inside belongs to, beside what it belongs to already. */
  scope?: Scope;
  links?: Link[];
  parent?: Context;
  /** The value, unless it is a stream. */
  onValue?: (value: unknown) => void;
  /** Each item of a stream, as it passes. */
  onItem?: (item: unknown) => void;
  /**
   * Gives back what was taken for the time of the call, such as by `hold`, however it ends: also when its stream is thrown
   * away unread. Must not reach what `fn` returns, as a function made beside `fn` does.
   */
  giveBack?: () => void;
  /** What else happens when it has ended: metrics, last attributes. */
  onEnd?: (ended: Ended, span: Recorded<S>) => void;
}

/** A span that takes declared attributes only. */
export interface Recorded<S extends SpanDeclaration = SpanDeclaration> {
  readonly span: Span;
  set(attributes: AttributesOf<S>): void;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Runs `fn` exactly once inside a span and gives back what it returned or threw, unchanged. The span ends when the
 * promise settles or the stream ends. Without an SDK only `fn` runs. Nothing of ours reaches the caller.
 */
export function run<S extends SpanDeclaration, T>(call: Call<S>, fn: (span: Recorded<S>) => T): T {
  const { recorded, inside, end } = begin(call);
  let result: T;
  try {
    result = inside(() => fn(recorded));
  } catch (error) {
    end(failure(error));
    throw error;
  }
  const { onValue, onItem, giveBack } = call;
  return follow(result, { inside, onValue, onItem, onEnd: end, onLost: lost(recorded.span, giveBack) });
}

/** A span that is open until `end` is called, which counts once. For a call whose end no returned value tells. */
export interface Begun<S extends SpanDeclaration = SpanDeclaration> {
  readonly recorded: Recorded<S>;
  /** Runs a part of the call, so that what happens in it belongs to it. */
  inside<T>(part: () => T): T;
  end(end: End): void;
}

/** Opens a span without running anything in it yet. Never throws. */
export function begin<S extends SpanDeclaration>(call: Call<S>): Begun<S> {
  const started = performance.now();
  const { span, inner } = open(call);
  const recorded: Recorded<S> = { span, set: (attributes) => guard(() => setAll(span, attributes)) };
  let isOpen = true;
  return {
    recorded,
    inside: (part) => within(inner, part),
    end(end) {
      if (!isOpen) return;
      isOpen = false;
      const ended = describe(end, started);
      // Inside the span: an event told at the end belongs to it, whoever read the stream to its end.
      if (call.onEnd) guard(() => within(inner, () => call.onEnd?.(ended, recorded)));
      if (call.giveBack) guard(call.giveBack);
      close(span, ended);
    },
  };
}

/** A span that says that something happened, and has no length. With an `errorType` it says that something is wrong. */
export function mark<S extends SpanDeclaration>(call: Call<S>, errorType?: string): Span {
  const { span } = open(call);
  guard(() => {
    if (errorType === undefined) return;
    span.setAttribute('error.type', errorType);
    span.setStatus({ code: SpanStatusCode.ERROR, message: errorType });
  });
  guard(() => span.end());
  return span;
}

function open<S extends SpanDeclaration>({ declaration, name, attributes, scope, links, parent }: Call<S>) {
  let outer = ROOT_CONTEXT;
  try {
    outer = parent ?? context.active();
    const span = trace
      .getTracer(scopeName, scopeVersion)
      .startSpan(
        name ?? declaration.name,
        { kind: kinds[declaration.kind], ...(links && { links }), attributes: spanAttributes(declaration, attributes) },
        outer,
      );
    return { span, inner: scope ? withScope(trace.setSpan(outer, span), scope) : trace.setSpan(outer, span) };
  } catch (error) {
    guard(() => diag.error(`Started no span ${name ?? declaration.name}: ${textOf(error)}`));
    return { span: trace.wrapSpanContext(INVALID_SPAN_CONTEXT), inner: outer };
  }
}

/** Runs `part` once, in a context; where contexts do not work, without. */
function within<T>(inner: Context, part: () => T): T {
  let begun = false;
  let done = false;
  let result: T | undefined;
  try {
    context.with(inner, () => {
      begun = true;
      result = part();
      done = true;
    });
  } catch (error) {
    if (!begun) return part();
    if (!done) throw error;
  }
  return result as T;
}

/** Apart from `run`: a function made there would hold on to what it waits to lose. */
function lost(span: Span, giveBack: (() => void) | undefined): () => void {
  return () => {
    if (giveBack) guard(giveBack);
    guard(() => span.end());
  };
}

function spanAttributes({ operation }: SpanDeclaration, given: Attributes = {}): Attributes {
  return withoutUndefined(given, operation ? { 'gen_ai.operation.name': operation } : {});
}

function setAll(span: Span, given: Attributes): void {
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) span.setAttribute(name, value);
  }
}

function describe(end: End, started: number): Ended {
  const cancelled = end.failed && isAbort(end.error);
  return {
    ...end,
    outcome: cancelled ? 'cancelled' : end.failed ? 'failure' : 'success',
    errorType: end.failed ? errorTypeOf(end.error) : undefined,
    seconds: (performance.now() - started) / 1000,
  };
}

function close(span: Span, { error, errorType, outcome }: Ended): void {
  guard(() => {
    if (errorType === undefined) return;
    span.setAttribute('error.type', errorType);
    if (outcome !== 'failure') return;
    span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) });
    span.recordException(error instanceof Error ? error : errorMessageOf(error));
  });
  guard(() => span.end());
}

// By its name, or for the errors of the model clients, whose name says only `Error`, by its class.
function isAbort(error: unknown): boolean {
  try {
    const { name, constructor: maker } = (error ?? {}) as { name?: unknown; constructor?: { name?: unknown } };
    return [name, maker?.name].some((said) => said === 'AbortError' || said === 'APIUserAbortError');
  } catch {
    return false;
  }
}

/** An HTTP status such as `429` or a code such as `ECONNRESET`, else the name of the class. Bounded by what programs throw, never by their data. */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { code, status, name, constructor: maker } = error as Record<string, unknown>;
    // Before the code: the words of an API for one HTTP status are many, and they change.
    if (typeof status === 'number' && status >= 100 && status < 600) return String(status);
    if (typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{1,60}$/.test(code)) return code;
    if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
    return textOf((maker as { name?: unknown } | undefined)?.name || 'Error');
  } catch {
    return 'Error';
  }
}

/** What went wrong, in words: the message of an error, also of one from another realm, or what was thrown as text. */
export function errorMessageOf(error: unknown): string {
  try {
    const { message } = error as { message?: unknown };
    return typeof message === 'string' ? message : String(error);
  } catch {
    return textOf(error);
  }
}
