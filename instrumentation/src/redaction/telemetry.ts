import type { Attributes } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { redactAttributes, redactText, redactValue } from './redact.ts';

const none: Attributes = {};

type Field = keyof ReadableSpan | keyof ReadableLogRecord;

/** The batch with secrets masked in names, attributes, events, links and status. The spans themselves, which the host may hold, stay. */
export function redactSpans(spans: ReadableSpan[]): ReadableSpan[] {
  return spans.map((span) => {
    const { name, attributes, events, links, status } = span;
    const message = status.message && redactText(status.message);
    return changed(span, {
      name: redactText(name),
      attributes: redactAttributes(attributes),
      events: each(events, (event) => {
        const safe = redactAttributes(event.attributes ?? none);
        const title = redactText(event.name);
        return safe === (event.attributes ?? none) && title === event.name
          ? event
          : { ...event, name: title, attributes: safe };
      }),
      links: each(links, (link) => {
        const safe = redactAttributes(link.attributes ?? none);
        return safe === (link.attributes ?? none) ? link : { ...link, attributes: safe };
      }),
      status: message === status.message ? status : { ...status, message },
    });
  });
}

/** The batch with secrets masked in bodies, event names and attributes. */
export function redactLogRecords(records: ReadableLogRecord[]): ReadableLogRecord[] {
  return records.map((record) => {
    const { body, eventName, attributes } = record;
    return changed(record, {
      body: redactValue(body),
      eventName: eventName && redactText(eventName),
      attributes: redactAttributes(attributes),
    });
  });
}

/** The item itself, or one that inherits everything from it but the fields that differ. */
function changed<Item extends ReadableSpan | ReadableLogRecord>(
  item: Item,
  fields: Partial<Record<Field, unknown>>,
): Item {
  let own: PropertyDescriptorMap | undefined;
  for (const name in fields) {
    const value = fields[name as Field];
    if (value === item[name as keyof Item]) continue;
    own ??= {};
    own[name] = { value, enumerable: true };
  }
  return own ? Object.create(item, own) : item;
}

function each<Item>(items: Item[], redact: (item: Item) => Item): Item[] {
  if (items.length === 0) return items;
  const safe = items.map(redact);
  return safe.every((item, at) => item === items[at]) ? items : safe;
}
