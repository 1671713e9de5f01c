/**
 * Asks Alertmanager what still fires. It tells of no end that comes while an alert is inhibited, silenced or muted
 * (prometheus/alertmanager#226): without a look, such an incident would go on, and rise, until somebody resolved it by hand.
 */
import * as v from 'valibot';
import type { Tls } from '../../place.ts';
import { getByTls } from '../../service/tls.ts';
import type { Instant } from './clock.ts';
import type { AlertsReceived } from './incident/event.ts';
import type { Incident, SeenAlert } from './incident/incident.ts';

interface Deps {
  /** Without a slash at the end. */
  readonly alertmanager: string;
  /** By which the two know each other, where it begins with https. */
  readonly tls?: Tls;
  readonly now: () => Instant;
  readonly unresolved: () => AsyncIterable<Incident>;
  readonly receive: (group: AlertsReceived) => Promise<unknown>;
  readonly onError: (what: string, error: unknown) => void;
}

const lookEveryMs = 60_000;
/** In a row. Who starts anew has forgotten all alerts, and is told of them again within a minute. */
const missedLooks = 3;
/** One that was told just now may not be in the answer yet. */
const freshMs = 5 * 60_000;
const timeoutMs = 10_000;

const listed = v.array(v.object({ fingerprint: v.string(), labels: v.record(v.string(), v.string()) }));
/** As Alertmanager makes them. What this service adds itself (cut-off.ts, watchdog.ts) is not its to end. */
const theirs = /^[0-9a-f]{16}$/;

export class StillFiring {
  readonly #deps: Deps;
  readonly #timer: NodeJS.Timeout;
  /** By incident and fingerprint: looks in a row without it. */
  #missed = new Map<string, number>();
  #failing = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Ends what Alertmanager no longer has. An Alertmanager that does not answer, or has not even its Watchdog, ends nothing. */
  async look(): Promise<void> {
    const { unresolved, onError } = this.#deps;
    try {
      const firing = await this.#firing();
      if (!firing) return this.#missed.clear();
      const missed = new Map<string, number>();
      for await (const incident of unresolved()) await this.#compare(incident, firing, missed);
      this.#missed = missed;
      this.#failing = false;
    } catch (error) {
      // Once for each time that it is away.
      if (!this.#failing) onError('ask Alertmanager what still fires', error);
      this.#failing = true;
      this.#missed.clear();
    }
  }

  async #firing(): Promise<Set<string> | undefined> {
    const alerts = v.parse(listed, JSON.parse(await this.#ask('/api/v2/alerts')));
    if (!alerts.some(({ labels }) => labels.alertname === 'Watchdog')) return undefined;
    return new Set(alerts.map(({ fingerprint }) => fingerprint));
  }

  async #ask(path: string): Promise<string> {
    const { alertmanager, tls } = this.#deps;
    const url = `${alertmanager}${path}`;
    if (tls) return getByTls(url, { tls, part: 'alertmanager', timeoutMs });
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return answer.text();
  }

  async #compare(incident: Incident, firing: ReadonlySet<string>, missed: Map<string, number>): Promise<void> {
    const now = this.#deps.now();
    const gone: SeenAlert[] = [];
    for (const alert of incident.alerts) {
      const { status, fingerprint, lastSeenAt } = alert;
      if (status !== 'firing' || !theirs.test(fingerprint) || firing.has(fingerprint)) continue;
      if (now - lastSeenAt < freshMs) continue;
      const key = `${incident.id} ${fingerprint}`;
      const times = (this.#missed.get(key) ?? 0) + 1;
      if (times >= missedLooks) gone.push(alert);
      else missed.set(key, times);
    }
    if (gone.length > 0) await this.#deps.receive(endOf(incident, gone, now));
  }
}

function endOf({ key, title, team, severity }: Incident, gone: readonly SeenAlert[], now: Instant): AlertsReceived {
  return {
    ...{ kind: 'alerts', id: '', key, title, team, severity },
    alerts: gone.map(({ lastSeenAt, times, ...alert }) => ({ ...alert, status: 'resolved', endsAt: now })),
  };
}
