/** Takes deliveries out of a draft as far as their channels allow, and sends them. */
import { type Channel, ChannelError, type Message } from '../channels/channel.ts';
import type { ChannelConfig } from '../channels/channel-config.ts';
import type { Instant } from '../clock.ts';
import type { Event } from '../incident/event.ts';
import type { Delivery, Incident } from '../incident/incident.ts';
import type { Policy } from '../policy/policy.ts';
import { redact } from '../secret.ts';
import { retryAfterMs } from './backoff.ts';
import type { BreakerState } from './breaker.ts';
import type { Draft } from './draft.ts';
import { Gate } from './gate.ts';
import { messageOf } from './message.ts';

export interface SenderDeps {
  /** As it is now: a reload gives the next message another. */
  readonly policy: () => Pick<Policy, 'channels' | 'people'>;
  readonly openChannel: (name: string, config: ChannelConfig) => Channel;
  readonly linksFor: (incident: Incident, deliveryKey: string) => Message['links'];
  readonly now: () => Instant;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Around each attempt. (telemetry.ts) */
  readonly observe?: <T>(about: AboutAttempt, run: () => Promise<T>) => Promise<T>;
  readonly onBreaker?: (channel: string, state: BreakerState) => void;
}

export interface AboutAttempt {
  readonly incident: string;
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  readonly channel: string;
}

/** A delivery that is claimed in a draft: to be sent once that is saved. */
export interface Start {
  readonly key: string;
  readonly config: ChannelConfig;
  readonly gate: Gate;
}

export class Sender {
  readonly #deps: SenderDeps;
  readonly #gates = new Map<string, Gate>();
  readonly #channels = new WeakMap<ChannelConfig, Channel>();
  /** How long has been spent on what has failed and is tried again. Who starts anew counts anew. */
  readonly #spent = new Map<string, { ms: number; since: Instant }>();
  readonly #sending = new Set<AbortController>();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** Every message that is to be sent by now: claimed, put off, or given up, so that the next step comes in the same draft. */
  admit(draft: Draft): Start[] {
    const starts: Start[] = [];
    const seen = new Set<string>();
    for (;;) {
      const next = draft.current.deliveries.find(
        ({ key, state, attemptAt }) => state === 'waiting' && attemptAt <= draft.now && !seen.has(key),
      );
      if (!next) return starts;
      seen.add(next.key);
      const start = this.#admitOne(draft, next);
      if (start) starts.push(start);
    }
  }

  /** The draft was not saved. */
  cancel({ gate }: Start): void {
    gate.cancelled();
  }

  /** Sends what was claimed in the incident as it was saved. Never throws: the event says what came of it. `free`: the incidents that waited for a place. */
  async send({ key, config, gate }: Start, incident: Incident): Promise<{ event: Event; free: string[] }> {
    const delivery = incident.deliveries.find((each) => each.key === key) as Delivery;
    let error: ChannelError | undefined;
    let event: Event;
    const startedAt = this.#deps.now();
    try {
      const { reference } = await this.#attempt(delivery, config, incident);
      event = { kind: 'sent', key, ...(reference !== undefined && { reference }) };
    } catch (caught) {
      error = asChannelError(caught);
      event = this.#notSent(delivery, config, error, startedAt);
    }
    if (event.kind === 'sent' || event.retryAt === undefined) this.#spent.delete(key);
    return { event, free: gate.left(error, config, this.#deps.now()) };
  }

  /** Ends whatever is being sent. */
  stop(): void {
    for (const controller of this.#sending) controller.abort(new DOMException('the service stops', 'AbortError'));
  }

  state(): { sending: number; waitingForSender: number; breakers: Record<string, BreakerState> } {
    const gates = [...this.#gates];
    return {
      sending: this.#sending.size,
      waitingForSender: gates.reduce((sum, [, gate]) => sum + gate.parked, 0),
      breakers: Object.fromEntries(gates.map(([name, { state }]) => [name, state])),
    };
  }

  #admitOne(draft: Draft, { key, channel, message, createdAt }: Delivery): Start | undefined {
    const config = this.#deps.policy().channels[channel];
    const notSent = (reason: string, retryAt?: Instant) =>
      draft.apply({ kind: 'notSent', key, reason, ...(retryAt !== undefined && { retryAt }) });
    if (!config) return void notSent(`the policy has no channel "${channel}" any more`);
    const gate = this.#gateOf(channel);
    const admission = gate.admit(draft.current, key, config, draft.now);
    switch (admission.kind) {
      case 'go':
        draft.apply({ kind: 'claim', key, until: draft.now + leaseMs(config) });
        return { key, config, gate };
      case 'wait': {
        const { severity } = draft.current;
        const tooLate = admission.until > draft.now + config.giveUpMs;
        // Somebody has to act within the quarter of an hour: rather by the next way.
        const another = message === 'alert' && tooLate && (severity === 'critical' || severity === 'high');
        return void notSent(admission.reason, another ? undefined : admission.until);
      }
      case 'down':
        // After an alert comes the next step. Nothing comes after the others: they wait, the longer the more, for a day.
        return void notSent(admission.reason, message === 'alert' ? undefined : laterOf(createdAt, draft.now, config));
      case 'busy':
        return undefined;
    }
  }

  async #attempt(delivery: Delivery, config: ChannelConfig, incident: Incident) {
    const { key, channel, attempts } = delivery;
    const { policy, linksFor, observe = (_, run) => run() } = this.#deps;
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
      config.timeoutMs,
    );
    this.#sending.add(controller);
    try {
      return await observe({ incident: incident.id, key, attempt: attempts, channel }, async () => {
        const message = messageOf(policy(), incident, delivery, linksFor(incident, key));
        return endedBy(controller.signal, this.#channelOf(channel, config).send(message, controller.signal));
      });
    } finally {
      clearTimeout(timer);
      this.#sending.delete(controller);
    }
  }

  #notSent(
    { key, message, attempts }: Delivery,
    { giveUpMs }: ChannelConfig,
    error: ChannelError,
    startedAt: Instant,
  ): NotSent {
    const { now, random = Math.random } = this.#deps;
    const { ms, since } = this.#spent.get(key) ?? { ms: 0, since: startedAt };
    const spentMs = ms + Math.max(0, now() - startedAt);
    const attempt = { message, attempts, spentMs, giveUpMs, retryAfterMs: error.retryAfterMs };
    const delayMs = error.retryable ? retryAfterMs(attempt, random) : undefined;
    if (delayMs === undefined) return { kind: 'notSent', key, reason: error.message };
    this.#spent.set(key, { ms: spentMs + delayMs, since });
    this.#forget(now());
    return { kind: 'notSent', key, reason: error.message, retryAt: now() + delayMs };
  }

  /** What was taken back meanwhile never comes to its end. */
  #forget(now: Instant): void {
    for (const [key, { since }] of this.#spent) {
      if (since > now - longestMs) return;
      this.#spent.delete(key);
    }
  }

  #gateOf(channel: string): Gate {
    const gate = this.#gates.get(channel) ?? new Gate(channel, (state) => this.#deps.onBreaker?.(channel, state));
    this.#gates.set(channel, gate);
    return gate;
  }

  #channelOf(name: string, config: ChannelConfig): Channel {
    const channel = this.#channels.get(config) ?? this.#deps.openChannel(name, config);
    this.#channels.set(config, channel);
    return channel;
  }
}

/** Nothing is tried for longer. (backoff.ts) */
const longestMs = 24 * 3_600_000;

type NotSent = Extract<Event, { kind: 'notSent' }>;

/** When to look again whether a channel that is down has come back. Undefined: it was away for too long. */
function laterOf(createdAt: Instant, now: Instant, { giveUpMs }: ChannelConfig): Instant | undefined {
  const waited = Math.max(0, now - createdAt);
  return waited > longestMs ? undefined : now + Math.max(giveUpMs / 2, Math.min(waited / 4, 15 * 60_000));
}

/** The time limit, and as much again as it takes to say what came of it. */
function leaseMs({ timeoutMs }: ChannelConfig): number {
  return timeoutMs + Math.max(1000, timeoutMs / 2);
}

/** Also where a channel does not listen to its signal. */
function endedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function asChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new ChannelError(redact((error as Error).message), { retryable: true });
}
