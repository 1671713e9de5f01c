import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The SDK's parts, always by require: with the CommonJS builds loaded before the hook on imports is set, one `http.get`
 * is one span. Loaded by import, or with the hook first, it is two (opentelemetry-js #6428).
 */
export const api = require('@opentelemetry/api') as typeof import('@opentelemetry/api');

/** The logs API of the 2.x line, still used by the winston transport; the 3.x one is part of `api`. */
export const apiLogs = require('@opentelemetry/api-logs') as typeof import('@opentelemetry/api-logs');

export const core = require('@opentelemetry/core') as typeof import('@opentelemetry/core');

export const contextAsyncHooks =
  require('@opentelemetry/context-async-hooks') as typeof import('@opentelemetry/context-async-hooks');

export const resources = require('@opentelemetry/resources') as typeof import('@opentelemetry/resources');

export const sdkTrace = require('@opentelemetry/sdk-trace') as typeof import('@opentelemetry/sdk-trace');

export const sdkMetrics = require('@opentelemetry/sdk-metrics') as typeof import('@opentelemetry/sdk-metrics');

export const sdkLogs = require('@opentelemetry/sdk-logs') as typeof import('@opentelemetry/sdk-logs');

/** What serializes and counts exports. Not needed before the first one, a second after the start. */
export function loadOtlp() {
  return {
    exporterBase: require('@opentelemetry/otlp-exporter-base') as typeof import('@opentelemetry/otlp-exporter-base'),
    transformer: require('@opentelemetry/otlp-transformer') as typeof import('@opentelemetry/otlp-transformer'),
  };
}
