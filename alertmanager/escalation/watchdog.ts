/** The other end of Alertmanager's dead man's switch: silence is told by the one who still can. */

import type { Instant } from './clock.ts';
import type { AlertsReceived } from './incident/event.ts';
import type { Incident } from './incident/incident.ts';

interface Deps {
  readonly now: () => Instant;
  readonly receive: (group: AlertsReceived) => Promise<Incident[]>;
  /** The newest incident of a key. */
  readonly newestOf: (key: string) => Promise<Incident | undefined>;
  readonly onError: (what: string, error: unknown) => void;
  /** Default 5 min: Alertmanager sends it every minute. */
  readonly silentMs: number | undefined;
}

const usualSilentMs = 5 * 60_000;
const key = 'escalation:watchdog';

/**
 * Nothing heard for too long is an incident of this service's own, which ends with the next sign of life. A start counts as
 * one: whoever starts together with Prometheus waits for it.
 */
export class DeadMansSwitch {
  readonly #deps: Deps;
  readonly #silentMs: number;
  readonly #timer: NodeJS.Timeout;
  #heardAt: Instant;
  /** Undefined: a process before this one may have told. */
  #told: boolean | undefined;
  #telling = false;
  #heard = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#silentMs = deps.silentMs ?? usualSilentMs;
    this.#heardAt = deps.now();
    this.#timer = setInterval(() => void this.look(), Math.max(50, this.#silentMs / 20));
    this.#timer.unref();
  }

  heard(at: Instant): void {
    this.#heardAt = at;
    this.#heard = true;
    void this.look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Tells of a change, once. What cannot be saved is told at the next look. */
  async look(): Promise<void> {
    const { now, receive, newestOf } = this.#deps;
    const silent = now() - this.#heardAt > this.#silentMs;
    const beforeTheFirst = !silent && this.#told === undefined && !this.#heard;
    if (silent === this.#told || beforeTheFirst || this.#telling) return;
    this.#telling = true;
    try {
      const newest = silent ? undefined : await newestOf(key);
      if (silent) await receive(this.#alert('firing'));
      else if (newest && newest.state !== 'resolved') await receive(this.#alert('resolved'));
      this.#told = silent;
    } catch (error) {
      this.#deps.onError('tell that the Watchdog is silent', error);
    } finally {
      this.#telling = false;
    }
  }

  #alert(status: 'firing' | 'resolved'): AlertsReceived {
    const now = this.#deps.now();
    return {
      kind: 'alerts',
      id: '',
      key,
      title: 'No alert can reach anybody: the Watchdog is silent',
      team: 'platform',
      severity: 'critical',
      alerts: [
        {
          fingerprint: 'watchdog',
          status,
          labels: { alertname: 'WatchdogSilent', severity: 'critical', team: 'platform' },
          annotations: {
            summary: 'The Watchdog alert of Prometheus does not arrive any more',
            description:
              'It fires always and is sent every minute. Prometheus, Alertmanager or the way between them and this service is broken: other alerts do not arrive either.',
          },
          startsAt: this.#heardAt,
          ...(status === 'resolved' && { endsAt: now }),
        },
      ],
    };
  }
}
