import { once } from 'node:events';
import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exported, service, token } from './testing/service.ts';
import { aRun, encoded, packed, spansOf } from './testing/spans.ts';

let here: Awaited<ReturnType<typeof service>>;
beforeEach(async () => {
  here = await service({ checkEveryMs: 50, headersTimeoutMs: 300, requestTimeoutMs: 300, bodyBytes: 1_048_576 });
});
afterEach(() => here.close());

const gzip = { 'content-encoding': 'gzip' };

test('R03 a request of the OpenTelemetry exporter is a run of the ledger when it is answered', async () => {
  const answer = await here.post(packed(aRun()), gzip);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-protobuf']);
  const body = new Uint8Array(await answer.arrayBuffer());
  expect(body).toHaveLength(0);
  expect(await here.ledger.orchestration('session-1')).toMatchObject({
    session_id: 'session-1',
    workflow_name: 'release',
    service_name: 'agents',
    environment: 'test',
  });
  expect([...here.facts.values()].map((fact) => 'name' in fact && fact.name)).toEqual([
    'chat gpt-5',
    'execute_tool search',
    'openai.embeddings',
    'agent.execute',
    'workflow.execute',
  ]);
});

test('R03 it is answered when it is on disk, not before', async () => {
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  here.state.before = () => {
    begin();
    return written;
  };
  let answered = false;
  const answer = here.post(packed(aRun()), gzip).then((response) => {
    answered = true;
    return response.status;
  });
  await begun;
  await fetch(`${here.url}/-/healthy`);
  expect([answered, here.facts.size]).toEqual([false, 0]);
  write();
  expect([await answer, here.facts.size]).toEqual([200, 5]);
});

test('R03 JSON, and every packing a sender may use, is the same run', async () => {
  const spans = aRun();
  const plain = encoded(spans);
  const bodies: [Uint8Array, Record<string, string>][] = [
    [plain, {}],
    [gzipSync(plain), gzip],
    [deflateSync(plain), { 'content-encoding': 'deflate' }],
    [zstdCompressSync(plain), { 'content-encoding': 'zstd' }],
    [encoded(spans, 'json'), { 'content-type': 'application/json; charset=utf-8' }],
  ];
  for (const [body, headers] of bodies) {
    const answer = await here.post(body, headers);
    expect([answer.status, headers]).toEqual([200, headers]);
    if (headers['content-type']) expect(await answer.json()).toEqual({});
  }
  expect([here.seen.records, here.facts.size]).toEqual([bodies.length, 5]);
});

test('R03 spans one by one, shuffled and doubled, are the ledger that they are in order and at once', async () => {
  const spans = [...aRun('a'), ...aRun('b'), ...aRun('c')];
  await here.post(encoded(spans));
  const inOrder = await exported(here.ledger);
  expect(inOrder).toContain('"session_id": "b"');
  const order = fc.shuffledSubarray([...spans, ...spans], { minLength: 2 * spans.length });
  await fc.assert(
    fc.asyncProperty(order, async (some) => {
      const other = await service();
      const statuses = await Promise.all(some.map(async (span) => (await other.post(encoded([span]))).status));
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(await exported(other.ledger)).toBe(inOrder);
      await other.close();
    }),
    { numRuns: 5 },
  );
});

test('R03 spans that cannot be are told of, and the others kept', async () => {
  const [first, ...others] = spansOf((span) => {
    span('session', { 'session.id': 's' });
    span('session', { 'session.id': 't' });
  });
  const context = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 };
  const impossible = { ...first, spanContext: () => context } as typeof first;
  const answer = await here.post(encoded([impossible, ...others] as typeof others));
  expect(answer.status).toBe(200);
  expect(ProtobufTraceSerializer.deserializeResponse(new Uint8Array(await answer.arrayBuffer()))).toEqual({
    partialSuccess: { rejectedSpans: 1, errorMessage: expect.stringContaining('Cannot keep 1 of the spans') },
  });
  expect(here.facts.size).toBe(1);
  const asJson = await here.post(encoded([impossible] as typeof others, 'json'), {
    'content-type': 'application/json',
  });
  expect(await asJson.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
});

test('R03 a stranger is refused before the body is read', async () => {
  for (const authorization of ['', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
    const answer = await here.post(packed(aRun()), { ...gzip, authorization });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await answer.text()).toContain('Cannot let the request in');
  }
  expect(here.seen.records).toBe(0);
});

test.each([
  [413, 'larger than 1 MiB', Buffer.alloc(1_200_000), {}],
  [413, 'larger than 1 MiB', gzipSync(Buffer.alloc(5_000_000)), gzip],
  [415, '"br"', Buffer.alloc(1), { 'content-encoding': 'br' }],
  [415, '"constructor"', Buffer.alloc(1), { 'content-encoding': 'constructor' }],
  [415, 'type is not known', Buffer.alloc(1), { 'content-type': 'text/plain' }],
  [400, 'no gzip', Buffer.from('x'), gzip],
  [400, 'Cannot read the spans', Buffer.from('x'), {}],
  [400, 'it is no JSON', Buffer.from('x'), { 'content-type': 'application/json' }],
])('R03 %i, and why, for what will never be read: %s', async (status, why, body, headers) => {
  const answer = await here.post(body, headers);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, null]);
  expect(await answer.text()).toContain(why);
  expect(here.seen.notices).toEqual([]);
});

test('R03 a ledger that fails answers 503 and when to come again, and says so; then it takes them', async () => {
  here.state.before = async () => {
    throw new Error('Cannot write to ledger.db: the disk is full.');
  };
  const answer = await here.post(packed(aRun()), gzip);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.text()).toContain('Send them again');
  expect(here.seen.notices).toEqual([
    'Cannot keep spans: Cannot write to ledger.db: the disk is full. They are sent again.',
  ]);
  here.state.before = async () => {};
  expect((await here.post(packed(aRun()), gzip)).status).toBe(200);
});

test('R03 under pressure senders are asked to come again, and lose nothing', async () => {
  const tight = await service({ heldBytes: packed(aRun()).length + encoded(aRun()).length - 100 });
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  tight.state.before = () => {
    begin();
    return written;
  };
  const first = tight.post(packed(aRun('a')), gzip);
  await begun;
  const answer = await tight.post(packed(aRun('b')), gzip);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
  write();
  expect((await first).status).toBe(200);
  expect((await tight.post(packed(aRun('b')), gzip)).status).toBe(200);
  expect(await tight.ledger.orchestration('b')).toBeDefined();
  await tight.close();
});

test('R03 who sends drop by drop is cut off without an answer: 408 would tell a Collector to give it up', async () => {
  const { hostname, port } = new URL(here.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.on('error', () => {});
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/x-protobuf\r\ncontent-length: 99\r\n\r\n`,
  );
  await once(socket, 'close');
  expect(answer).toBe('');
});

test('R03 it is ready while the ledger answers, and closes it when what was taken is kept', async () => {
  const ready = await fetch(`${here.url}/-/ready`);
  expect([ready.status, await ready.text()]).toEqual([200, 'Ready.\n']);
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const other = await service();
  other.state.before = () => {
    begin();
    return written;
  };
  const taken = other.post(packed(aRun()), gzip);
  await begun;
  const closing = other.close();
  expect(other.seen.closed).toBe(false);
  write();
  expect((await taken).status).toBe(200);
  await closing;
  expect(other.seen.closed).toBe(true);
  expect((await fetch(`${here.url}/v1/logs`, { method: 'POST' })).status).toBe(404);
});

test('R03 any bytes are answered with yes or no, and nothing of ours breaks', async () => {
  const whole = packed(aRun());
  const statuses = new Set<number>();
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      return bytes;
    }),
    fc.constant(whole),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('gzip', 'identity'), async (bytes, encoding) => {
      const { status } = await here.post(bytes, { 'content-encoding': encoding });
      statuses.add(status);
      return [200, 400].includes(status);
    }),
    { numRuns: 200 },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
  expect(here.seen.notices).toEqual([]);
});
