/** Records what the service does, under the names of the catalogue. Told of each save, request and attempt; holds no state of its own. */
import {
  type Attributes,
  context,
  type Meter,
  metrics,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { ValueOf } from '../../instrumentation/src/catalog/attribute.ts';
import * as catalog from '../../instrumentation/src/catalog/escalation.ts';
import type { SpanDeclaration } from '../../instrumentation/src/catalog/span.ts';
import { otherValue } from '../../service/bounds.ts';
import { Instruments } from '../../service/instruments.ts';
import type { ChannelConfig } from './channels/channel-config.ts';
import type { Instant } from './clock.ts';
import type { Incident } from './incident/incident.ts';
import { changeOf, type Reaches, type Standing } from './measures.ts';

const scope = 'fleetscope.escalation';

export interface TelemetryOptions {
  now: () => Instant;
  /** The channels of the policy at work, by name. */
  channels: () => Readonly<Record<string, Pick<ChannelConfig, 'kind'>>>;
  /** False: its secret is not set, so nothing is ever sent by it. Default: all are. */
  isConfigured?: (channel: string) => boolean;
  /** Whether the policy at work is that of its file. Default: it is. */
  isPolicyCurrent?: () => boolean;
  meter?: Meter;
  tracer?: Tracer;
}

export interface About {
  readonly incident: string;
  /** The delivery's. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  readonly channel: string;
}

export type Refusal = ValueOf<typeof catalog.refusalReason>;

export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #instruments: Instruments;
  readonly #tracer: Tracer;
  readonly #breakers = new Map<string, 0 | 1 | 2>();
  #auditIntact: boolean | undefined;
  #heardAt: Instant;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#instruments = new Instruments(options.meter ?? metrics.getMeter(scope));
    this.#tracer = options.tracer ?? trace.getTracer(scope);
    this.#heardAt = options.now();
    this.#instruments.observe(catalog.breakerOpen, () =>
      Object.keys(options.channels()).map((name) => [
        this.#breakers.get(name) ?? 0,
        { [catalog.channelName.name]: name },
      ]),
    );
    this.#instruments.observe(catalog.policyCurrent, () => [[options.isPolicyCurrent?.() === false ? 0 : 1, {}]]);
    this.#instruments.observe(catalog.auditIntact, () =>
      this.#auditIntact === undefined ? [] : [[this.#auditIntact ? 1 : 0, {}]],
    );
    this.#instruments.observe(catalog.heartbeatAge, () => [[Math.max(0, options.now() - this.#heardAt) / 1000, {}]]);
  }

  /** Whether a message on a channel reaches a person: measures.ts. */
  readonly reaches: Reaches = (channel) => {
    const channels = this.#options.channels();
    const people = (name: string) => channels[name]?.kind !== 'log' && this.#isConfigured(name);
    return people(channel) || !Object.keys(channels).some(people);
  };

  /** After each save that succeeded, with the document that it replaced. */
  changed(before: Incident | undefined, after: Incident): void {
    const { opened, toNotify, toAcknowledge, toResolve, ended, ran } = changeOf(before, after, this.reaches);
    const of = { [catalog.incidentSeverity.name]: after.severity, [catalog.incidentTeam.name]: after.team };
    const what = after.journal.map((entry) => entry.what).join(', ');
    const decision = { [catalog.incidentId.name]: after.id, [catalog.decided.name]: what, ...of };
    this.#tracer
      .startSpan(catalog.decideSpan.name, { attributes: { ...decision, [catalog.incidentState.name]: after.state } })
      .end();
    if (opened) this.#instruments.add(catalog.incidentsOpened, of);
    this.#instruments.record(catalog.timeToNotify, toNotify, of);
    this.#instruments.record(catalog.timeToAcknowledge, toAcknowledge, of);
    this.#instruments.record(catalog.timeToResolve, toResolve, of);
    const takenBack = new Set(after.journal.flatMap(({ what, data }) => (what === 'cancelled' ? [data?.key] : [])));
    for (const { key, channel, state } of ended) {
      // Not set up, or no longer true, is not broken: nothing was tried in vain.
      const cancelled = takenBack.has(key) || !this.#isConfigured(channel);
      const outcome = state === 'sent' ? 'success' : cancelled ? 'cancelled' : 'failure';
      this.#instruments.add(catalog.deliveries, { ...this.#channel(channel), outcome });
    }
    for (const { hook, state } of ran) {
      const outcome = { done: 'success', failed: 'failure', refused: 'cancelled' }[
        state as 'done' | 'failed' | 'refused'
      ];
      this.#instruments.add(catalog.hookRuns, { [catalog.hookName.name]: hook, outcome });
    }
  }

  /** A request that was turned away. */
  refused(reason: Refusal): void {
    this.#instruments.add(catalog.requestsRefused, { [catalog.refusalReason.name]: reason });
  }

  /** One attempt to send one message. What `run` throws is passed on. A channel that is not set up tries nothing. */
  async deliver<T>(about: About, run: () => Promise<T>): Promise<T> {
    if (!this.#isConfigured(about.channel)) return run();
    const channel = this.#channel(about.channel);
    const attributes = {
      [catalog.incidentId.name]: about.incident,
      [catalog.deliveryKey.name]: about.key,
      [catalog.deliveryAttempt.name]: about.attempt,
      ...channel,
    };
    const startedAt = performance.now();
    let error: unknown;
    try {
      return await this.#span(catalog.deliverSpan, `escalation.deliver ${about.channel}`, attributes, run);
    } catch (caught) {
      error = caught;
      throw caught;
    } finally {
      const end = error === undefined ? { outcome: 'success' } : { outcome: 'failure', 'error.type': typeOf(error) };
      this.#instruments.record(catalog.deliveryDuration, (performance.now() - startedAt) / 1000, {
        ...channel,
        ...end,
      });
    }
  }

  /** Whether a channel is used, tried again, or left alone. */
  breaker(channel: string, state: 'closed' | 'halfOpen' | 'open'): void {
    this.#breakers.set(channel, ({ closed: 0, halfOpen: 1, open: 2 } as const)[state]);
  }

  /** Whether the chain of the audit trail held, at each look. */
  audit(intact: boolean): void {
    this.#auditIntact = intact;
  }

  /** The Watchdog was heard. */
  heard(at: Instant): void {
    this.#heardAt = at;
  }

  /** Asks for what is still to be done, whenever metrics are collected; a slow store is asked once at a time. */
  standing(read: () => Promise<Standing>): void {
    const { openIncidents, deliveriesWaiting, oldestWaiting, untold } = catalog;
    const gauge = this.#instruments.gauge.bind(this.#instruments);
    // What is gone is 0: else its last value would stand for ever.
    const channels = new Set<string>();
    let reading: Promise<Standing> | undefined;
    this.#instruments.observeTogether(
      async (result) => {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        const standing = await reading;
        for (const severity of catalog.incidentSeverity.values ?? []) {
          const of = { [catalog.incidentSeverity.name]: severity };
          for (const state of catalog.incidentState.values ?? []) {
            const found = standing.open.find((each) => each.severity === severity && each.state === state);
            result.observe(gauge(openIncidents), found?.count ?? 0, { ...of, [catalog.incidentState.name]: state });
          }
          result.observe(gauge(untold), standing.untold.get(severity) ?? 0, of);
        }
        for (const name of [...Object.keys(this.#options.channels()), ...standing.waiting.keys()]) channels.add(name);
        for (const name of channels) {
          const of = { [catalog.channelName.name]: name };
          result.observe(gauge(deliveriesWaiting), standing.waiting.get(name)?.count ?? 0, of);
          result.observe(gauge(oldestWaiting), standing.waiting.get(name)?.oldest ?? 0, of);
        }
      },
      [openIncidents, deliveriesWaiting, oldestWaiting, untold],
    );
  }

  #isConfigured(channel: string): boolean {
    return this.#options.isConfigured?.(channel) ?? true;
  }

  #channel(name: string): Attributes {
    const kind = this.#options.channels()[name]?.kind ?? otherValue;
    return { [catalog.channelName.name]: name, [catalog.channelKind.name]: kind };
  }

  #span<T>(declared: SpanDeclaration, name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> {
    const kind = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 }[declared.kind];
    const span: Span = this.#tracer.startSpan(name, { kind, attributes });
    return context.with(trace.setSpan(context.active(), span), async () => {
      try {
        return await run();
      } catch (error) {
        span.setAttribute('error.type', typeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

/** A code where there is one: `ECONNREFUSED` says more than `Error`. */
function typeOf(error: unknown): string {
  const { code, cause, name } = error as { code?: unknown; cause?: { code?: unknown }; name?: string };
  return String(code ?? cause?.code ?? name ?? 'Error');
}
