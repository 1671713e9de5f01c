import { oneLine } from './reporter.ts';
import { api } from './sdk.ts';

/**
 * Makes calls of the SDK keep what the API promises: to record never throws into the host, whatever is recorded. The SDK
 * reads every value, and throws where one throws when it is read or where it cannot tell labels apart (a BigInt).
 */
export function guardCalls(target: object, methods: readonly string[]): void {
  const calls = target as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  for (const name of methods) {
    const original = calls[name];
    if (!original) continue;
    calls[name] = function (this: unknown, ...args) {
      try {
        return original.apply(this, args);
      } catch (error) {
        notRecorded(error);
        // Calls of a span are chained.
        return this;
      }
    };
  }
}

/** Says so, at most once a minute for each reason. */
export function notRecorded(error: unknown): void {
  api.diag.warn(`Not recorded: ${oneLine(error)}. A value given to OpenTelemetry cannot be read.`);
}
