/** Shapes of secrets that no attribute value or log line may carry out of the Collector. (I07) */
const secretValues = [
  'AKIA[0-9A-Z]{16}', // AWS access key id
  'gh[pousr]_[A-Za-z0-9]{36,}', // GitHub token
  'sk-(ant-|proj-)?[A-Za-z0-9_-]{20,}', // Anthropic, OpenAI key
  'xox[abprs]-[A-Za-z0-9-]{10,}', // Slack token
  'AIza[0-9A-Za-z_-]{35}', // Google API key
  'eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}', // JSON Web Token
  '(?i)bearer\\s+[A-Za-z0-9._~+/-]{16,}=*', // Authorization header
  '-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?',
];

/** Attribute names whose value is a secret whatever it looks like. `gen_ai.usage.input_tokens` is none. */
const secretKeys = [
  '(?i)(^|[._-])(password|passwd|secret|api[_-]?key|private[_-]?key|(access|auth|refresh|session)[_-]?token)$',
  '(?i)(^|[._-])(authorization|cookie|set-cookie|x-api-key)$',
];

/** Masks attributes of spans, their events, logs and resources. */
export const redaction = {
  allow_all_keys: true,
  blocked_key_patterns: secretKeys,
  blocked_values: secretValues,
  redact_all_types: false,
  summary: 'silent',
};

/** The redaction processor does not read log bodies; this does. `$` is doubled: the Collector expands single ones. */
export const redactBody = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'log',
      conditions: ['IsString(log.body)'],
      statements: secretValues.map(
        (pattern) =>
          `replace_pattern(log.body, "${pattern.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')}", "****")`,
      ),
    },
  ],
};
