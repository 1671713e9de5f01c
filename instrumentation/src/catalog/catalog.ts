/** The telemetry contract: every metric, span and log event there is. Collected from the domains; nothing is listed twice. */
import * as agents from './agents.ts';
import * as approvals from './approvals.ts';
import type { Attribute } from './attribute.ts';
import * as backup from './backup.ts';
import * as certificates from './certificates.ts';
import * as code from './code.ts';
import * as commands from './commands.ts';
import * as control from './control.ts';
import * as decisions from './decisions.ts';
import * as escalation from './escalation.ts';
import type { EventDeclaration } from './event.ts';
import * as llm from './llm.ts';
import * as memory from './memory.ts';
import * as messages from './messages.ts';
import type { Metric } from './metric.ts';
import * as monitor from './monitor.ts';
import * as operationalMemory from './operational-memory.ts';
import * as ownCost from './own-cost.ts';
import * as resources from './resources.ts';
import * as runtime from './runtime.ts';
import * as security from './security.ts';
import * as service from './service.ts';
import * as sessions from './sessions.ts';
import type { SpanDeclaration } from './span.ts';
import * as tasks from './tasks.ts';
import * as tools from './tools.ts';
import * as workflows from './workflows.ts';

/** The domains in the order of their pages, each with its entries by their names in the code. */
export const domains = {
  workflows,
  agents,
  tasks,
  decisions,
  llm,
  tools,
  approvals,
  security,
  messages,
  commands,
  sessions,
  memory,
  code,
  resources,
  runtime,
  ownCost,
  service,
  control,
  escalation,
  monitor,
  operationalMemory,
  backup,
  certificates,
} as const;

/** The GenAI conventions that the names follow. */
export const schemaUrl = 'https://opentelemetry.io/schemas/gen-ai/1.42.0';

// Sorted: bundlers and test runners order what a module exports as they like.
const entries: readonly unknown[] = Object.values(domains).flatMap((domain) =>
  Object.entries(domain)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry),
);

export const metrics: readonly Metric[] = entries.filter(isMetric);

export const spans: readonly SpanDeclaration[] = entries.filter(isSpan);

export const events: readonly EventDeclaration[] = entries.filter(isEvent);

/** Every attribute that something declares. Of one name there may be two, which agree but for when it is absent. */
export const attributes: readonly Attribute[] = [
  ...new Set([
    ...metrics.flatMap(({ labels }) => labels),
    ...[...spans, ...events].flatMap((entry) => entry.attributes),
  ]),
];

/** The same by name, in the order of the alphabet: for lists in which a name stands once. */
export const attributesByName: readonly Attribute[] = [
  ...new Map(attributes.map((attribute) => [attribute.name, attribute])).values(),
].sort((a, b) => a.name.localeCompare(b.name, 'en'));

function isMetric(entry: unknown): entry is Metric {
  return isObject(entry) && 'labels' in entry;
}

function isSpan(entry: unknown): entry is SpanDeclaration {
  return isObject(entry) && 'operation' in entry;
}

function isEvent(entry: unknown): entry is EventDeclaration {
  return isObject(entry) && 'severity' in entry;
}

function isObject(entry: unknown): entry is Record<string, unknown> {
  return typeof entry === 'object' && entry !== null;
}
