import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { settings } from './settings.ts';

const valid: [string, string, unknown, (config: ReturnType<typeof readConfig>['config']) => unknown][] = [
  ['OTEL_SDK_DISABLED', 'TRUE', true, ({ disabled }) => disabled],
  ['OTEL_SERVICE_NAME', 'till', 'till', ({ serviceName }) => serviceName],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a=1, b=x%2Cy', { a: '1', b: 'x,y' }, ({ resourceAttributes }) => resourceAttributes],
  ['OTEL_LOG_LEVEL', 'DEBUG', 'debug', ({ logLevel }) => logLevel],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'otel:4317', 'http://otel:4317', ({ logs }) => logs.otlp.endpoint],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://otel:443/v1/traces', 'https://otel', ({ logs }) => logs.otlp.endpoint],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://t:1', 'http://t:1', ({ traces }) => traces.otlp.endpoint],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://t:1', 'http://localhost:4317', ({ logs }) => logs.otlp.endpoint],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'Key=a%20b', { key: 'a b' }, ({ metrics }) => metrics.otlp.headers],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '1500', 1500, ({ traces }) => traces.otlp.timeoutMs],
  ['OTEL_BSP_EXPORT_TIMEOUT', '900', 900, ({ traces }) => traces.otlp.timeoutMs],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip', 'gzip', ({ traces }) => traces.otlp.compression],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'ca.pem', 'ca.pem', ({ traces }) => traces.otlp.tls.authorityFile],
  ['OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY', 'k.pem', 'k.pem', ({ logs }) => logs.otlp.tls.keyFile],
  ['OTEL_TRACES_EXPORTER', 'none', [], ({ traces }) => traces.exporters],
  ['OTEL_METRICS_EXPORTER', 'otlp, prometheus', ['otlp', 'prometheus'], ({ metrics }) => metrics.exporters],
  ['OTEL_LOGS_EXPORTER', 'none', [], ({ logs }) => logs.exporters],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '9100', 9100, ({ metrics }) => metrics.prometheus.port],
  ['OTEL_TRACES_SAMPLER', 'traceidratio', 'traceidratio', ({ traces }) => traces.sampler.name],
  ['OTEL_TRACES_SAMPLER_ARG', '0.25', 0.25, ({ traces }) => traces.sampler.ratio],
  ['OTEL_PROPAGATORS', 'baggage', ['baggage'], ({ propagators }) => propagators],
  ['OTEL_BSP_SCHEDULE_DELAY', '0', 0, ({ traces }) => traces.batch.scheduleDelayMs],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '100', 100, ({ logs }) => logs.batch.maxBatchSize],
  ['OTEL_METRIC_EXPORT_INTERVAL', '1000', 1000, ({ metrics }) => metrics.collectTimeoutMs],
  [
    'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    'http,console',
    ['http', 'console'],
    ({ instrumentations }) => instrumentations.without,
  ],
  ['FLEETSCOPE_PRESET', 'Spans', 'spans', ({ preset }) => preset],
  ['FLEETSCOPE_PRESET', 'spans', ['otlp'], ({ logs }) => logs.exporters],
  ['FLEETSCOPE_PRESET', 'metrics', [], ({ traces }) => traces.exporters],
  ['FLEETSCOPE_PRESET', 'metrics', [], ({ logs }) => logs.exporters],
  ['FLEETSCOPE_CPU_BUDGET', '0.1', 0.1, ({ cpuBudget }) => cpuBudget],
  ['FLEETSCOPE_REDACTION', 'false', false, ({ redaction }) => redaction],
  ['FLEETSCOPE_INSTRUMENTATIONS', 'all', 'all', ({ instrumentations }) => instrumentations.preset],
  ['FLEETSCOPE_LOG_CORRELATION', 'true', true, ({ logs }) => logs.correlation],
  ['FLEETSCOPE_FLUSH_TIMEOUT_MS', '0', 0, ({ flushTimeoutMs }) => flushTimeoutMs],
  ['FLEETSCOPE_PRICES_FILE', 'p.json', 'p.json', ({ models }) => models.pricesFile],
  ['FLEETSCOPE_LLM_STREAM_USAGE', 'true', true, ({ models }) => models.streamUsage],
  ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'SPAN_ONLY', 'span_only', ({ models }) => models.content],
];

test.each(valid)('I02 %s=%s is honoured', (name, text, expected, read) => {
  const { config, warnings } = readConfig({ [name]: text });
  expect({ read: read(config), warnings }).toEqual({ read: expected, warnings: [] });
});

const invalid = [
  ['OTEL_BSP_SCHEDULE_DELAY', 'soon', 'a whole number from 0 to 2147483647', '5000'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'a whole number from 1 to 2147483647', '2048'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '2147483648', 'a whole number from 1 to 2147483647', '60000'],
  ['OTEL_BLRP_SCHEDULE_DELAY', '-1', 'a whole number from 0 to 2147483647', '1000'],
  ['OTEL_SDK_DISABLED', 'yes', 'true or false', 'false'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'one of always_on', 'parentbased_always_on'],
  ['OTEL_TRACES_SAMPLER_ARG', '2', 'a number from 0 to 1', '1'],
  ['OTEL_PROPAGATORS', 'b3', 'a comma list of tracecontext, baggage, or none', 'tracecontext,baggage'],
  ['OTEL_METRICS_EXPORTER', 'otlp,console', 'a comma list of otlp, prometheus, or none', 'otlp'],
  ['OTEL_TRACES_EXPORTER', 'otlp,none', 'a comma list of otlp, or none', 'otlp'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://otel', 'an address such as', 'http://localhost:4317'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', 'one of grpc', 'grpc'],
  ['OTEL_EXPORTER_OTLP_LOGS_COMPRESSION', 'zstd', 'one of none, gzip', 'none'],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '0', 'a port from 1 to 65535', '9464'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'a list such as key=value', 'none'],
  ['OTEL_LOG_LEVEL', 'loud', 'one of none, error', 'warn'],
  ['FLEETSCOPE_PRESET', 'light', 'one of full, spans, metrics', 'full'],
  ['FLEETSCOPE_CPU_BUDGET', '25', 'a number from 0 to 1', '0.25'],
  ['FLEETSCOPE_LLM_STREAM_USAGE', 'yes', 'true or false', 'false'],
  ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'all', 'one of false, true, no_content', 'false'],
] as const;

test.each(invalid)(
  'I02 an invalid %s, %j, is named in a warning and its default used',
  (name, text, expects, fallback) => {
    const { config, warnings } = readConfig({ [name]: text });
    expect(warnings).toEqual([expect.stringContaining(`Ignored ${name}: ${JSON.stringify(text)} is not ${expects}`)]);
    expect(warnings[0]).toMatch(new RegExp(`Using ${fallback.replaceAll('.', '\\.')}\\.$`));
    expect(config).toEqual(readConfig({}).config);
  },
);

test('B12 what is set wins over the preset, also where it is none', () => {
  const { config } = readConfig({
    FLEETSCOPE_PRESET: 'metrics',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
  });
  expect([config.traces.exporters, config.logs.exporters]).toEqual([['otlp'], []]);
});

test('I02 an empty variable is an unset one', () => {
  expect(readConfig(Object.fromEntries(Object.keys(settings).map((name) => [name, ' '])))).toEqual(readConfig({}));
});

test('I02 a header that cannot be sent is named without its value', () => {
  const { config, warnings } = readConfig({ OTEL_EXPORTER_OTLP_HEADERS: 'bad key=secret-token' });
  expect(config.traces.otlp.headers).toEqual({});
  expect(warnings).toEqual([
    expect.stringContaining('Ignored OTEL_EXPORTER_OTLP_HEADERS: its value (hidden here) is not'),
  ]);
  expect(warnings.join()).not.toContain('secret-token');
});

test('I02 an endpoint without scheme is http, and https where OTEL_EXPORTER_OTLP_INSECURE is false', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4317' };
  expect(readConfig(env).config.traces.otlp.endpoint).toBe('http://otel:4317');
  const secure = { ...env, OTEL_EXPORTER_OTLP_INSECURE: 'false' };
  expect(readConfig(secure).config.traces.otlp.endpoint).toBe('https://otel:4317');
});

test('I02 a batch larger than its queue is named and cut to it', () => {
  const { config, warnings } = readConfig({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20' });
  expect(config.traces.batch.maxBatchSize).toBe(10);
  expect(warnings).toEqual([expect.stringContaining('Ignored OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "20"')]);
});

describe('README.md', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| (.*?) \| (.*) \|$/gm)].map(([, ...cells]) => cells);

  test('I02 the table of settings in README.md is what the code reads', () => {
    const expected = Object.entries(settings).map(([name, { unset, says, ...setting }]) => {
      const fallback = Array.isArray(unset) ? unset.join(',') : typeof unset === 'object' ? '' : String(unset);
      return [name, fallback && `\`${fallback}\``, 'perSignal' in setting ? `${says} Per signal too.` : says];
    });
    expect(rows).toEqual(expected);
  });
});
