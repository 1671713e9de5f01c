import { createRequire } from 'node:module';
import { type App, findApp } from './app.ts';
import type { Config } from './config.ts';
import { bridgeConsole } from './console-bridge.ts';
import { routeDiagnostics } from './diagnostics.ts';
import { ExportThread } from './export-thread.ts';
import { scopeName } from './fleet/scope-name.ts';
import { hookImports } from './import-hook.ts';
import { selectNames, startInstrumentations } from './instrumentations.ts';
import { flushAtTheEnd } from './lifecycle.ts';
import { buildLogs } from './logs.ts';
import { buildMetrics } from './metrics.ts';
import { CostClock } from './own-cost/cost-clock.ts';
import { Gate } from './own-cost/gate.ts';
import { SenderLoad } from './own-cost/sender-load.ts';
import { type OwnCost, showLevel, watchOwnCost } from './own-cost/watch.ts';
import { watchLogs } from './own-cost/watched-logs.ts';
import { watchMetrics } from './own-cost/watched-metrics.ts';
import { watchTraces } from './own-cost/watched-traces.ts';
import { redactAttributes } from './redaction/redact.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { buildResource } from './resource.ts';
import { api, apiLogs, contextAsyncHooks, core } from './sdk.ts';
import { startFromFile } from './start-from-file.ts';
import { buildTraces } from './traces.ts';

const require = createRequire(import.meta.url);

const serviceAfterMs = 1000;

/** How long a signal may hold up a host that handles it itself. A Collector that is there answers in a tenth of it. */
const briefMs = 1000;

/** Between two looks at what this package costs: as often as metrics leave, within these bounds. */
const lookMs = { shortest: 100, longest: 10_000 };

const unredacted = 'Not redacted: FLEETSCOPE_REDACTION=false. Secrets leave this process as they are.';

/** Starts the SDK in this process. Order matters: providers, then what asks for them, then the hook on imports. */
export function start(config: Config, reporter: Reporter): void {
  const app = findApp(process.argv[1], process.cwd());
  const names = selectNames(config.instrumentations, config.preset);
  if (anotherIsRegistered()) {
    reporter.warn('Not started: another OpenTelemetry SDK is registered already. Remove one of the two preloads.');
    return;
  }
  const gate = new Gate(config.preset, config.preset !== 'metrics' || config.traces.exporters.length > 0);
  if (!config.configFile) startFromEnvironment(config, app, gate, reporter);
  else if (!startFromFile(config, app, reporter)) return;

  const modules = startInstrumentations(names, config, app, gate, reporter);
  if (names.includes('console')) {
    bridgeConsole(console, api.logs.getLogger(`${scopeName}/console`), api.SeverityNumber);
  }
  routeDiagnostics(config.logLevel, reporter);
  setTimeout(recordLater, serviceAfterMs, app, reporter).unref();
  reporter.info(`Started: ${app.name ?? 'this process'} with ${names.join(', ') || 'no instrumentation'}.`);
  hookImports(modules);
}

function startFromEnvironment(config: Config, app: App, gate: Gate, reporter: Reporter): void {
  if (!config.redaction) reporter.warn(unredacted);
  const resourceAttributes = config.redaction ? redactAttributes(config.resourceAttributes) : config.resourceAttributes;
  const resource = buildResource({ ...config, resourceAttributes }, app);
  const thread = new ExportThread(config, process.env, reporter);
  const cost: OwnCost = { gate, clock: new CostClock(), sender: new SenderLoad() };
  const metrics = buildMetrics(config, resource, thread, cost, reporter);
  const traces = buildTraces(config, resource, metrics.provider, thread, cost);
  const logs = buildLogs(config, resource, metrics.provider, thread, cost);
  const loggerProvider = watchLogs(logs.provider, gate, cost.clock);

  api.trace.setGlobalTracerProvider(watchTraces(traces.provider, gate, cost.clock));
  api.context.setGlobalContextManager(new contextAsyncHooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(buildPropagator(config.propagators));
  api.metrics.setGlobalMeterProvider(watchMetrics(metrics.provider, cost.clock));
  api.logs.setGlobalLoggerProvider(loggerProvider);
  // The winston transport still asks the logs API of the 2.x line, a different global.
  apiLogs.logs.setGlobalLoggerProvider(loggerProvider as never);

  const meter = metrics.provider.getMeter(scopeName);
  showLevel(gate, meter);
  const everyMs = Math.min(Math.max(config.metrics.exportIntervalMs, lookMs.shortest), lookMs.longest);
  if (config.cpuBudget > 0) watchOwnCost(cost, { budget: config.cpuBudget, lookMs: everyMs }, meter, reporter);

  flushAtTheEnd(process, {
    collect: metrics.collect,
    handOver() {
      thread.drain();
      traces.handOver();
      logs.handOver();
      metrics.handOver();
    },
    waitUntilSettled: () => thread.waitUntilSettled(config.flushTimeoutMs),
    waitBriefly: () => thread.settle(Math.min(config.flushTimeoutMs, briefMs)),
  });
}

/** Not while the service starts; and what ends within a second is a command rather than a service. */
function recordLater(app: App, reporter: Reporter): void {
  try {
    type Module = typeof import('./service-record.ts');
    const { recordService } = require('./service-record.js') as Module;
    recordService(app);
  } catch (error) {
    // The service runs on.
    reporter.warn(`Without process metrics: ${oneLine(error)}.`);
  }
}

// Where every version 1.x of the API keeps what is registered. Asking the API itself gives a proxy either way.
function anotherIsRegistered(): boolean {
  const registered = (globalThis as { [key: symbol]: { trace?: unknown } | undefined })[
    Symbol.for('opentelemetry.js.api.1')
  ];
  return registered?.trace !== undefined;
}

function buildPropagator(names: Config['propagators']) {
  const propagators = {
    tracecontext: () => new core.W3CTraceContextPropagator(),
    baggage: () => new core.W3CBaggagePropagator(),
  };
  return new core.CompositePropagator({ propagators: names.map((name) => propagators[name]()) });
}
