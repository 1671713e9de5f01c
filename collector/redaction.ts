import { re2, secretNames, secretShapes } from '../instrumentation/src/redaction/secrets.ts';

/** `$` is doubled: the Collector expands single ones. */
const escaped = (pattern: string) => pattern.replaceAll('$', '$$$$');

/** Masks attributes of resources, scopes, spans, their events and logs, and log lines: by the list that the SDK masks by as well. (I07) */
export const redaction = {
  allow_all_keys: true,
  blocked_key_patterns: secretNames.flatMap(re2).map(escaped),
  blocked_values: secretShapes.flatMap(re2).map(escaped),
  // Lists and maps too, such as `process.command_args`; one that holds a secret arrives as text.
  redact_all_types: true,
  summary: 'silent',
};
