import { format } from 'node:util';
import type { Logger, SeverityNumber } from '@opentelemetry/api';

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error';

const longestBody = 8192;

/**
 * Copies each `console` line to the logger, with the active trace. The original is always called, first and unchanged;
 * a line written while one is being copied is not copied, so a logger that logs does not recurse.
 */
export function bridgeConsole(target: Console, logger: Logger, severity: typeof SeverityNumber): void {
  const severities: Record<Method, SeverityNumber> = {
    debug: severity.DEBUG,
    log: severity.INFO,
    info: severity.INFO,
    warn: severity.WARN,
    error: severity.ERROR,
  };
  let copying = false;

  const copy = (method: Method, args: unknown[]) => {
    if (copying) return;
    copying = true;
    try {
      // Stepped down: nothing is made of a line that is not sent.
      if (logger.enabled?.() === false) return;
      const body = format(...args).slice(0, longestBody);
      logger.emit({ severityNumber: severities[method], severityText: method, body, attributes: exceptionIn(args) });
    } catch {
      // A value that cannot be shown has been refused by the original already.
    } finally {
      copying = false;
    }
  };

  for (const method of Object.keys(severities) as Method[]) {
    const original = target[method];
    const bridged = (...args: unknown[]) => {
      original.apply(target, args);
      copy(method, args);
    };
    target[method] = Object.defineProperty(bridged, 'name', { value: original.name });
  }
}

function exceptionIn(args: unknown[]): Record<string, string> {
  const error = args.find((value) => value instanceof Error);
  if (!error) return {};
  return {
    'exception.type': error.name,
    'exception.message': error.message,
    ...(error.stack && { 'exception.stacktrace': error.stack }),
  };
}
