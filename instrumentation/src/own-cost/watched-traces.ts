import type { Context, Span, SpanOptions, Tracer, TracerProvider } from '@opentelemetry/api';
import { guardCalls, notRecorded } from '../call-guard.ts';
import { api } from '../sdk.ts';
import type { CostClock, Work } from './cost-clock.ts';
import { type Gate, isEssential } from './gate.ts';

type Body = (span: Span) => unknown;

/** The tracer provider that the program sees: spans as the gate lets them through, their cost on the clock. */
export function watchTraces<Provider extends TracerProvider & { forceFlush(): Promise<void> }>(
  provider: Provider,
  gate: Gate,
  clock: CostClock,
): Pick<Provider, 'getTracer' | 'forceFlush'> {
  return {
    getTracer: (name, version, options) =>
      new WatchedTracer(provider.getTracer(name, version, options), name, gate, clock),
    forceFlush: () => provider.forceFlush(),
  };
}

class WatchedTracer implements Tracer {
  readonly #tracer: Tracer;
  readonly #essential: boolean;
  readonly #work: Work;
  readonly #gate: Gate;
  readonly #clock: CostClock;

  constructor(tracer: Tracer, name: string, gate: Gate, clock: CostClock) {
    this.#tracer = tracer;
    this.#essential = isEssential(name);
    this.#work = name.startsWith('@opentelemetry/instrumentation-') ? 'instrumented span' : 'own span';
    this.#gate = gate;
    this.#clock = clock;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = api.context.active()): Span {
    if (!this.#gate.admitsSpans(this.#essential)) {
      this.#clock.refuse(this.#work);
      return passOn(options, context);
    }
    try {
      if (!this.#clock.count(this.#work)) return guarded(this.#tracer.startSpan(name, options, context));
      return this.#timed(this.#clock.time(this.#work, () => guarded(this.#tracer.startSpan(name, options, context))));
    } catch (error) {
      notRecorded(error);
      return passOn(options, context);
    }
  }

  startActiveSpan<F extends Body>(name: string, ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]) {
    const body = rest.at(-1) as F | undefined;
    if (!body) return undefined as never;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : api.context.active();
    const span = this.startSpan(name, options, parent);
    return api.context.with(api.trace.setSpan(parent, span), () => body(span) as ReturnType<F>);
  }

  /** Times the rest of this one span's life as well. */
  #timed(span: Span): Span {
    const target = span as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const method of timedMethods) {
      const original = target[method];
      if (original) target[method] = (...args) => this.#clock.time(this.#work, () => original.apply(span, args));
    }
    return span;
  }
}

const timedMethods = ['setAttribute', 'setAttributes', 'addEvent', 'setStatus', 'updateName', 'recordException', 'end'];

const guardedClasses = new WeakSet<object>();

function guarded(span: Span): Span {
  const prototype = Object.getPrototypeOf(span);
  // A span that records nothing is a class of the API, which is the host's as well.
  if (!guardedClasses.has(prototype) && span.isRecording()) {
    guardedClasses.add(prototype);
    guardCalls(prototype, [...timedMethods, 'addLink', 'addLinks']);
  }
  return span;
}

/**
 * No span, and the trace goes on: what this service asks of others carries the parent it was given, flags and all, so
 * that they record as if this one were not there.
 */
function passOn(options: SpanOptions, context: Context): Span {
  const parent = options.root ? undefined : api.trace.getSpanContext(context);
  return api.trace.wrapSpanContext(parent && api.isSpanContextValid(parent) ? parent : api.INVALID_SPAN_CONTEXT);
}
