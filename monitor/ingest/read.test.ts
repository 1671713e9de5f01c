import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawSpans } from './raw-span.ts';
import { JsonError, readJson } from './read-json.ts';
import { readProtobuf } from './read-protobuf.ts';
import { spanFact, wanted } from './span-fact.ts';
import { aRun, encoded, everything, spansOf } from './testing/spans.ts';
import { WireError } from './wire.ts';

/** All of a request at once. */
function request(all: RawSpans) {
  const list = [...all];
  const spans = list.flatMap((span) => span ?? []);
  return { spans, others: list.length - spans.length };
}

const read = (spans: Parameters<typeof encoded>[0]) => request(readProtobuf(encoded(spans), wanted));

test("R03 a span is what OpenTelemetry's exporter wrote: ids, times, status, attributes, resource", () => {
  const spans = aRun();
  const { spans: found, others } = read(spans);
  expect(others).toBe(1);
  expect(found.map(({ name }) => name)).toEqual(spans.map(({ name }) => name).filter((name) => name !== 'GET /'));
  const made = spans.find(({ name }) => name === 'execute_tool search');
  const tool = found.find(({ name }) => name === 'execute_tool search');
  const nanos = (time = [0, 0]) => BigInt(time[0] as number) * 1_000_000_000n + BigInt(time[1] as number);
  expect(tool).toEqual({
    traceId: made?.spanContext().traceId,
    spanId: made?.spanContext().spanId,
    parentSpanId: made?.parentSpanContext?.spanId,
    name: 'execute_tool search',
    startUnixNano: nanos(made?.startTime),
    endUnixNano: nanos(made?.endTime),
    failed: true,
    statusMessage: 'no such index',
    attributes: new Map([['gen_ai.tool.name', 'search']]),
    resource: new Map([
      ['service.name', 'agents'],
      ['deployment.environment.name', 'test'],
    ]),
    stack: expect.stringContaining('at find'),
  });
});

test('R03 JSON and protobuf of the same spans are the same', () => {
  const spans = aRun();
  expect(request(readJson(encoded(spans, 'json').toString(), wanted))).toEqual(read(spans));
  expect([...readJson('{"resourceSpans":[{"scopeSpans":null}]}', wanted)]).toEqual([]);
});

test('R03 whatever values attributes have, both encodings give what was set', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
    fc.boolean(),
    fc.array(fc.string(), { minLength: 1 }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }), (attributes) => {
      const spans = spansOf((span) => span('session', attributes));
      const [found] = readProtobuf(encoded(spans), everything);
      const asSet = Object.fromEntries(
        [...(found?.attributes ?? [])].map(([key, one]) => [key, typeof one === 'bigint' ? Number(one) : one]),
      );
      expect(asSet).toEqual(spans[0]?.attributes);
      const [other] = readJson(encoded(spans, 'json').toString(), everything);
      expect(other?.attributes).toEqual(found?.attributes);
    }),
    { numRuns: 200 },
  );
});

test('R03 fields in another order, unknown ones, and empty messages are read all the same', () => {
  const field = (number: number, value: Buffer | string, wire = 2) => {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([Buffer.from(wire === 2 ? [(number << 3) | 2, bytes.length] : [(number << 3) | wire]), bytes]);
  };
  const attribute = (key: string, value: string) => Buffer.concat([field(2, field(1, value)), field(1, key)]);
  const span = Buffer.concat([
    field(9, attribute('session.id', 'one')),
    field(8, Buffer.from('0200000000000000', 'hex'), 1),
    field(15, ''),
    field(12, Buffer.from([1, 2, 3, 4]), 5),
    field(14, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), 0),
    field(5, 'session'),
    field(2, Buffer.from('00000000000000aa', 'hex')),
  ]);
  const resource = field(1, field(1, attribute('service.name', 's')));
  const request = field(1, Buffer.concat([field(2, field(2, span)), field(3, 'schema'), resource]));
  const [found] = readProtobuf(request, wanted);
  expect(found).toMatchObject({ name: 'session', spanId: '00000000000000aa', endUnixNano: 2n, traceId: '' });
  expect(found?.attributes).toEqual(new Map([['session.id', 'one']]));
  expect(found?.resource).toEqual(new Map([['service.name', 's']]));
  expect([...readProtobuf(Buffer.alloc(0), wanted)]).toEqual([]);
});

test('R03 bytes that are changed or cut are a request, or a WireError: never another error, never a hang', () => {
  const whole = encoded(aRun());
  const edit = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
  const ends = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 4 }), fc.nat(whole.length), (edits, length) => {
      const bytes = Buffer.from(whole.subarray(0, edits.length === 0 ? length : whole.length));
      for (const { at, byte } of edits) bytes[at] = byte;
      try {
        request(readProtobuf(bytes, wanted)).spans.map(spanFact);
        ends.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        ends.refused++;
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(ends.read, ends.refused)).toBeGreaterThan(100);
});

test('R03 what announces more than follows is refused at once, and costs no memory', () => {
  for (const bytes of ['0affffffff0f', '0a80', '07', '00', '0b', '0affffffffffffffffff01', '0a06120412022801'])
    expect(() => request(readProtobuf(Buffer.from(bytes, 'hex'), everything)), bytes).toThrow(WireError);
});

test('R03 a time that JSON has as a number keeps its digits', () => {
  const body = (time: string) =>
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"session","startTimeUnixNano":${time}}]}]}]}`;
  const start = (time: string) => request(readJson(body(time), wanted)).spans[0]?.startUnixNano;
  expect(start('1796000000123456789')).toBe(1796000000123456789n);
  expect(start('"1796000000123456789"')).toBe(1796000000123456789n);
  expect(start('null')).toBe(0n);
  for (const wrong of ['-1', '1.5', '"x"', '"18446744073709551616"', '{}'])
    expect(() => start(wrong), wrong).toThrow(JsonError);
});

test('R03 any JSON is a request, or a JsonError that says where', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      try {
        expect(request(readJson(text, wanted)).spans).toEqual([]);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonError);
      }
    }),
  );
  const wrong = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"session","traceId":7}]}]}]}';
  expect(() => request(readJson(wrong, wanted))).toThrow('traceId is 7');
  expect(() => request(readJson('{', wanted))).toThrow('it is no JSON');
});
