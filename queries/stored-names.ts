/** The names under which Loki and Tempo hold what the catalogue declares, and the few that the stack itself adds. */
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import { attributes, events, metrics, spans } from '../instrumentation/src/catalog/catalog.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { promotedResourceAttributes } from '../instrumentation/src/catalog/resource-attributes.ts';
import { retentionDays } from '../stack.ts';

/** What every service's resource says of it (instrumentation/src/resource.ts), those that Prometheus promotes included. */
export const resourceAttributes: ReadonlySet<string> = new Set([
  ...promotedResourceAttributes,
  'host.arch',
  'host.name',
  'os.type',
  'process.pid',
  'process.runtime.name',
  'process.runtime.version',
  'telemetry.distro.name',
  'telemetry.distro.version',
  'telemetry.sdk.language',
  'telemetry.sdk.name',
  'telemetry.sdk.version',
]);

/** Loki's index: what may stand between the braces of a log query (loki/loki.ts). */
export const streamLabels: ReadonlySet<string> = new Set([
  'service_name',
  'service_namespace',
  'deployment_environment_name',
  'retention_class',
]);

/** Structured metadata: what may stand behind the braces of a log query, beside the labels of the index. */
export const logAttributes: ReadonlySet<string> = new Set([
  ...streamLabels,
  ...events.flatMap((event) => event.attributes.map(({ name }) => prometheusLabel(name))),
  ...[...resourceAttributes].map(prometheusLabel),
  // Of the record itself; the Collector keeps the event's name (collector/collector.ts), Loki finds the level.
  ...['event_name', 'trace_id', 'span_id', 'severity_text', 'severity_number', 'detected_level'],
  ...['scope_name', 'scope_version', 'flags', 'observed_timestamp'],
  // Of an error that was logged, as the libraries for logs write it.
  ...['exception_type', 'exception_message', 'exception_stacktrace'],
]);

/** Attributes of spans: the fleet's, and those that the instrumentation of HTTP gives. */
export const spanAttributes: ReadonlySet<string> = new Set([
  ...spans.flatMap((span) => span.attributes.map(({ name }) => name)),
  ...metrics.filter(({ by }) => by === 'http').flatMap(({ labels }) => labels.map(({ name }) => name)),
  ...[
    'url.path',
    'url.full',
    'url.query',
    'user_agent.original',
    'client.address',
    'network.peer.address',
    'network.peer.port',
  ],
]);

/** Names of events inside spans: an exception, as every instrumentation records it. */
export const spanEvents: ReadonlySet<string> = new Set(['exception']);
export const spanEventAttributes: ReadonlySet<string> = new Set([
  'exception.type',
  'exception.message',
  'exception.stacktrace',
]);

/** The only values that an attribute can have, by its name in Prometheus and Loki. An attribute that is not here is open. */
export const closedValues: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...closed(attributes),
  ['event_name', new Set(events.map(({ name }) => name))],
  ['retention_class', new Set(Object.keys(retentionDays.logs))],
  ['severity_text', new Set(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])],
  ['detected_level', new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'critical', 'unknown'])],
]);

/** Several domains may close a name differently; then any of their values is one. */
function closed(declared: readonly Attribute[]): [string, ReadonlySet<string>][] {
  const names = [...new Set(declared.map(({ name }) => name))];
  return names.flatMap((name): [string, ReadonlySet<string>][] => {
    const same = declared.filter((attribute) => attribute.name === name);
    const values = same.flatMap((attribute) => (attribute.kind === 'label' && attribute.values) || []);
    const open = same.some((attribute) => attribute.kind === 'key' || !attribute.values);
    return open ? [] : [[prometheusLabel(name), new Set([...values, '_OTHER', 'unknown'])]];
  });
}
