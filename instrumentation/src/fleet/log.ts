import type { Severity } from '../catalog/event.ts';
import { record as structuredRecord } from '../catalog/service.ts';
import { emit } from './emit.ts';
import { given, textOf } from './given.ts';
import { harmless } from './guard.ts';
import { errorMessageOf, errorTypeOf } from './run.ts';

export interface LogDetails {
  /** Which part speaks: one of few. */
  component?: string;
  /** What was being done. */
  command?: string;
  userId?: string;
  sessionId?: string;
  /** Its class, message and stack go along. */
  error?: unknown;
  /** What was done about it. */
  recoveryAction?: string;
  /** Who or what suffers from it. */
  impact?: string;
}

type Write = (message: string, details?: LogDetails) => void;

/** The structured log record of the catalogue, with the trace it happened in. It goes out as OTLP, not to the console. (I05) */
export const log: Readonly<Record<Severity, Write>> = {
  debug: writer('debug'),
  info: writer('info'),
  warn: writer('warn'),
  error: writer('error'),
  fatal: writer('fatal'),
};

function writer(severity: Severity): Write {
  return harmless((message, details = {}) => {
    const { component, command, userId, sessionId, recoveryAction, impact } = given(details);
    emit(
      structuredRecord,
      textOf(message),
      {
        component,
        command,
        'user.id': userId,
        'session.id': sessionId,
        ...errorFacts(details?.error),
        'recovery.action': recoveryAction,
        impact,
      },
      severity,
    );
  });
}

function errorFacts(error: unknown) {
  if (error === undefined) return {};
  const { stack } = given(error as { stack?: string });
  return { 'error.type': errorTypeOf(error), 'error.message': errorMessageOf(error), 'exception.stacktrace': stack };
}
