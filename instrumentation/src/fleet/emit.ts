import { type Attributes, logs, SeverityNumber } from '@opentelemetry/api';
import type { EventAttributesOf, EventDeclaration, Severity } from '../catalog/event.ts';
import { guard } from './guard.ts';
import { scopeName, scopeVersion } from './scope-name.ts';

const numbers: Record<Severity, SeverityNumber> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** A log record with the event's name, and the trace and span it happened in. Never throws. */
export function emit<E extends EventDeclaration>(
  event: E,
  body: string,
  attributes: EventAttributesOf<E>,
  severity: Severity = event.severity,
): void {
  guard(() =>
    logs.getLogger(scopeName, scopeVersion).emit({
      eventName: event.name,
      severityNumber: numbers[severity],
      severityText: severity.toUpperCase(),
      body,
      attributes: withoutUndefined(attributes),
    }),
  );
}

/** A copy of what is known. Some versions of the SDK complain of `undefined`. */
export function withoutUndefined(given: Attributes, onto: Attributes = {}): Attributes {
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) onto[name] = value;
  }
  return onto;
}
