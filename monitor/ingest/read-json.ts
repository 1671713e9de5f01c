/** `ExportTraceServiceRequest` from its JSON form: ids are hexadecimal, 64-bit numbers are texts, by custom or for safety. */
import * as v from 'valibot';
import { exception, type RawAttributes, type RawSpan, type RawSpans, type RawValue, type Wanted } from './raw-span.ts';

/** What is missing is as good as empty, and so is null. */
const text = v.nullish(v.string(), '');
const list = <Item extends v.GenericSchema>(item: Item) => v.nullish(v.array(item), []);

/** 64 bits, unsigned. */
const nanos = v.nullish(
  v.pipe(
    v.union([v.pipe(v.string(), v.regex(/^\d{1,20}$/)), v.pipe(v.number(), v.safeInteger(), v.minValue(0))]),
    v.transform((digits) => BigInt(digits)),
    v.check((time) => time < 2n ** 64n),
  ),
  0,
);

const anyValue = v.object({
  stringValue: v.nullish(v.string()),
  boolValue: v.nullish(v.boolean()),
  intValue: v.nullish(v.union([v.pipe(v.string(), v.regex(/^-?\d{1,19}$/)), v.pipe(v.number(), v.safeInteger())])),
  // Infinity and NaN are texts.
  doubleValue: v.nullish(v.union([v.number(), v.string()])),
  arrayValue: v.nullish(v.object({ values: list(v.object({ stringValue: v.nullish(v.string()) })) })),
});

const attributes = list(v.object({ key: text, value: v.nullish(anyValue) }));

const spanSchema = v.object({
  ...{ traceId: text, spanId: text, parentSpanId: text, name: text },
  ...{ startTimeUnixNano: nanos, endTimeUnixNano: nanos, attributes },
  events: list(v.object({ name: text, attributes })),
  status: v.nullish(v.object({ message: text, code: v.nullish(v.union([v.number(), v.string()])) })),
});

const keys = list(v.looseObject({ key: text }));

const request = v.object({
  resourceSpans: list(
    v.object({
      resource: v.nullish(v.object({ attributes })),
      scopeSpans: list(v.object({ spans: list(v.looseObject({ name: text, attributes: keys })) })),
    }),
  ),
});

/** The text is no such request; the message says where. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/** @throws JsonError where the text is no such request: what stands before has been read then. */
export function* readJson(body: string, wanted: Wanted): RawSpans {
  for (const { resource, scopeSpans } of checked(request, parsed(body)).resourceSpans) {
    const from = readAttributes(resource?.attributes ?? [], wanted.resource);
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      const isWanted = wanted.span(span.name) || span.attributes.some(({ key }) => key === wanted.mark);
      yield isWanted ? readSpan(checked(spanSchema, span), from, wanted) : undefined;
    }
  }
}

function readSpan(span: v.InferOutput<typeof spanSchema>, resource: RawAttributes, wanted: Wanted): RawSpan {
  const failed = span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR';
  const stacks = span.events
    .filter(({ name }) => name === exception.event)
    .flatMap((event) => readAttributes(event.attributes, (key) => key === exception.stack).get(exception.stack) ?? []);
  const stack = stacks.at(-1);
  return {
    ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId, name: span.name },
    startUnixNano: span.startTimeUnixNano,
    endUnixNano: span.endTimeUnixNano,
    ...{ failed, statusMessage: span.status?.message ?? '', resource },
    attributes: readAttributes(span.attributes, wanted.attribute),
    stack: failed && typeof stack === 'string' ? stack : undefined,
  };
}

function readAttributes(list: v.InferOutput<typeof attributes>, wanted: (name: string) => boolean): RawAttributes {
  const read = new Map<string, RawValue>();
  for (const { key, value } of list) {
    if (!value || !wanted(key) || read.has(key)) continue;
    const one = readValue(value);
    if (one !== undefined) read.set(key, one);
  }
  return read;
}

function readValue(value: v.InferOutput<typeof anyValue>): RawValue | undefined {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (typeof intValue === 'string' || typeof intValue === 'number') return BigInt(intValue);
  if (arrayValue) {
    const texts = arrayValue.values.map((item) => item.stringValue);
    return texts.every((item) => typeof item === 'string') ? texts : undefined;
  }
  return (
    stringValue ?? boolValue ?? (doubleValue === undefined || doubleValue === null ? undefined : Number(doubleValue))
  );
}

/** A time that was written as a number does not fit one: its digits are taken as they stand. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body, /UnixNano"\s*:\s*\d/.test(body) ? digits : undefined);
  } catch (cause) {
    throw new JsonError('it is no JSON', { cause });
  }
}

function digits(_: string, value: unknown, context?: { source?: string }): unknown {
  const isWide = typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? '');
  return isWide ? context?.source : value;
}

function checked<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  throw new JsonError(`${v.getDotPath(issue) ?? 'it'} is ${issue.received.slice(0, 40)}`);
}
