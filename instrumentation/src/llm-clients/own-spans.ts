import { type Context, INVALID_SPAN_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api';

/** What `@anthropic-ai/sdk` calls its spans of model calls, of any endpoint. */
const ownName = 'anthropic.messages.create';

/** By the span that stands for none: what was around it. */
const stoodIn = new WeakMap<Span, Span | undefined>();

/**
 * Since 1.5 `@anthropic-ai/sdk` makes spans of its own where an SDK is registered. With ours each model call would be
 * there twice, once without agent, price and the rest; so ours takes the place of that one. Its spans of everything else
 * (tool runs, sessions, files) stay, and so do all of a client that was given a `tracerProvider`.
 */
export function leaveOutOwnSpans(prototype: object): void {
  if (!('makeTracedRequest' in prototype) || Object.hasOwn(prototype, '_tracer')) return;
  Object.defineProperty(prototype, '_tracer', {
    configurable: true,
    get: () => undefined,
    // The constructor sets it: each client then has one of its own.
    set(this: Traced, tracer: Tracer | undefined) {
      const value = tracer && isGlobal(this) ? quieter(tracer) : tracer;
      Object.defineProperty(this, '_tracer', { value, configurable: true, enumerable: true, writable: true });
    },
  });
}

interface Traced {
  openTelemetry?: { tracerProvider?: unknown };
}

function isGlobal(client: Traced): boolean {
  try {
    return !client.openTelemetry?.tracerProvider;
  } catch {
    return false;
  }
}

/** The context without a span that stands for none, which the client makes current where there is baggage to pass on. */
export function withoutOwnSpan(active: Context): Context {
  const span = trace.getSpan(active);
  if (!span || !stoodIn.has(span)) return active;
  const around = stoodIn.get(span);
  return around ? trace.setSpan(active, around) : trace.deleteSpan(active);
}

function quieter(tracer: Tracer): Tracer {
  return {
    startSpan(name, options, from) {
      if (name !== ownName) return tracer.startSpan(name, options, from);
      // It records nothing and belongs to no trace: the client goes on as without tracing.
      const none = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
      stoodIn.set(none, trace.getActiveSpan());
      return none;
    },
    startActiveSpan: (...given: never[]) => Reflect.apply(tracer.startActiveSpan as never, tracer, given),
  };
}
