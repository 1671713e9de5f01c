import { afterEach, expect, test } from 'vitest';
import type { SpanFact } from '../ledger/fact.ts';
import { Canaries } from './canaries.ts';
import { service } from './testing/service.ts';
import { aRun, encoded, spansOf } from './testing/spans.ts';

let close = async () => {};
afterEach(() => close());

test('B09 the doctor’s span is kept, is no run and no execution, and is told by its trace', async () => {
  const here = await service();
  close = here.close;
  const spans = spansOf((span) => span('canary', { 'gen_ai.operation.name': 'fleetscope.canary' }));
  const others = aRun();
  const kept = async (all: typeof spans) =>
    (await fetch(`${here.url}/-/canary/${all[0]?.spanContext().traceId}`)).json();
  expect(await kept(spans)).toEqual({ kept: false });
  expect((await here.post(encoded([...spans, ...others]))).status).toBe(200);
  expect(await kept(spans)).toEqual({ kept: true });
  // Of what is no canary nothing is told without a token.
  expect(await kept(others)).toEqual({ kept: false });
  expect(here.facts.size).toBe(6);
  expect((await here.ledger.orchestrations({ limit: 10 })).map(({ session_id }) => session_id)).toEqual(['session-1']);
  expect((await here.ledger.executions({ limit: 10 })).map(({ agent_name }) => agent_name)).toEqual(['director']);
});

test.each(['0'.repeat(31), '0'.repeat(33), 'A'.repeat(32), 'x', 'a'.repeat(200), '%'])(
  'B09 what is no trace is no page, and an address that cannot be read is answered as all else is: %s',
  async (trace) => {
    const here = await service();
    close = here.close;
    const answer = await fetch(`${here.url}/-/canary/${trace}`);
    const { code, message } = (await answer.json()) as { code: number; message: string };
    const malformed = 'Cannot read the request: it is malformed. Send an ExportTraceServiceRequest.';
    const expected = /^[0-9a-zA-Z]{1,100}$/.test(trace)
      ? [404, 5, expect.stringMatching(/^Cannot find the page/)]
      : [400, 3, malformed];
    expect([answer.status, code, message]).toEqual(expected);
  },
);

test('B09 what the ledger did not take is not told as kept', async () => {
  const here = await service();
  close = here.close;
  here.state.before = () => Promise.reject(new Error('The disk is full.'));
  const spans = spansOf((span) => span('canary', { 'gen_ai.operation.name': 'fleetscope.canary' }));
  expect((await here.post(encoded(spans))).status).toBe(503);
  const answer = await fetch(`${here.url}/-/canary/${spans[0]?.spanContext().traceId}`);
  expect(await answer.json()).toEqual({ kept: false });
});

test('B09 a thousand canaries are remembered, the oldest forgotten first', () => {
  const canaries = new Canaries();
  const canary = (trace: number) =>
    ({ trace_id: `${trace}`, attributes: { 'gen_ai.operation.name': 'fleetscope.canary' } }) as unknown as SpanFact;
  canaries.note(Array.from({ length: 1001 }, (_, trace) => canary(trace)));
  expect([canaries.has('0'), canaries.has('1'), canaries.has('1000')]).toEqual([false, true, true]);
});
