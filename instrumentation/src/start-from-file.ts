import type { App } from './app.ts';
import type { Config } from './config.ts';
import { loadOptional } from './optional-package.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { api, apiLogs } from './sdk.ts';

type Sdk = { shutdown(): Promise<void> };
// Renamed between 0.300 and 0.301.
type SdkNode = { startNodeSDK?: () => Sdk; startNodeSdk?: () => Sdk };

/**
 * OTEL_CONFIG_FILE: the SDK that the file describes, built by the optional peer `@opentelemetry/sdk-node`.
 * It exports from the host's own thread, so its last batch is sent at a natural end and on a signal, not at
 * `process.exit()` and not after a crash.
 */
export function startFromFile(config: Config, app: App, reporter: Reporter): boolean {
  let sdk: Sdk;
  try {
    const { startNodeSdk, startNodeSDK } = loadOptional<SdkNode>('@opentelemetry/sdk-node', app);
    const startSdk = startNodeSdk ?? startNodeSDK;
    if (!startSdk) throw new Error('this version of @opentelemetry/sdk-node cannot read one. Use 0.300.0.');
    sdk = startSdk();
  } catch (error) {
    reporter.warn(`Not started: OTEL_CONFIG_FILE is "${config.configFile}", but ${oneLine(error)}`);
    return false;
  }
  apiLogs.logs.setGlobalLoggerProvider(api.logs as never);
  const shutdown = () =>
    Promise.race([
      sdk.shutdown().catch(() => {}),
      new Promise<void>((resolve) => setTimeout(resolve, config.flushTimeoutMs)),
    ]);
  process.once('beforeExit', shutdown);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const onSignal = async () => {
      process.removeListener(signal, onSignal);
      const alone = process.listenerCount(signal) === 0;
      await shutdown();
      if (alone) process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
  return true;
}
