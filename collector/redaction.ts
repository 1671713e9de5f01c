import { mask, re2, secretNames, secretShapes } from '../instrumentation/src/redaction/secrets.ts';

/** `$` is doubled: the Collector expands single ones. */
const escaped = (pattern: string) => pattern.replaceAll('$', '$$$$');

/** What no attribute and no log line may carry out of the Collector: the list that the SDK masks by as well. (I07) */
const secretValues = secretShapes.flatMap(re2).map(escaped);

/** Masks attributes of resources, scopes, spans, their events and logs, and the bodies of logs. */
export const redaction = {
  allow_all_keys: true,
  blocked_key_patterns: secretNames.flatMap(re2).map(escaped),
  blocked_values: secretValues,
  // Lists and maps too, such as `process.command_args`; one that holds a secret arrives as text.
  redact_all_types: true,
  summary: 'silent',
};

/** The same for log bodies that are text. */
export const redactBody = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'log',
      conditions: ['IsString(log.body)'],
      statements: secretValues.map(
        (pattern) =>
          `replace_pattern(log.body, "${pattern.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}", "${mask}")`,
      ),
    },
  ],
};
