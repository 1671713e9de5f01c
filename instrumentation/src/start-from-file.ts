import type { App } from './app.ts';
import type { Config } from './config.ts';
import { loadOptional } from './optional-package.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { api, apiLogs } from './sdk.ts';

// Renamed between 0.300 and 0.301.
type SdkNode = { startNodeSDK?: () => unknown; startNodeSdk?: () => unknown };
type Provider = { getDelegate?(): Provider; forceFlush?(): Promise<void> };

/**
 * OTEL_CONFIG_FILE: the SDK that the file describes, built by the optional peer `@opentelemetry/sdk-node`.
 * It exports from the host's own thread, so its last batch is sent at a natural end and on a signal, not at
 * `process.exit()` and not after a crash; and sending at a natural end makes Node emit `beforeExit` once more.
 */
export function startFromFile(config: Config, app: App, reporter: Reporter): boolean {
  try {
    const { startNodeSdk, startNodeSDK } = loadOptional<SdkNode>('@opentelemetry/sdk-node', app);
    const startSdk = startNodeSdk ?? startNodeSDK;
    if (!startSdk)
      throw new Error('this @opentelemetry/sdk-node cannot read one. Run: npm install @opentelemetry/sdk-node@0.300.0');
    startSdk();
  } catch (error) {
    reporter.warn(`Not started: OTEL_CONFIG_FILE is "${config.configFile}", but ${oneLine(error)}`);
    return false;
  }
  apiLogs.logs.setGlobalLoggerProvider(api.logs as never);
  process.once('beforeExit', () => void flush(config.flushTimeoutMs));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const onSignal = async () => {
      process.removeListener(signal, onSignal);
      const alone = process.listenerCount(signal) === 0;
      await flush(config.flushTimeoutMs);
      if (alone) process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
  return true;
}

async function flush(timeoutMs: number): Promise<void> {
  const providers = [api.trace.getTracerProvider(), api.metrics.getMeterProvider(), api.logs.getLoggerProvider()];
  const flushed = (providers as Provider[]).map(async (provider) =>
    (provider.getDelegate?.() ?? provider).forceFlush?.(),
  );
  const timeUp = new Promise((resolve) => setTimeout(resolve, timeoutMs).unref());
  await Promise.race([Promise.allSettled(flushed), timeUp]);
}
