import {
  attributes,
  choice,
  choices,
  endpoint,
  flag,
  fraction,
  headers,
  names,
  perSignal,
  port,
  type Setting,
  text,
  wholeNumber,
} from './setting-kinds.ts';

/** Every variable this package reads. README.md shows the same table; a test compares the two. */
export const settings = {
  OTEL_SDK_DISABLED: flag(false, 'Switches everything off before anything is loaded.'),
  OTEL_SERVICE_NAME: text(
    '',
    '`service.name`. Unset: the name in the package.json of the app, else `unknown_service:node`.',
  ),
  OTEL_RESOURCE_ATTRIBUTES: attributes(
    'More about the service, e.g. `deployment.environment.name=staging,team=search`.',
  ),
  OTEL_LOG_LEVEL: choice(
    'warn',
    ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
    'How much this package and the SDK say on stderr.',
  ),

  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(
    'http://localhost:4317',
    'The Collector. `http://` is added where no scheme is given.',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: perSignal(choice('grpc', ['grpc'], 'gRPC is what this package speaks (port 4317).')),
  OTEL_EXPORTER_OTLP_HEADERS: headers(
    'Sent with every request, e.g. `authorization=Bearer%20…`. Never repeated in a warning.',
  ),
  OTEL_EXPORTER_OTLP_TIMEOUT: perSignal(wholeNumber(10_000, 1, 'Longest wait for one answer, in ms.')),
  OTEL_EXPORTER_OTLP_COMPRESSION: perSignal(choice('none', ['none', 'gzip'], 'Of the requests.')),
  OTEL_EXPORTER_OTLP_INSECURE: perSignal(flag(true, '`false` makes an endpoint without scheme `https://`.')),
  OTEL_EXPORTER_OTLP_CERTIFICATE: perSignal(text('', 'File with the certificate authority to trust, for `https://`.')),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: perSignal(text('', 'File with our certificate, for mutual TLS.')),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: perSignal(text('', 'File with its key.')),

  OTEL_TRACES_EXPORTER: choices(['otlp'], ['otlp'], '`none` makes and passes on trace ids but sends no spans.'),
  OTEL_METRICS_EXPORTER: choices(
    ['otlp'],
    ['otlp', 'prometheus'],
    '`prometheus` opens a page to scrape; `otlp,prometheus` does both.',
  ),
  OTEL_LOGS_EXPORTER: choices(['otlp'], ['otlp'], '`none` sends no log records.'),
  OTEL_EXPORTER_PROMETHEUS_HOST: text('localhost', 'Address to listen on; `0.0.0.0` lets another container scrape.'),
  OTEL_EXPORTER_PROMETHEUS_PORT: port(9464, 'The page is `/metrics`. Some fleets use 9100 or 8080.'),

  OTEL_TRACES_SAMPLER: choice(
    'parentbased_always_on',
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    'Which traces are kept. Sampling by outcome belongs in the Collector.',
  ),
  OTEL_TRACES_SAMPLER_ARG: fraction(1, 'Share kept by the `traceidratio` samplers.'),
  OTEL_PROPAGATORS: choices(
    ['tracecontext', 'baggage'],
    ['tracecontext', 'baggage'],
    'Headers that carry a trace from one service to the next.',
  ),
  OTEL_ATTRIBUTE_COUNT_LIMIT: wholeNumber(128, 0, 'Attributes per span and log record; more are dropped.'),
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumber(4096, 0, 'Characters per attribute value; longer ones are cut.'),

  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(5000, 0, 'Longest time a span waits, in ms.'),
  OTEL_BSP_EXPORT_TIMEOUT: wholeNumber(30_000, 1, 'Longest time to send a batch of spans, in ms.'),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(2048, 1, 'Spans that may wait; more are dropped and counted.'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(512, 1, 'Spans per batch.'),
  OTEL_BLRP_SCHEDULE_DELAY: wholeNumber(1000, 0, 'Longest time a log record waits, in ms.'),
  OTEL_BLRP_EXPORT_TIMEOUT: wholeNumber(30_000, 1, 'Longest time to send a batch of log records, in ms.'),
  OTEL_BLRP_MAX_QUEUE_SIZE: wholeNumber(2048, 1, 'Log records that may wait; more are dropped and counted.'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: wholeNumber(512, 1, 'Log records per batch.'),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(60_000, 1, 'Time between two pushes of the metrics, in ms.'),
  OTEL_METRIC_EXPORT_TIMEOUT: wholeNumber(30_000, 1, 'Longest time to collect and send them, in ms.'),

  OTEL_NODE_ENABLED_INSTRUMENTATIONS: names(
    'Only these, e.g. `http,undici`. Names without `@opentelemetry/instrumentation-`.',
  ),
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: names('All but these, e.g. `console`.'),
  OTEL_CONFIG_FILE: text(
    '',
    'Declarative configuration; needs `@opentelemetry/sdk-node` installed and replaces the `OTEL_*` above.',
  ),

  FLEETSCOPE_PRESET: choice(
    'full',
    ['full', 'spans', 'metrics'],
    '`spans`: no log libraries, no runtime. `metrics`: no spans either. See below.',
  ),
  FLEETSCOPE_CPU_BUDGET: fraction(
    0.25,
    'Most CPU time this package may take, as a share of one core; beyond it steps down. `0`: it never does.',
  ),
  FLEETSCOPE_REDACTION: flag(true, '`false` lets secrets leave the process as they are.'),
  FLEETSCOPE_INSTRUMENTATIONS: text('default', '`default`, `all`, `none`, or a comma list of names.'),
  FLEETSCOPE_PRICES_FILE: text('', 'A file of prices of models, beside the shipped ones: docs/prices.md.'),
  FLEETSCOPE_LLM_STREAM_USAGE: flag(
    false,
    '`true` asks OpenAI for the tokens of a stream where the program does not; the stream then has one chunk more.',
  ),
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: choice(
    'false',
    ['false', 'true', 'no_content', 'span_only', 'event_only', 'span_and_event'],
    '`true` records prompts and answers. The Collector drops them unless its FLEETSCOPE_CONTENT is `keep`.',
  ),
  FLEETSCOPE_LOG_CORRELATION: flag(
    false,
    '`true` adds `trace_id`, `span_id` and `trace_flags` to the lines pino and winston write.',
  ),
  FLEETSCOPE_FLUSH_TIMEOUT_MS: wholeNumber(2000, 0, 'Longest the end of the process is held to send what is buffered.'),
} as const;

/** One setting as the fleet API reads it, which has no `Config`: an invalid one was named when the SDK started. */
export function readSetting<K extends keyof Settings>(
  name: K,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings[K]['unset'] {
  const { unset, parse } = settings[name] as Setting<Settings[K]['unset']>;
  const raw = env[name]?.trim();
  return raw ? (parse(raw) ?? unset) : unset;
}

type Settings = typeof settings;
