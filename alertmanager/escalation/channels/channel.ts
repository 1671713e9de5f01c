/** The way to a person or to a system that calls one. */
import type { Delivery, Incident } from '../incident/incident.ts';
import type { Person } from '../policy/policy.ts';

export interface Channel {
  /**
   * Sends one message, once. `signal` ends it at its time limit.
   * @throws ChannelError that says whether to try again. Its message holds no secret.
   */
  send(message: Message, signal: AbortSignal): Promise<{ reference?: string }>;
}

export interface Message {
  /** The same in each attempt: receivers that can tell a duplicate by a key are given it. */
  readonly key: string;
  readonly kind: Delivery['message'];
  readonly incident: Incident;
  /** Whom it is for, where the channel tells one person. */
  readonly person?: Person;
  /** What the receiver called this incident's first message on this channel. */
  readonly reference?: string;
  /** Where people look and answer. Signed, for a time, once. */
  readonly links: { readonly page: string; readonly acknowledge: string; readonly resolve: string };
}

export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** False: the same message would be refused again (a wrong address, a revoked token). */
  readonly retryable: boolean;
  /** The receiver said when. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryable: boolean; retryAfterMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
