/** The catalogue as a registry of semantic conventions, in the form that OpenTelemetry Weaver reads. */
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import { attributesByName, events, metrics, spans } from '../instrumentation/src/catalog/catalog.ts';
import { twin } from '../twin.ts';

function registry() {
  return {
    groups: [
      {
        id: 'registry.fleetscope',
        type: 'attribute_group',
        display_name: 'Fleet attributes',
        brief:
          'Everything that the entries below refer to, names of OpenTelemetry itself included: it stands on its own.',
        attributes: attributesByName.map(definition),
      },
      ...metrics.map(({ name, kind, unit, means, labels }) => ({
        id: `metric.${name}`,
        type: 'metric',
        metric_name: name,
        brief: means,
        instrument: kind.toLowerCase(),
        unit,
        stability: 'development',
        attributes: labels.map(({ name: ref, absentWhen }) => ({
          ref,
          requirement_level: absentWhen ? { conditionally_required: `Left out when ${absentWhen}.` } : 'required',
        })),
      })),
      ...spans.map(({ name, kind, means, attributes: own }) => ({
        id: `span.${name.replaceAll(/[^a-z_.]+/g, '.').replace(/^\.|\.$/g, '')}`,
        type: 'span',
        span_kind: kind,
        brief: means,
        stability: 'development',
        attributes: own.map(({ name: ref }) => ({ ref, requirement_level: 'recommended' })),
      })),
      ...events.map(({ name, means, attributes: own }) => ({
        id: `event.${name}`,
        type: 'event',
        name,
        brief: means,
        stability: 'development',
        attributes: own.map(({ name: ref }) => ({ ref, requirement_level: 'recommended' })),
      })),
    ],
  };
}

function definition(attribute: Attribute) {
  const { name, means } = attribute;
  return { id: name, type: typeOf(attribute), stability: 'development', brief: `${means}.` };
}

function typeOf(attribute: Attribute) {
  if (attribute.kind === 'key') return attribute.type;
  if (!attribute.values) return 'string';
  return {
    members: attribute.values.map((value) => ({ id: value.replaceAll(/\W/g, '_'), value, stability: 'development' })),
  };
}

export default twin('yaml', registry());
