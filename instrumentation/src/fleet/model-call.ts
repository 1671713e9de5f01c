import type { ValueOf } from '../catalog/attribute.ts';
import type { fallbackCause } from '../catalog/llm.ts';
import type { Usage } from '../cost/usage.ts';
import type { RateLimit } from './rate-limit.ts';

/** Another model was asked first, and why that did not do. */
export interface Fallback {
  from: string;
  cause: ValueOf<typeof fallbackCause>;
}

/** What can be said of a model call while it is under way. */
export interface LlmCall {
  /** What the provider says it counted; `usageOf` reads it. The last word counts: a stream may say it more than once. */
  usage(usage: Usage | undefined): void;
  /** What the answer says of itself. */
  response(of: {
    model?: string | undefined;
    id?: string | undefined;
    finishReasons?: readonly string[] | undefined;
    /** Service tier, where it has a price of its own, e.g. `flex`. */
    tier?: string | undefined;
  }): void;
  /** The first part of the answer is there. Said by itself for a stream that `fn` returns. */
  firstToken(): void;
  /** What the provider said of its limit. */
  rateLimit(limit: RateLimit): void;
  /** Prompt and answer; kept only when content capture is switched on. */
  content(of: { input?: unknown; output?: unknown }): void;
  /** How often the client has asked again inside this call. */
  retried(times: number): void;
  /** Another model stood in, as is known only now. `to`: which; default: the one asked for. */
  fellBack(fallback: Fallback & { to?: string }): void;
}
