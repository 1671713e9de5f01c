import { createRequire } from 'node:module';
import * as api from '@opentelemetry/api';
import * as apiLogs from '@opentelemetry/api-logs';
import * as contextAsyncHooks from '@opentelemetry/context-async-hooks';
import * as core from '@opentelemetry/core';
import * as resources from '@opentelemetry/resources';
import * as sdkLogs from '@opentelemetry/sdk-logs';
import * as sdkMetrics from '@opentelemetry/sdk-metrics';
import * as sdkTrace from '@opentelemetry/sdk-trace';

const require = createRequire(import.meta.url);

/**
 * The SDK's parts. The build puts them into one CommonJS bundle, which is loaded before the hook on imports is set: so
 * one `http.get` is one span. Loaded by import, or with the hook first, it is two (opentelemetry-js #6428).
 * `apiLogs` is the logs API of the 2.x line, still used by the winston transport; the 3.x one is part of `api`.
 */
export { api, apiLogs, contextAsyncHooks, core, resources, sdkLogs, sdkMetrics, sdkTrace };

/** What serializes and counts exports. Not needed before the first one, a second after the start. */
export function loadOtlp() {
  return {
    exporterBase: require('@opentelemetry/otlp-exporter-base') as typeof import('@opentelemetry/otlp-exporter-base'),
    transformer: require('@opentelemetry/otlp-transformer') as typeof import('@opentelemetry/otlp-transformer'),
  };
}
