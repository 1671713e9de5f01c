/** A dispatcher with the real decisions and the real store, in a time that the test turns, with receivers that do as they are told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Severity } from '../../../routes.ts';
import type { Message } from '../../channels/channel.ts';
import type { ChannelConfig } from '../../channels/channel-config.ts';
import { anAlert, openedAt } from '../../channels/testing/messages.ts';
import { decide } from '../../incident/decide.ts';
import type { Event } from '../../incident/event.ts';
import type { Incident } from '../../incident/incident.ts';
import type { Policy, SeverityPolicy } from '../../policy/policy.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { Dispatcher, type DispatcherDeps } from '../dispatcher.ts';

const config: ChannelConfig = { kind: 'log', timeoutMs: 10_000, giveUpMs: 60_000, ratePerMinute: 100_000 };

/** Slack and Discord at once, mail after 5 min, a pager after 15. */
export function testPolicy(given: Partial<Record<string, Partial<ChannelConfig>>> = {}): Policy {
  const names = ['slack', 'discord', 'email', 'pagerduty', 'log'];
  const severity: SeverityPolicy = {
    respectsQuietHours: false,
    steps: [
      { afterMs: 0, level: 'L1', tell: ['slack', 'discord'] },
      { afterMs: 300_000, level: 'L1', tell: ['email'] },
      { afterMs: 900_000, level: 'L2', tell: ['pagerduty'] },
    ],
  };
  return {
    timeZone: 'UTC',
    sameIncidentMs: 600_000,
    flapping: { times: 9, withinMs: 3_600_000 },
    channels: Object.fromEntries(names.map((name) => [name, { ...config, ...given[name] } as ChannelConfig])),
    people: {},
    teams: {},
    severities: { critical: severity, high: severity, warning: severity, info: severity },
    hooks: {},
  };
}

export interface Sent {
  readonly channel: string;
  readonly at: number;
  readonly message: Message;
}

export class World {
  now = openedAt;
  policy = testPolicy();
  store!: Store;
  /** What reached a receiver, whether or not it answered. */
  readonly sent: Sent[] = [];
  readonly errors: string[] = [];
  readonly breakers: string[] = [];
  /** Throws what a receiver does; by default it takes everything. */
  receive: (sent: Sent, signal: AbortSignal) => Promise<void> | void = () => {};
  readonly #folder = mkdtempSync(join(tmpdir(), 'dispatch-'));
  readonly #dispatchers = new Set<Dispatcher>();
  #timers: { at: number; fire: () => void }[] = [];
  #number = 0;

  static async open(): Promise<World> {
    const world = new World();
    world.store = await openStore(join(world.#folder, 'incidents.db'), { notice: () => {} });
    return world;
  }

  dispatcher(given: Partial<DispatcherDeps> = {}): Dispatcher {
    const dispatcher = new Dispatcher({
      store: this.store,
      policy: () => this.policy,
      decide: (incident, event, at) => decide(this.policy, incident, event, at),
      now: () => this.now,
      random: Math.random,
      sleep: (ms, signal) => this.#sleep(ms, signal),
      linksFor: () => ({ page: 'https://x/p', acknowledge: 'https://x/a', resolve: 'https://x/r' }),
      onError: (what, error) => this.errors.push(`${what}: ${(error as Error).message}`),
      onBreaker: (channel, state) => this.breakers.push(`${channel} ${state}`),
      openChannel: (channel) => ({
        send: async (message, signal) => {
          const sent = { channel, at: this.now, message };
          this.sent.push(sent);
          await this.receive(sent, signal);
          return { reference: `${channel} ${message.key}` };
        },
      }),
      ...given,
    });
    this.#dispatchers.add(dispatcher);
    return dispatcher;
  }

  /** As the webhook saves it. */
  async opens(severity: Severity = 'critical', key = `key-${++this.#number}`): Promise<Incident> {
    const id = `20261126-${String(this.#number).padStart(6, '0')}-${key}`.replace(/[^\w-]/g, '');
    const alerts = [anAlert({ startsAt: this.now })];
    const event: Event = { kind: 'alerts', id, key, title: 'It is broken', team: 'fleet', severity, alerts };
    const incident = decide(this.policy, undefined, event, this.now);
    if (!(await this.store.save(incident))) throw new Error('Not saved.');
    return incident;
  }

  /** Lets time pass, from one timer to the next, until nothing is to be done at each. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await this.settle();
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.now = Math.max(this.now, next.at);
      next.fire();
    }
    this.now = end;
  }

  async settle(): Promise<void> {
    for (let idle = 0, turns = 0; idle < 6 && turns < 3000; turns++) {
      await new Promise(setImmediate);
      idle = [...this.#dispatchers].some((one) => one.state().atWork > one.state().sending) ? 0 : idle + 1;
    }
  }

  to(channel: string): Sent[] {
    return this.sent.filter((one) => one.channel === channel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.all([...this.#dispatchers].map((dispatcher) => dispatcher.close(0)));
    await this.pass(20_000);
    await closed;
    await this.store.close();
    rmSync(this.#folder, { recursive: true });
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = {
        at: this.now + ms,
        fire: () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
          resolve();
        },
      };
      this.#timers.push(timer);
      signal.addEventListener('abort', timer.fire, { once: true });
    });
  }
}
