import { type Context, trace } from '@opentelemetry/api';
import type { LlmCallOptions } from '../fleet/llm-call.ts';
import type { Fallback } from '../fleet/model-call.ts';

interface Failed {
  model: string;
  cause: Fallback['cause'];
  atMs: number;
}

/** Longer than this after the failure it is another piece of work. */
const mostMs = 60_000;

// By the span around the calls: they are one piece of work. Without one nobody can tell whose calls they are.
const lastFailed = new WeakMap<object, Failed>();

/**
 * Whether this call stands in for one that failed: the last call under the same span, less than a minute ago, of another
 * model. The clients know no fallback of their own, so it is told by what the program does.
 */
export function fallbackOf(around: Context, { model }: LlmCallOptions, nowMs = Date.now()): Fallback | undefined {
  const span = trace.getSpan(around);
  const failed = span && lastFailed.get(span);
  if (!failed || failed.model === model || nowMs - failed.atMs > mostMs) return undefined;
  lastFailed.delete(span);
  return { from: failed.model, cause: failed.cause };
}

/** Remembers how a call ended. `error`: what broke it; undefined: it went well, and what failed before is over. */
export function noteEnd(around: Context, { model }: LlmCallOptions, error?: unknown, nowMs = Date.now()): void {
  const span = trace.getSpan(around);
  if (!span) return;
  const cause = error === undefined ? undefined : causeOf(error);
  if (cause) lastFailed.set(span, { model, cause, atMs: nowMs });
  else lastFailed.delete(span);
}

/** Undefined: the program took it back. */
function causeOf(error: unknown): Fallback['cause'] | undefined {
  const {
    status,
    name,
    constructor: maker,
  } = (error ?? {}) as Record<string, unknown> & { constructor?: { name?: string } };
  const says = [maker?.name, name].join();
  if (/AbortError/.test(says)) return undefined;
  if (status === 429) return 'rate_limit';
  if (status === 503 || status === 529 || /overloaded/.test(says)) return 'overloaded';
  if (status === 408 || status === 504 || /Timeout/.test(says)) return 'timeout';
  return 'error';
}
