import type { DiagLogger } from '@opentelemetry/api';
import type { Config } from './config.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { api, core } from './sdk.ts';

/** Sends what the SDK has to say to our reporter. Default level: warn; OTEL_LOG_LEVEL moves it. */
export function routeDiagnostics(level: Config['logLevel'], reporter: Reporter): void {
  const say = (message: unknown, ...details: unknown[]) => reporter.warn([message, ...details].map(oneLine).join(' '));
  const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
  const { DiagLogLevel } = api;
  const levels: Record<Config['logLevel'], number> = {
    none: DiagLogLevel.NONE,
    error: DiagLogLevel.ERROR,
    warn: DiagLogLevel.WARN,
    info: DiagLogLevel.INFO,
    debug: DiagLogLevel.DEBUG,
    verbose: DiagLogLevel.VERBOSE,
    all: DiagLogLevel.ALL,
  };
  api.diag.setLogger(logger, { logLevel: levels[level], suppressOverrideMessage: true });
  core.setGlobalErrorHandler((error) => api.diag.error(oneLine(error)));
}
