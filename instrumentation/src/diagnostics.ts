import type { DiagLogger } from '@opentelemetry/api';
import type { Config } from './config.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { api, core } from './sdk.ts';

const second =
  'Not registered: an OpenTelemetry SDK that the app starts itself. This one was there first and gets what is recorded; remove one of the two.';

/** Sends what the SDK has to say to our reporter. Default level: warn; OTEL_LOG_LEVEL moves it. */
export function routeDiagnostics(level: Config['logLevel'], reporter: Reporter): void {
  const say = (message: unknown, ...details: unknown[]) => {
    const text = [message, ...details].map(oneLine).join(' ');
    // The API says so three times, each with its stack.
    if (text.includes('Attempted duplicate registration of API')) reporter.warn(second);
    else reporter.warn(text);
  };
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
