/** A span of the fleet, as the ledger keeps it: what the catalogue declares, in its types, and never more text than a person reads. */
import type { Attribute } from '../../instrumentation/src/catalog/attribute.ts';
import { attributesByName } from '../../instrumentation/src/catalog/catalog.ts';
import { fleetMark, fleetSpan } from '../../instrumentation/src/catalog/fleet-spans.ts';
import { stackTrace } from '../../instrumentation/src/catalog/service.ts';
import type { SpanFact } from '../ledger/fact.ts';
import type { RawAttributes, RawSpan, RawValue, Wanted } from './raw-span.ts';

/** Most characters of a text, most texts in a list. A path or a message fits; a document does not. */
export const most = { name: 200, message: 1000, text: 1000, texts: 50, stack: 20_000 } as const;

/** Content is what people and models wrote: the ledger outlives what anybody agreed to about it. */
const kept = new Map(
  attributesByName
    .filter((attribute) => attribute.kind === 'label' || attribute.needs !== 'content capture')
    .map((attribute) => [attribute.name, attribute]),
);

const environmentNames = ['deployment.environment.name', 'deployment.environment'] as const;

export const wanted: Wanted = {
  span: (name) => fleetSpan(name) !== undefined,
  mark: fleetMark,
  attribute: (name) => kept.has(name),
  resource: (name) => name === 'service.name' || environmentNames.some((one) => one === name),
};

/** The fact; `malformed`: no such span can be; `not_fleet`: its name is like one of ours, and nothing else is. */
export function spanFact(span: RawSpan): SpanFact | 'malformed' | 'not_fleet' {
  if (!isOfFleet(span)) return 'not_fleet';
  const trace = idOf(span.traceId, 32);
  const id = idOf(span.spanId, 16);
  const parent = /^0*$/.test(span.parentSpanId) ? null : idOf(span.parentSpanId, 16);
  if (!trace || !id || parent === undefined || span.startUnixNano === 0n || span.endUnixNano === 0n) return 'malformed';
  // A clock that was set back in between: it took no time, but it was.
  const end = span.endUnixNano < span.startUnixNano ? span.startUnixNano : span.endUnixNano;
  const environment = environmentNames.map((name) => textOf(span.resource, name)).find((name) => name !== null);
  return {
    ...{ source: 'span', id: `${trace}/${id}`, trace_id: trace, span_id: id, parent_span_id: parent },
    name: bounded(span.name, most.name),
    start_unix_nano: String(span.startUnixNano),
    end_unix_nano: String(end),
    error: span.failed,
    status_message: span.statusMessage === '' ? null : bounded(span.statusMessage, most.message),
    service_name: textOf(span.resource, 'service.name'),
    environment: environment ?? null,
    attributes: attributesOf(span),
  };
}

/** "process order" may be anybody's: where a name has a hole, something else must be as the catalogue has it. */
function isOfFleet({ name, attributes }: RawSpan): boolean {
  if (attributes.has(fleetMark)) return true;
  const declaration = fleetSpan(name);
  if (!declaration?.name.includes('{')) return declaration !== undefined;
  return declaration.attributes.some((attribute) => attributes.has(attribute.name));
}

/** @returns lower case; undefined: it is none. */
function idOf(text: string, digits: number): string | undefined {
  const id = text.toLowerCase();
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id) ? id : undefined;
}

/** In the order of the alphabet: one span is one text, however it was encoded. */
function attributesOf({ attributes, stack }: RawSpan): SpanFact['attributes'] {
  const own = [...attributes].flatMap(([name, raw]) => {
    const attribute = kept.get(name);
    const value = attribute && fitting(attribute, raw);
    return value === undefined ? [] : [[name, value] as const];
  });
  const frame = stack === undefined ? undefined : topFrame(stack);
  const all = new Map([...own, ...(frame === undefined ? [] : [[stackTrace.name, frame] as const])]);
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The value in the type that is declared; undefined where it has none such. */
function fitting(attribute: Attribute, raw: RawValue): string | number | boolean | readonly string[] | undefined {
  const type = attribute.kind === 'label' ? 'string' : attribute.type;
  if (type === 'string[]')
    return Array.isArray(raw) ? raw.slice(0, most.texts).map((text) => bounded(text, most.text)) : undefined;
  if (typeof raw === 'object') return undefined;
  if (type === 'string') return bounded(String(raw), most.text);
  if (type === 'boolean') return typeof raw === 'boolean' ? raw : undefined;
  const number = typeof raw === 'bigint' || typeof raw === 'number' ? Number(raw) : Number.NaN;
  return (type === 'int' ? Number.isSafeInteger(number) : Number.isFinite(number)) ? number + 0 : undefined;
}

/** Where it went wrong, and not in Node itself: by it failures of one kind are told from another's. The rest says little later. */
function topFrame(stack: string): string | undefined {
  const lines = stack.slice(0, most.stack).split('\n');
  const frames = lines.filter((line) => /^\s*(at |File ")/.test(line)).map((line) => line.trim());
  // Python tells the innermost last.
  if (frames[0]?.startsWith('File ')) frames.reverse();
  const frame = frames.find((one) => !/\bnode:/.test(one)) ?? frames[0];
  return frame === undefined ? undefined : bounded(frame, most.text);
}

function textOf(attributes: RawAttributes, name: string): string | null {
  const value = attributes.get(name);
  return typeof value === 'string' && value !== '' ? bounded(value, most.name) : null;
}

/** Whole characters, none of which a database or a terminal stumbles over. */
function bounded(text: string, length: number): string {
  const short = text.length > length ? `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones.
  return short.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd');
}
