import { type App, findApp } from './app.ts';
import type { Config } from './config.ts';
import { bridgeConsole } from './console-bridge.ts';
import { routeDiagnostics } from './diagnostics.ts';
import { ExportThread } from './export-thread.ts';
import { hookImports } from './import-hook.ts';
import { selectNames, startInstrumentations } from './instrumentations.ts';
import { flushAtTheEnd } from './lifecycle.ts';
import { buildLogs } from './logs.ts';
import { buildMetrics } from './metrics.ts';
import type { Reporter } from './reporter.ts';
import { buildResource } from './resource.ts';
import { api, apiLogs, contextAsyncHooks, core } from './sdk.ts';
import { startFromFile } from './start-from-file.ts';
import { buildTraces } from './traces.ts';

const scope = '@fleetscope/instrumentation';

/** How long a signal may hold up a host that handles it itself. A Collector that is there answers in a tenth of it. */
const briefMs = 500;

/** Starts the SDK in this process. Order matters: providers, then what asks for them, then the hook on imports. */
export function start(config: Config, reporter: Reporter): void {
  const app = findApp(process.argv[1], process.cwd());
  const names = selectNames(config.instrumentations);
  if (anotherIsRegistered()) {
    reporter.warn('Not started: another OpenTelemetry SDK is registered already. Remove one of the two preloads.');
    return;
  }
  if (!config.configFile) startFromEnvironment(config, app, reporter);
  else if (!startFromFile(config, app, reporter)) return;

  const modules = startInstrumentations(names, config, app, reporter);
  if (names.includes('console')) {
    bridgeConsole(console, api.logs.getLogger(`${scope}/console`), api.SeverityNumber);
  }
  routeDiagnostics(config.logLevel, reporter);
  reporter.info(`Started: ${app.name ?? 'this process'} with ${names.join(', ') || 'no instrumentation'}.`);
  hookImports(modules);
}

function startFromEnvironment(config: Config, app: App, reporter: Reporter): void {
  const resource = buildResource(config, app);
  const thread = new ExportThread(config, process.env, reporter);
  const metrics = buildMetrics(config.metrics, resource, thread, reporter);
  const traces = buildTraces(config, resource, metrics.provider, thread);
  const logs = buildLogs(config, resource, metrics.provider, thread);

  api.trace.setGlobalTracerProvider(traces.provider);
  api.context.setGlobalContextManager(new contextAsyncHooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(buildPropagator(config.propagators));
  api.metrics.setGlobalMeterProvider(metrics.provider);
  api.logs.setGlobalLoggerProvider(logs.provider);
  // The winston transport still asks the logs API of the 2.x line, a different global.
  apiLogs.logs.setGlobalLoggerProvider(logs.provider as never);

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
