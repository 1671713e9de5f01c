/** The service and how its parts are joined: alerts come in by http/, incident/decide.ts decides, dispatch/ does what is due. */
import { join } from 'node:path';
import type { Tls } from '../../place.ts';
import { tellCertificateEnd } from '../../service/certificate-end.ts';
import type { Door } from '../../service/server.ts';
import { retentionDays } from '../../stack.ts';
import type { Head } from './audit/chain.ts';
import { DailyLog } from './audit/daily-log.ts';
import { headsOf } from './audit/log-files.ts';
import { verify } from './audit/verify.ts';
import { isConfigured, openChannel } from './channels/open-channel.ts';
import { type Instant, startClock } from './clock.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { runDueHooks } from './hooks/hook-runner.ts';
import { openDesk } from './http/desk.ts';
import { openLinks } from './http/links.ts';
import { openServer } from './http/server.ts';
import { decide } from './incident/decide.ts';
import type { Event } from './incident/event.ts';
import type { Incident } from './incident/incident.ts';
import { nextStepOf } from './incident/ladder.ts';
import { standingOf } from './measures.ts';
import type { Policy } from './policy/policy.ts';
import { watchPolicy } from './policy/watch-policy.ts';
import { readSecret, redact } from './secret.ts';
import { StillFiring } from './still-firing.ts';
import { openStore } from './store/open.ts';
import { Telemetry } from './telemetry.ts';
import { DeadMansSwitch } from './watchdog.ts';

export interface ServiceOptions {
  /** Address to listen on; port 0 is any free one. */
  readonly bind: string;
  readonly port: number;
  /** By which people reach it: links begin with it. */
  readonly publicUrl: string;
  /** By which people reach Grafana: http/grafana-link.ts. */
  readonly grafanaUrl?: string;
  readonly policyFile: string;
  /** `sqlite:<path>` or `mongodb://…`: store/open.ts. */
  readonly store: string;
  /** Asked for what still fires: still-firing.ts. Left out: an end that it does not tell has to be said by a person. */
  readonly alertmanager?: string;
  /** Where the daily logs go. */
  readonly logs: string;
  readonly tokens: { readonly webhook: string; readonly api: string };
  readonly signingKey: string;
  /** By which it knows Alertmanager, and is known to it: alerts then come by a door of their own (http/server.ts). */
  readonly tls?: Tls & { readonly alerts: Door };
  /** One line for people. */
  readonly notice: (line: string) => void;
  /** The store is damaged: nothing is taken any more, and whoever runs the service ends it and starts it anew. */
  readonly onBroken?: (error: Error) => void;
  /** How long Alertmanager's Watchdog may be silent before that is an incident itself. Default 5 min. */
  readonly silentMs?: number;
}

export interface Service {
  readonly url: string;
  /** Takes nothing more, finishes what is being sent, closes the store. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/** @throws Error that says why it cannot start: the policy, the store, the address. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { notice, silentMs, tls } = options;
  const now = startClock();
  let whenReloaded = () => {};
  const policy = watchPolicy(options.policyFile, {
    onReload: () => {
      notice(`The policy was read anew: ${options.policyFile}.`);
      whenReloaded();
    },
    onRefused: notice,
  });
  const closers: (() => Promise<void> | void)[] = [() => policy.close()];
  try {
    const store = await openStore(options.store, { notice, ...(options.onBroken && { onBroken: options.onBroken }) });
    closers.unshift(() => store.close());
    const log = new DailyLog({ folder: options.logs, store, notice });
    closers.unshift(() => log.close());

    const channelsNow = () => policy.current().channels;
    const telemetry = new Telemetry({
      now,
      channels: channelsNow,
      isPolicyCurrent: policy.isCurrent,
      isConfigured: (name) => {
        const config = channelsNow()[name];
        return config !== undefined && isConfigured(config);
      },
    });
    if (tls) tellCertificateEnd(tls);
    telemetry.standing(() => standingOf(store.unresolved(), now(), telemetry.reaches));

    const decideNow = (incident: Incident | undefined, event: Event, at: Instant) =>
      decide(policy.current(), incident, event, at);
    const saved = (before: Incident | undefined, after: Incident) => {
      telemetry.changed(before, after);
      log.poke();
    };
    const onError = (what: string, error: unknown) =>
      notice(`Cannot ${what}: ${redact((error as Error).message).replace(/\.$/, '')}. It is tried again.`);
    const links = openLinks({ signingKey: options.signingKey, publicUrl: options.publicUrl, now });
    const dispatcher = new Dispatcher({
      ...{ store, now, openChannel, onError },
      decide: decideNow,
      policy: policy.current,
      linksFor: links.linksFor,
      observe: (about, run) => telemetry.deliver(about, run),
      onBreaker: (channel, state) => telemetry.breaker(channel, state),
      onChanged: saved,
      runHooks: (incident, signal) => runDueHooks(incident, runner, signal),
    });
    const runner = {
      ...{ store, now, env: process.env },
      hooks: () => policy.current().hooks,
      secret: readSecret,
      change: (id: string, event: Event) => dispatcher.change(id, event),
    };
    const desk = openDesk({
      ...{ store, now },
      decide: decideNow,
      onSaved: (before, after) => {
        saved(before, after);
        dispatcher.poke(after);
      },
    });

    const watchdog = new DeadMansSwitch({
      ...{ now, onError, silentMs },
      receive: (group) => desk.receive([group]),
      newestOf: (key) => store.newestOf(key),
    });
    closers.unshift(() => watchdog.close());
    if (options.alertmanager) {
      const stillFiring = new StillFiring({
        ...{ now, onError, alertmanager: options.alertmanager.replace(/\/+$/, '') },
        ...(tls && { tls }),
        unresolved: () => store.unresolved(),
        receive: (group) => desk.receive([group]),
      });
      closers.unshift(() => stillFiring.close());
    }
    const loadedAt = now();
    const server = await openServer({
      ...{ desk, store, now, tokens: options.tokens, signingKey: options.signingKey, publicUrl: options.publicUrl },
      ...{ bind: options.bind, port: options.port },
      ...(tls && { alerts: { ...tls.alerts, tls, notice } }),
      ...(options.grafanaUrl !== undefined && { grafanaUrl: options.grafanaUrl }),
      policyInfo: () => ({
        loadedAt,
        source: options.policyFile,
        people: Object.keys(policy.current().people),
        ...(!policy.isCurrent() && { problem: 'The file was changed and is refused: see the log of the service.' }),
      }),
      dispatcherState: () => ({ ...dispatcher.state() }),
      nextStep: (incident) => nextStepOf(policy.current(), incident),
      onRefused: (reason) => telemetry.refused(reason),
      onHeartbeat: (at) => {
        telemetry.heard(at);
        watchdog.heard(at);
      },
      onError: (error) => onError('answer a request', error),
    });
    closers.unshift(() => server.close());
    closers.unshift(() => dispatcher.close());
    dispatcher.start();
    whenReloaded = () => dispatcher.lookAtAll();

    const daily = setInterval(() => void housekeeping(), dayMs);
    const housekeeping = async () => {
      try {
        await store.forget(now() - retentionDays.incidents * dayMs);
        // Against the log: an end that was cut off is whole in itself.
        const verdict = await verify(store.audit(), await headsOf(options.logs).catch(noneYet));
        telemetry.audit(verdict.ok);
        if (!verdict.ok) notice(`The audit trail is broken at ${verdict.broken}: ${verdict.how}.`);
      } catch (error) {
        onError('tidy up', error);
      }
    };
    closers.unshift(() => clearInterval(daily));
    void housekeeping();
    sayWhoIsReached(channelsNow(), notice);
    return { url: server.url, close: () => closeAll(closers) };
  } catch (error) {
    // What failed first is what is said.
    await closeAll(closers).catch(({ message }: Error) => notice(message));
    throw error;
  }
}

/** At the very first start the log is not there. */
function noneYet(error: NodeJS.ErrnoException): Head[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** In their order; one that fails does not keep the next from it. */
async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.splice(0)) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    const reasons = failures.map((error) => redact((error as Error).message));
    throw new AggregateError(failures, `Cannot close everything: ${reasons.join('; ')}.`);
  }
}

function sayWhoIsReached(channels: Policy['channels'], notice: (line: string) => void): void {
  const reached = Object.entries(channels).filter(([, config]) => config.kind !== 'log' && isConfigured(config));
  if (reached.length > 0) notice(`People are told by: ${reached.map(([name]) => name).join(', ')}.`);
  else
    notice(
      'Nobody is told: no channel has its secret. Incidents are on the page and in the log; set e.g. FLEETSCOPE_SLACK_WEBHOOK_URL.',
    );
}

/** `escalation.db` in the data folder, unless another store is named. */
export function defaultStore(data: string): string {
  return `sqlite:${join(data, 'escalation.db')}`;
}
