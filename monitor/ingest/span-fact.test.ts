import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawSpan, RawValue } from './raw-span.ts';
import { readProtobuf } from './read-protobuf.ts';
import { most, spanFact, wanted } from './span-fact.ts';
import { aRun, encoded } from './testing/spans.ts';

const raw: RawSpan = {
  traceId: 'AB'.repeat(16),
  spanId: 'cd'.repeat(8),
  parentSpanId: '',
  name: 'workflow.execute',
  startUnixNano: 1_796_000_000_123_456_789n,
  endUnixNano: 1_796_000_001_000_000_001n,
  failed: false,
  statusMessage: '',
  attributes: new Map<string, RawValue>([['workflow.id', 'session-1']]),
  resource: new Map([['service.name', 'agents']]),
  stack: undefined,
};

const attributes = (entries: Record<string, RawValue>, name = raw.name) => {
  const fact = spanFact({ ...raw, name, attributes: new Map(Object.entries(entries)) });
  return typeof fact === 'object' ? fact.attributes : fact;
};

test('R03 a span is a fact by its trace and its id, with nanoseconds whole', () => {
  expect(spanFact(raw)).toEqual({
    source: 'span',
    id: `${'ab'.repeat(16)}/${'cd'.repeat(8)}`,
    trace_id: 'ab'.repeat(16),
    span_id: 'cd'.repeat(8),
    parent_span_id: null,
    name: 'workflow.execute',
    start_unix_nano: '1796000000123456789',
    end_unix_nano: '1796000001000000001',
    error: false,
    status_message: null,
    service_name: 'agents',
    environment: null,
    attributes: { 'workflow.id': 'session-1' },
  });
});

test('R03 never what people and models wrote, and nothing that the catalogue does not know', () => {
  const facts = [...readProtobuf(encoded(aRun()), { ...wanted, attribute: () => true })].flatMap((span) =>
    span ? spanFact(span) : [],
  );
  const text = JSON.stringify(facts);
  expect(text).toContain('"gen_ai.usage.input_tokens":1200');
  for (const secret of ['the prompt', 'the answer', 'secret.note', 'host.name']) expect(text).not.toContain(secret);
});

test('R03 a value has the type that is declared, or there is none', () => {
  expect(
    attributes({
      'workflow.id': 7n,
      'agent.retries': 2n,
      'agent.duration.ms': 3n,
      'gen_ai.usage.cost.amount': 0.5,
      'llm.cost.known': true,
      'gen_ai.response.finish_reasons': ['stop'],
    }),
  ).toEqual({
    'agent.duration.ms': 3,
    'agent.retries': 2,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.cost.amount': 0.5,
    'llm.cost.known': true,
    'workflow.id': '7',
  });
  expect(
    attributes({
      'workflow.id': ['a'],
      'agent.retries': 2n ** 60n,
      'agent.duration.ms': Number.NaN,
      'gen_ai.usage.cost.amount': 'much',
      'llm.cost.known': 'true',
      'gen_ai.response.finish_reasons': 'stop',
    }),
  ).toEqual({});
});

test('R03 attributes stand in one order, however they came', () => {
  const entries = Object.entries({ 'workflow.id': 'a', 'agent.name': 'b', 'workflow.name': 'c', 'error.type': 'd' });
  fc.assert(
    fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (some) => {
      expect(JSON.stringify(attributes(Object.fromEntries(some)))).toBe(
        '{"agent.name":"b","error.type":"d","workflow.id":"a","workflow.name":"c"}',
      );
    }),
  );
});

/** What `binary` draws, without its table of all million characters, which takes longer to make than all else here. */
const anyCharacter = fc
  .oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

test('R03 text is bounded, whole characters, and nothing a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 40 }), fc.nat(100), (text, times) => {
      const fact = spanFact({
        ...raw,
        failed: true,
        statusMessage: text.repeat(times),
        attributes: new Map([['workflow.id', text.repeat(times)]]),
      });
      if (typeof fact !== 'object') throw fact;
      for (const one of [fact.status_message ?? '', fact.attributes['workflow.id'] as string]) {
        expect(one.length).toBeLessThanOrEqual(most.message);
        expect(one.isWellFormed()).toBe(true);
        expect([...one].filter((character) => '\0\b\x1b'.includes(character))).toEqual([]);
      }
    }),
  );
  expect(attributes({ 'workflow.id': `${'x'.repeat(998)}😀y` })).toEqual({ 'workflow.id': `${'x'.repeat(998)}…` });
  expect(attributes({ 'workflow.id': 'x'.repeat(1000) })).toEqual({ 'workflow.id': 'x'.repeat(1000) });
});

test('R03 a span that cannot be is malformed; a clock that was set back is not', () => {
  const wrong: Partial<RawSpan>[] = [
    { traceId: '' },
    { traceId: '0'.repeat(32) },
    { traceId: 'ab'.repeat(8) },
    { traceId: 'xy'.repeat(16) },
    { spanId: '0'.repeat(16) },
    { spanId: '' },
    { parentSpanId: 'abc' },
    { startUnixNano: 0n },
    { endUnixNano: 0n },
  ];
  for (const one of wrong) expect(spanFact({ ...raw, ...one })).toBe('malformed');
  expect(spanFact({ ...raw, endUnixNano: 1n })).toMatchObject({ end_unix_nano: String(raw.startUnixNano) });
  expect(spanFact({ ...raw, parentSpanId: '0'.repeat(16) })).toMatchObject({ parent_span_id: null });
});

test('R03 a name that anybody may use needs something of ours beside it', () => {
  expect(attributes({}, 'process order')).toBe('not_fleet');
  expect(attributes({ 'messaging.destination.name': 'order' }, 'process order')).toEqual({
    'messaging.destination.name': 'order',
  });
  expect(attributes({}, 'GET /')).toBe('not_fleet');
  // A library that has its own name for it; the Collector has put the mark on it.
  const call = { 'gen_ai.operation.name': 'chat' };
  expect(attributes(call, 'ai.generateText.doGenerate')).toEqual(call);
});

test('B06 of a stack the frame where it went wrong is kept', () => {
  const frame = (stack: string) => {
    const fact = spanFact({ ...raw, failed: true, stack });
    return typeof fact === 'object' && fact.attributes['exception.stacktrace'];
  };
  expect(frame('Error: x\n    at node:fs:1:2\n    at find (/app/a.js:1:2)\n    at main (/app/b.js:1:2)')).toBe(
    'at find (/app/a.js:1:2)',
  );
  expect(frame('Traceback (most recent call last):\n  File "a.py", line 1, in f\n  File "b.py", line 2, in g\nX')).toBe(
    'File "b.py", line 2, in g',
  );
  expect(frame('Error: only words')).toBe(undefined);
});
