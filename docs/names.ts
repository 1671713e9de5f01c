/** Every name there is, for people: from the catalogue. */
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import { attributesByName, domains, events, metrics, spans } from '../instrumentation/src/catalog/catalog.ts';
import type { Metric } from '../instrumentation/src/catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../instrumentation/src/catalog/prometheus-name.ts';
import { twin } from '../twin.ts';

const kinds = { counter: 'counter', upDownCounter: 'up-down counter', histogram: 'histogram', gauge: 'gauge' } as const;

const page = `# Names

Every metric, span, log event and attribute that \`@fleetscope/instrumentation\` and the escalation service record, from
[its catalogue](../instrumentation/src/catalog/catalog.ts). The same as a registry for OpenTelemetry's tools:
[registry.yaml](registry.yaml).

In Prometheus every series also carries \`service_name\`, \`service_namespace\`, \`service_version\`, \`service_instance_id\` and
\`deployment_environment_name\` (what some call \`environment\`). A histogram is \`<name>_bucket\`, \`_sum\` and \`_count\`.
A value beyond a label's bounds is \`_OTHER\`.

## Metrics

${Object.entries(domains)
  .map(
    ([name, domain]) =>
      [name, metrics.filter((metric) => (Object.values(domain) as unknown[]).includes(metric))] as const,
  )
  .filter(([, own]) => own.length > 0)
  .map(([name, own]) => `### ${title(name)}\n\n${metricTable(own)}`)
  .join('\n\n')}

## Spans

| span | kind | GenAI operation | what it is | attributes | promise |
|---|---|---|---|---|---|
${spans
  .map(({ name, kind, operation, means, attributes: own, source }) =>
    row([
      code(name),
      kind,
      operation ? code(operation) : '',
      means,
      own.map((attribute) => code(attribute.name)).join(' '),
      source,
    ]),
  )
  .join('\n')}

## Log events

Names that begin with \`security.\` are kept a year, those that begin with \`audit.\` seven.

| event | severity | what it is | attributes | promise |
|---|---|---|---|---|
${events
  .map(({ name, severity, means, attributes: own, source }) =>
    row([code(name), severity, means, own.map((attribute) => code(attribute.name)).join(' '), source]),
  )
  .join('\n')}

## Attributes

*On metrics*: bounded. The others have an open set of values and stand on spans and logs only.

| attribute | label in Prometheus | what it is | values |
|---|---|---|---|
${attributesByName
  .map((attribute) =>
    row([
      code(attribute.name),
      attribute.kind === 'label' ? code(prometheusLabel(attribute.name)) : '',
      attribute.means,
      valuesOf(attribute),
    ]),
  )
  .join('\n')}
`;

function metricTable(own: readonly Metric[]): string {
  return `| OpenTelemetry | Prometheus | also asked for as | kind | unit | labels | what it is | promise |
|---|---|---|---|---|---|---|---|
${own
  .map((metric) =>
    row([
      code(metric.name),
      code(prometheusName(metric)),
      metric.source.name ? code(metric.source.name) : '',
      kinds[metric.kind],
      code(metric.unit),
      metric.labels.map(({ name }) => code(prometheusLabel(name))).join(' '),
      metric.means + (metric.needs ? ` Needs ${metric.needs}.` : ''),
      metric.source.id,
    ]),
  )
  .join('\n')}`;
}

function valuesOf(attribute: Attribute): string {
  if (attribute.kind === 'key') return attribute.type + (attribute.needs ? `; needs ${attribute.needs}` : '');
  const absent = attribute.absentWhen ? `; left out when ${attribute.absentWhen}` : '';
  const values = attribute.values?.map(code).join(' ') ?? `at most ${attribute.atMost} per process`;
  return values + absent;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function title(name: string): string {
  const titles: Record<string, string> = { llm: 'Models', ownCost: 'This package itself' };
  return titles[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

export default twin('md', page);
