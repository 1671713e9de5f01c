/** An incident on a clock of its own, for tests: time passes from one due moment to the next, messages arrive or do not. */

import type { Severity } from '../../../routes.ts';
import type { Instant } from '../../clock.ts';
import type { Policy } from '../../policy/policy.ts';
import { decide } from '../decide.ts';
import type { AlertsReceived, Event } from '../event.ts';
import type { Delivery, Incident } from '../incident.ts';

/** What becomes of an attempt. */
export type Outcome = 'sent' | 'failed' | 'later' | 'lost';

export class Trial {
  readonly policy: Policy;
  readonly begun: Instant;
  now: Instant;
  #incident: Incident | undefined;
  /** Every message that arrived: `5m email anna`. */
  readonly arrived: string[] = [];
  /** By channel or by message; sent where it says nothing. */
  outcome: (delivery: Delivery) => Outcome = () => 'sent';
  /** Looks at each document that comes out. */
  watch: (after: Incident, before: Incident | undefined, event: Event) => void = () => {};

  constructor(policy: Policy, begun: Instant) {
    this.policy = policy;
    this.begun = begun;
    this.now = begun;
  }

  get incident(): Incident {
    if (!this.#incident) throw new Error('Cannot look at the incident: nothing has happened yet.');
    return this.#incident;
  }

  /** One event, now, and all that is sent at once. */
  happens(event: Event): Incident {
    this.#decide(event);
    this.#send();
    return this.incident;
  }

  /** One alert that fires, or more by their fingerprints. */
  fires(severity: Severity, ...fingerprints: string[]): Incident {
    return this.happens(alerts(severity, 'firing', fingerprints.length > 0 ? fingerprints : ['a']));
  }

  ends(severity: Severity, ...fingerprints: string[]): Incident {
    return this.happens(alerts(severity, 'resolved', fingerprints.length > 0 ? fingerprints : ['a']));
  }

  /** Time passes; whatever is due happens when it is. */
  passes(ms: number): Incident {
    const until = this.now + ms;
    for (let due = this.incident.dueAt; due !== null && due <= until; due = this.incident.dueAt) {
      this.now = Math.max(this.now, due);
      this.happens({ kind: 'tick' });
    }
    this.now = until;
    return this.incident;
  }

  /** What arrived since the last look. */
  news(): string[] {
    return this.arrived.splice(0);
  }

  #decide(event: Event): void {
    const before = this.#incident;
    const after = decide(this.policy, before, event, this.now);
    // As a store gives it back.
    this.#incident = { ...after, journal: [] };
    if (after !== before) this.watch(after, before, event);
  }

  #send(): void {
    for (let next = this.#waiting(); next; next = this.#waiting()) {
      const { key } = next;
      this.#decide({ kind: 'claim', key, until: this.now + 30_000 });
      const outcome = this.outcome(next);
      if (outcome === 'sent') {
        this.arrived.push(this.#line(next));
        this.#decide({ kind: 'sent', key });
      } else if (outcome !== 'lost') {
        const retry = outcome === 'later' ? { retryAt: this.now + 20_000 } : {};
        this.#decide({ kind: 'notSent', key, reason: 'it said no', ...retry });
      }
    }
  }

  #waiting(): Delivery | undefined {
    return this.incident.deliveries.find(({ state, attemptAt }) => state === 'waiting' && attemptAt <= this.now);
  }

  #line({ message, channel, person }: Delivery): string {
    return [
      span(this.now - this.begun),
      ...(message === 'alert' ? [] : [message]),
      channel,
      ...(person ? [person] : []),
    ].join(' ');
  }
}

export function alerts(
  severity: Severity,
  status: 'firing' | 'resolved',
  fingerprints: readonly string[],
): AlertsReceived {
  return {
    kind: 'alerts',
    id: '20260105-090000-test',
    key: 'fleet {alertname="AgentSilent"}',
    title: 'AgentSilent: coder',
    team: 'fleet',
    severity,
    alerts: fingerprints.map((fingerprint) => ({
      fingerprint,
      status,
      labels: { alertname: 'AgentSilent', agent_name: fingerprint, severity },
      annotations: {},
      startsAt: 0,
    })),
  };
}

/** `0s`, `5m`, `1h`, `1h5m`. */
function span(ms: number): string {
  const parts = [
    [Math.floor(ms / 3_600_000), 'h'],
    [Math.floor(ms / 60_000) % 60, 'm'],
    [Math.floor(ms / 1000) % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join('') || '0s';
}
