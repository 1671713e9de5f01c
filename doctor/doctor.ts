import { prometheusSendsAlerts, sendTestAlert } from './alert.ts';
import { getText, until } from './ask.ts';
import { type Canary, CanarySender } from './canary.ts';
import { backendOf, diagnose } from './diagnose.ts';
import { type Finding, find } from './find.ts';
import { type Freshness, freshness } from './freshness.ts';
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

export interface Report {
  ok: boolean;
  hops: Hop[];
  freshness: Freshness[];
}

export interface DoctorOptions {
  /** How long a canary may take to be findable. */
  timeoutMs: number;
  /** How many canaries; the first is reported hop by hop, all of them as freshness. */
  canaries: number;
  onHop?: (hop: Hop) => void;
}

/** Sends marked telemetry and a test alert through the real path, and looks for it at every hop. */
export async function examine(targets: Targets, options: DoctorOptions): Promise<Report> {
  const hops: Hop[] = [];
  const add = (hop: Hop): Hop => {
    hops.push(hop);
    options.onHop?.(hop);
    return hop;
  };
  const sender = new CanarySender(targets.otlp, Math.min(options.timeoutMs, 5_000));
  try {
    const before = await readPipeline(targets).catch(() => undefined); // Its own hop reports why.
    const sent = await sendFirst(sender, targets);
    add(sent.hop);
    add(await collectorHop(targets));
    if (sent.canary) {
      const canary = sent.canary;
      const found = await Promise.all(
        (Object.keys(find) as Finding[]).map((finding) => backendHop(finding, targets, canary, before, options)),
      );
      add(await queueHop(targets, before));
      for (const hop of found) add(hop);
    }
    add(await alertHop(targets, options.timeoutMs));
    const measured =
      sent.canary && hops.every((hop) => hop.ok) && options.canaries > 1
        ? await freshness(sender, targets, options)
        : [];
    return { ok: hops.every((hop) => hop.ok) && measured.every((one) => one.lost === 0), hops, freshness: measured };
  } finally {
    await sender.close();
  }
}

async function sendFirst(sender: CanarySender, targets: Targets): Promise<{ hop: Hop; canary?: Canary }> {
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
        detail: `${targets.otlp} did not take the canary: ${(error as Error).message}`,
        setting:
          'OTEL_EXPORTER_OTLP_ENDPOINT of the service, FLEETSCOPE_COLLECTOR_GRPC of the stack; does "npm run status" show the Collector ready?',
      },
    };
  }
}

async function collectorHop(targets: Targets): Promise<Hop> {
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
async function queueHop(targets: Targets, before: Pipeline | undefined): Promise<Hop> {
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
      (fill > 0.7 ? 'queueMib in stack.ts, or the backend behind the fullest queue' : undefined) ??
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

async function backendHop(
  finding: Finding,
  targets: Targets,
  canary: Canary,
  before: Pipeline | undefined,
  options: DoctorOptions,
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

async function alertHop(targets: Targets, timeoutMs: number): Promise<Hop> {
  const startedAt = Date.now();
  try {
    await sendTestAlert(targets, timeoutMs);
  } catch (error) {
    return {
      hop: 'Alertmanager',
      ok: false,
      detail: (error as Error).message,
      setting: 'FLEETSCOPE_ALERTMANAGER_HTTP, route in alertmanager/alertmanager.ts',
    };
  }
  const latencyMs = Date.now() - startedAt;
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
