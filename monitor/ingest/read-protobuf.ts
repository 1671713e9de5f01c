/**
 * `ExportTraceServiceRequest` from its bytes (opentelemetry-proto 1.10). Read in place, field by field: what is not of the fleet
 * costs a look at its name and at the names of its attributes. The packages of OpenTelemetry write requests and cannot read them.
 */
import { exception, type RawAttributes, type RawSpan, type RawSpans, type RawValue, type Wanted } from './raw-span.ts';
import { Message } from './wire.ts';

type Range = readonly [at: number, end: number];

/** @throws WireError where the bytes are no such request: what stands before has been read then. */
export function* readProtobuf(bytes: Buffer, wanted: Wanted): RawSpans {
  const request = new Message(bytes);
  for (let field = request.next(); field !== 0; field = request.next()) {
    if (field !== 1) continue;
    const { resource, scopes } = resourceSpans(request.message(), wanted);
    for (const scope of scopes) {
      const message = new Message(bytes, ...scope);
      for (let inner = message.next(); inner !== 0; inner = message.next()) {
        if (inner === 2) yield readSpan(message.message(), resource, wanted);
      }
    }
  }
}

/** The resource stands first by custom, not by rule. */
function resourceSpans(message: Message, wanted: Wanted): { resource: RawAttributes; scopes: Range[] } {
  const scopes: Range[] = [];
  const attributes: Range[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 2) scopes.push(message.range());
    if (field !== 1) continue;
    const resource = message.message();
    for (let inner = resource.next(); inner !== 0; inner = resource.next())
      if (inner === 1) attributes.push(resource.range());
  }
  return { resource: readAttributes(message.bytes, attributes, wanted.resource), scopes };
}

function readSpan(message: Message, resource: RawAttributes, wanted: Wanted): RawSpan | undefined {
  const ids = { traceId: '', spanId: '', parentSpanId: '' };
  const times = { startUnixNano: 0n, endUnixNano: 0n };
  let name = '';
  let status = { failed: false, statusMessage: '' };
  const attributes: Range[] = [];
  const events: Range[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) ids.traceId = message.hex();
    else if (field === 2) ids.spanId = message.hex();
    else if (field === 4) ids.parentSpanId = message.hex();
    else if (field === 5) name = message.text();
    else if (field === 7) times.startUnixNano = message.fixed64();
    else if (field === 8) times.endUnixNano = message.fixed64();
    else if (field === 9) attributes.push(message.range());
    else if (field === 11) events.push(message.range());
    else if (field === 15) status = readStatus(message.message());
  }
  const isMarked = () => readAttributes(message.bytes, attributes, (key) => key === wanted.mark).size > 0;
  if (!wanted.span(name) && !isMarked()) return undefined;
  return {
    ...{ ...ids, name, ...times, ...status, resource },
    attributes: readAttributes(message.bytes, attributes, wanted.attribute),
    stack: status.failed ? stackOf(message.bytes, events) : undefined,
  };
}

const statusError = 2n;

function readStatus(message: Message): { failed: boolean; statusMessage: string } {
  let failed = false;
  let statusMessage = '';
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 2) statusMessage = message.text();
    else if (field === 3) failed = message.int64() === statusError;
  }
  return { failed, statusMessage };
}

function stackOf(bytes: Buffer, events: readonly Range[]): string | undefined {
  let stack: string | undefined;
  for (const event of events) {
    const message = new Message(bytes, ...event);
    let isException = false;
    const attributes: Range[] = [];
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 2) isException = message.text() === exception.event;
      else if (field === 3) attributes.push(message.range());
    }
    if (!isException) continue;
    const value = readAttributes(bytes, attributes, (key) => key === exception.stack).get(exception.stack);
    if (typeof value === 'string') stack = value;
  }
  return stack;
}

/** Of two of one name, which the protocol forbids, the first counts. */
function readAttributes(bytes: Buffer, ranges: readonly Range[], wanted: (name: string) => boolean): RawAttributes {
  const attributes = new Map<string, RawValue>();
  for (const range of ranges) {
    const message = new Message(bytes, ...range);
    let key = '';
    let value: Range | undefined;
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 1) key = message.text();
      else if (field === 2) value = message.range();
    }
    if (!value || !wanted(key) || attributes.has(key)) continue;
    const read = readValue(new Message(bytes, ...value));
    if (read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

/** Maps, bytes and lists of other things than texts are nothing that the catalogue has. */
function readValue(message: Message): RawValue | undefined {
  let value: RawValue | undefined;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) value = message.text();
    else if (field === 2) value = message.int64() !== 0n;
    else if (field === 3) value = message.int64();
    else if (field === 4) value = message.double();
    else if (field === 5) value = readTexts(message.message());
    else value = undefined;
  }
  return value;
}

function readTexts(message: Message): string[] | undefined {
  const texts: string[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field !== 1) continue;
    const item = message.message();
    for (let inner = item.next(); inner !== 0; inner = item.next()) {
      if (inner !== 1) return undefined;
      texts.push(item.text());
    }
  }
  return texts;
}
