import type { Level } from './own-cost/decide-level.ts';
import type { Setting } from './setting-kinds.ts';
import { settings } from './settings.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

/** Where and how one signal leaves. */
export interface OtlpConfig {
  endpoint: string;
  headers: Record<string, string>;
  timeoutMs: number;
  compression: 'none' | 'gzip';
  /** PEM files for `https://`; empty: what Node trusts, and no certificate of our own. */
  tls: { authorityFile: string; certificateFile: string; keyFile: string };
}

export interface BatchConfig {
  scheduleDelayMs: number;
  exportTimeoutMs: number;
  maxQueueSize: number;
  maxBatchSize: number;
}

export type Config = ReturnType<typeof readConfig>['config'];

export type Environment = Readonly<Record<string, string | undefined>>;

type Settings = typeof settings;

/** A preset is nothing but other defaults; what is set wins. The instrumentations it starts are in instrumentations.ts. */
const presetDefaults: Record<Level, { [K in keyof Settings]?: Settings[K]['unset'] }> = {
  full: {},
  spans: {},
  metrics: { OTEL_TRACES_EXPORTER: [], OTEL_LOGS_EXPORTER: [] },
};

/** The environment as typed values, and one warning for each variable that could not be read. Never throws. */
export function readConfig(env: Environment) {
  const warnings: string[] = [];

  function read<K extends keyof Settings>(name: K, variable: string = name, otherwise?: Settings[K]['unset']) {
    const setting = settings[name] as Setting<Settings[K]['unset']>;
    const fallback = otherwise ?? setting.unset;
    const raw = env[variable]?.trim();
    if (!raw) return fallback;
    const value = setting.parse(raw);
    if (value !== undefined) return value;
    const seen = setting.secret ? 'its value (hidden here)' : JSON.stringify(raw);
    warnings.push(`Ignored ${variable}: ${seen} is not ${setting.expects}. Using ${shown(fallback)}.`);
    return fallback;
  }

  const preset = read('FLEETSCOPE_PRESET');
  const readPreset = <K extends keyof Settings>(name: K) => read(name, name, presetDefaults[preset][name]);

  const everySignal = {
    OTEL_EXPORTER_OTLP_ENDPOINT: read('OTEL_EXPORTER_OTLP_ENDPOINT'),
    OTEL_EXPORTER_OTLP_PROTOCOL: read('OTEL_EXPORTER_OTLP_PROTOCOL'),
    OTEL_EXPORTER_OTLP_HEADERS: read('OTEL_EXPORTER_OTLP_HEADERS'),
    OTEL_EXPORTER_OTLP_TIMEOUT: read('OTEL_EXPORTER_OTLP_TIMEOUT'),
    OTEL_EXPORTER_OTLP_COMPRESSION: read('OTEL_EXPORTER_OTLP_COMPRESSION'),
    OTEL_EXPORTER_OTLP_INSECURE: read('OTEL_EXPORTER_OTLP_INSECURE'),
    OTEL_EXPORTER_OTLP_CERTIFICATE: read('OTEL_EXPORTER_OTLP_CERTIFICATE'),
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: read('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'),
    OTEL_EXPORTER_OTLP_CLIENT_KEY: read('OTEL_EXPORTER_OTLP_CLIENT_KEY'),
  };

  function otlp(signal: Signal, exportTimeoutMs: number): OtlpConfig {
    const own = <K extends keyof typeof everySignal>(name: K) =>
      read(name, name.replace('OTLP_', `OTLP_${signal.toUpperCase()}_`), everySignal[name]);
    own('OTEL_EXPORTER_OTLP_PROTOCOL');
    return {
      endpoint: withScheme(own('OTEL_EXPORTER_OTLP_ENDPOINT'), own('OTEL_EXPORTER_OTLP_INSECURE')),
      headers: { ...everySignal.OTEL_EXPORTER_OTLP_HEADERS, ...own('OTEL_EXPORTER_OTLP_HEADERS') },
      timeoutMs: Math.min(own('OTEL_EXPORTER_OTLP_TIMEOUT'), exportTimeoutMs),
      compression: own('OTEL_EXPORTER_OTLP_COMPRESSION'),
      tls: {
        authorityFile: own('OTEL_EXPORTER_OTLP_CERTIFICATE'),
        certificateFile: own('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'),
        keyFile: own('OTEL_EXPORTER_OTLP_CLIENT_KEY'),
      },
    };
  }

  function batch(kind: 'BSP' | 'BLRP'): BatchConfig {
    const maxQueueSize = read(`OTEL_${kind}_MAX_QUEUE_SIZE`);
    const maxBatchSize = read(`OTEL_${kind}_MAX_EXPORT_BATCH_SIZE`);
    if (maxBatchSize > maxQueueSize && env[`OTEL_${kind}_MAX_EXPORT_BATCH_SIZE`]) {
      const named = `OTEL_${kind}_MAX_EXPORT_BATCH_SIZE`;
      warnings.push(`Ignored ${named}: "${maxBatchSize}" is more than the queue holds. Using ${maxQueueSize}.`);
    }
    return {
      scheduleDelayMs: read(`OTEL_${kind}_SCHEDULE_DELAY`),
      exportTimeoutMs: read(`OTEL_${kind}_EXPORT_TIMEOUT`),
      maxQueueSize,
      maxBatchSize: Math.min(maxBatchSize, maxQueueSize),
    };
  }

  const spans = batch('BSP');
  const records = batch('BLRP');
  const exportIntervalMs = read('OTEL_METRIC_EXPORT_INTERVAL');
  const exportTimeoutMs = read('OTEL_METRIC_EXPORT_TIMEOUT');

  const config = {
    disabled: read('OTEL_SDK_DISABLED'),
    preset,
    cpuBudget: read('FLEETSCOPE_CPU_BUDGET'),
    redaction: read('FLEETSCOPE_REDACTION'),
    serviceName: read('OTEL_SERVICE_NAME'),
    resourceAttributes: read('OTEL_RESOURCE_ATTRIBUTES'),
    logLevel: read('OTEL_LOG_LEVEL'),
    configFile: read('OTEL_CONFIG_FILE'),
    traces: {
      exporters: readPreset('OTEL_TRACES_EXPORTER'),
      otlp: otlp('traces', spans.exportTimeoutMs),
      batch: spans,
      sampler: { name: read('OTEL_TRACES_SAMPLER'), ratio: read('OTEL_TRACES_SAMPLER_ARG') },
    },
    metrics: {
      exporters: read('OTEL_METRICS_EXPORTER'),
      otlp: otlp('metrics', exportTimeoutMs),
      exportIntervalMs,
      // The reader throws when its timeout is the longer of the two.
      collectTimeoutMs: Math.min(exportTimeoutMs, exportIntervalMs),
      prometheus: { host: read('OTEL_EXPORTER_PROMETHEUS_HOST'), port: read('OTEL_EXPORTER_PROMETHEUS_PORT') },
    },
    logs: {
      exporters: readPreset('OTEL_LOGS_EXPORTER'),
      otlp: otlp('logs', records.exportTimeoutMs),
      batch: records,
      correlation: read('FLEETSCOPE_LOG_CORRELATION'),
    },
    attributeLimits: {
      count: read('OTEL_ATTRIBUTE_COUNT_LIMIT'),
      valueLength: read('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    },
    propagators: read('OTEL_PROPAGATORS'),
    instrumentations: {
      preset: read('FLEETSCOPE_INSTRUMENTATIONS'),
      only: read('OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
      without: read('OTEL_NODE_DISABLED_INSTRUMENTATIONS'),
    },
    flushTimeoutMs: read('FLEETSCOPE_FLUSH_TIMEOUT_MS'),
    // The fleet API reads these itself, with or without an SDK; here a wrong one is named.
    models: {
      pricesFile: read('FLEETSCOPE_PRICES_FILE'),
      streamUsage: read('FLEETSCOPE_LLM_STREAM_USAGE'),
      content: read('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'),
    },
  };
  return { config, warnings };
}

// Without a scheme the gRPC exporter would ask for TLS, which a Collector next door does not speak.
function withScheme(endpoint: string, insecure: boolean): string {
  if (/^(https?:\/\/|unix:)/.test(endpoint)) return endpoint;
  return `${insecure ? 'http' : 'https'}://${endpoint}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || 'none';
  return typeof value === 'object' || value === '' ? 'none' : String(value);
}
