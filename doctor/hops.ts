import { messagesTaken, prometheusSendsAlerts, whileTestAlertFires } from './alert.ts';
import { getText, until } from './ask.ts';
import type { Canary, CanarySender } from './canary.ts';
import { backendOf, diagnose } from './diagnose.ts';
import { type Finding, find } from './find.ts';
import { type Pipeline, readPipeline } from './pipeline.ts';
import type { Targets } from './targets.ts';

/** One station of the path from a service to a person. */
export interface Hop {
  hop: string;
  ok: boolean;
  /** From `span.end()`, or of the request itself for hops without a canary. */
  latencyMs?: number;
  detail: string;
  /** What to look at when it is not ok. */
  setting?: string;
}

/** The first canary, and what became of it at the door of the Collector. */
export async function sdkHop(
  sender: CanarySender,
  targets: Pick<Targets, 'otlp'>,
): Promise<{ hop: Hop; canary?: Canary }> {
  const startedAt = Date.now();
  try {
    const canary = await sender.send();
    const latencyMs = Date.now() - canary.endedAtMs;
    return {
      canary,
      hop: { hop: 'SDK', ok: true, latencyMs, detail: `${targets.otlp} acknowledged a span, a metric and a log` },
    };
  } catch (error) {
    return {
      hop: {
        hop: 'SDK',
        ok: false,
        latencyMs: Date.now() - startedAt,
        // gRPC ends some of its messages with the title of a note that is not there.
        detail: `${targets.otlp} did not take the canary: ${(error as Error).message.replace(/ ?Resolution note: $/, '')}`,
        setting: doorSetting((error as Error).message),
      },
    };
  }
}

/** By what the door of the Collector answered: who knocks is not known, who opens is not known, or nobody opens. */
function doorSetting(said: string): string {
  if (/UNAUTHENTICATED/.test(said))
    return 'OTEL_EXPORTER_OTLP_HEADERS of the service ("authorization=Bearer <token>"), the line of that token in the Secret fleetscope-otlp-tokens';
  if (/certificate|issuer|altnames/i.test(said))
    return 'OTEL_EXPORTER_OTLP_CERTIFICATE of the service (a file with ca.crt of the Secret fleetscope-otlp-tls), the host name in its endpoint';
  return 'OTEL_EXPORTER_OTLP_ENDPOINT of the service, FLEETSCOPE_COLLECTOR_GRPC of the stack; does "npm run status" show the Collector ready?';
}

/** Whether the Collector says that it is healthy. */
export async function collectorHop(targets: Targets): Promise<Hop> {
  const startedAt = Date.now();
  try {
    await getText(targets.collectorHealth);
    return {
      hop: 'Collector',
      ok: true,
      latencyMs: Date.now() - startedAt,
      detail: `${targets.collectorHealth} is healthy`,
    };
  } catch (error) {
    return {
      hop: 'Collector',
      ok: false,
      detail: (error as Error).message,
      setting:
        'extensions.health_check in collector/collector.ts, FLEETSCOPE_COLLECTOR_HEALTH; its log: .fleetscope/logs/collector.log',
    };
  }
}

/** After the canary was looked for: what still waits, and what was lost since the doctor began. */
export async function queueHop(targets: Targets, before: Pipeline | undefined): Promise<Hop> {
  const startedAt = Date.now();
  try {
    const { exporters, refused } = await readPipeline(targets);
    const failing = Object.entries(exporters).filter(
      ([name, now]) => now.failed > (before?.exporters[name]?.failed ?? 0),
    );
    const fill = Math.max(
      0,
      ...Object.values(exporters).map(({ queued, capacity }) => (capacity ? queued / capacity : 0)),
    );
    const turnedAway = refused - (before?.refused ?? 0);
    const setting =
      (failing[0] && `exporters.${failing[0][0]} in collector/collector.ts`) ??
      (fill > 0.7 ? 'the queue of `disks` in stack.ts, or the backend behind the fullest queue' : undefined) ??
      (turnedAway > 0 ? 'processors.memory_limiter in collector/collector.ts, --profile' : undefined);
    return {
      hop: 'Queue',
      ok: setting === undefined,
      latencyMs: Date.now() - startedAt,
      detail: `fullest ${(fill * 100).toFixed(0)} %, ${failing.length} exporters losing, ${turnedAway} items turned away`,
      ...(setting ? { setting } : {}),
    };
  } catch (error) {
    return {
      hop: 'Queue',
      ok: false,
      detail: (error as Error).message,
      setting: 'service.telemetry.metrics in collector/collector.ts, FLEETSCOPE_COLLECTOR_METRICS',
    };
  }
}

/** Looks for the canary in one way until it is there, and says what to look at when it is not. */
export async function backendHop(
  finding: Finding,
  targets: Targets,
  canary: Canary,
  before: Pipeline | undefined,
  options: { timeoutMs: number },
): Promise<Hop> {
  const result = await until(() => find[finding](targets, canary), { timeoutMs: options.timeoutMs, everyMs: 100 });
  const latencyMs = Date.now() - canary.endedAtMs;
  if (result.found) return { hop: finding, ok: true, latencyMs, detail: `found at ${targets[backendOf(finding)]}` };
  const after = await readPipeline(targets).catch(() => undefined); // Its own hop reports why.
  return {
    hop: finding,
    ok: false,
    latencyMs,
    detail: result.lastError?.message ?? `not found within ${options.timeoutMs / 1000} s`,
    setting: diagnose(finding, { answers: result.lastError === undefined, before, after }),
  };
}

/** Whether the test alert went on to the service that tells people; `before`: the messages that it had taken until then. */
export async function escalationHop(targets: Targets, before: number | undefined, timeoutMs: number): Promise<Hop> {
  const startedAt = Date.now();
  try {
    await getText(`${targets.escalation}/-/ready`);
  } catch (error) {
    return {
      hop: 'Escalation',
      ok: false,
      detail: (error as Error).message,
      setting: 'FLEETSCOPE_ESCALATION_HTTP (its address), or its log: .fleetscope/logs/escalation.log',
    };
  }
  const taken = await until(async () => (await messagesTaken(targets)) > (before ?? 0), { timeoutMs, everyMs: 100 });
  return taken.found
    ? {
        hop: 'Escalation',
        ok: true,
        latencyMs: Date.now() - startedAt,
        detail: `${targets.escalation} took the test alert`,
      }
    : {
        hop: 'Escalation',
        ok: false,
        detail: taken.lastError?.message ?? 'it is ready, but takes nothing from Alertmanager',
        setting:
          "receivers in alertmanager/alertmanager.ts; its token in .fleetscope/secrets/escalation-webhook-token; Alertmanager's log says why",
      };
}

/** A test alert to Alertmanager, and whether Prometheus sends its own there. */
export async function alertHop(targets: Targets, timeoutMs: number, whileItFires: () => Promise<void>): Promise<Hop> {
  const startedAt = Date.now();
  let latencyMs = 0;
  try {
    await whileTestAlertFires(targets, timeoutMs, () => {
      latencyMs = Date.now() - startedAt;
      return whileItFires();
    });
  } catch (error) {
    return {
      hop: 'Alertmanager',
      ok: false,
      detail: (error as Error).message,
      setting: 'FLEETSCOPE_ALERTMANAGER_HTTP, route in alertmanager/alertmanager.ts',
    };
  }
  const wired = await until(() => prometheusSendsAlerts(targets), { timeoutMs, everyMs: 500 });
  return wired.found
    ? { hop: 'Alertmanager', ok: true, latencyMs, detail: `${targets.alertmanager} took and routed a test alert` }
    : {
        hop: 'Alertmanager',
        ok: false,
        latencyMs,
        detail: wired.lastError?.message ?? 'it works, but Prometheus sends it nothing',
        setting: 'alerting.alertmanagers in prometheus/prometheus.ts',
      };
}
