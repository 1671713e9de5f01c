import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputTokens } from '../../../instrumentation/src/catalog/llm.ts';
import { costOf } from '../../../instrumentation/src/cost/cost.ts';
import { findPrice, loadPrices } from '../../../instrumentation/src/cost/price-table.ts';
import { tokensByKind, usageOf } from '../../../instrumentation/src/cost/usage.ts';
import type { SpanFact } from '../../ledger/fact.ts';
import { read } from '../../ledger/span.ts';
import { describe as told } from '../../ledger/step-kinds.ts';
import { someStep } from '../../testing/some-run.ts';
import { callOf, usageOf as usageOfCall } from './call.ts';

const { table } = loadPrices();
const at = new Date('2026-06-01T00:00:00Z');
const tokens = fc.nat(1_000_000);
const parts = fc.record({ fresh: tokens, cacheRead: tokens, minutes: tokens, hour: tokens, output: tokens });

/** What each provider reports of one and the same call: with cached tokens in its input, or without. */
function reports({
  fresh,
  cacheRead,
  minutes,
  hour,
  output,
}: Record<'fresh' | 'cacheRead' | 'minutes' | 'hour' | 'output', number>) {
  const all = fresh + cacheRead + minutes + hour;
  return {
    included: {
      input_tokens: all,
      output_tokens: output,
      total_tokens: all + output,
      input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: minutes + hour },
    },
    excluded: {
      ...{ input_tokens: fresh, output_tokens: output, cache_read_input_tokens: cacheRead },
      cache_creation_input_tokens: minutes + hour,
      cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
    },
    converse: {
      inputTokens: fresh,
      outputTokens: output,
      cacheReadInputTokens: cacheRead,
      cacheWriteInputTokens: minutes + hour,
    },
  };
}

test('B05 cached tokens count once, whether a provider’s input includes them or not: tokens and money are the same', () => {
  const price = findPrice(table, { provider: 'anthropic', model: 'claude-haiku-4-5', at });
  if (!price) throw new Error('no price');
  fc.assert(
    fc.property(parts, (call) => {
      const { included, excluded, converse } = reports(call);
      const usages = [included, excluded, converse].map(usageOf);
      const kinds = usages.map((usage) => usage && tokensByKind(usage));
      const { fresh, cacheRead, minutes, hour, output } = call;
      for (const kind of kinds)
        expect(kind).toEqual({
          input: fresh,
          cache_read: cacheRead,
          cache_write: minutes + hour,
          output,
          reasoning: 0,
        });
      const { rates } = price;
      const dear = BigInt(hour) * (rates.cacheWrite1h - rates.cacheWrite);
      const expected =
        BigInt(fresh) * rates.input +
        BigInt(cacheRead) * rates.cacheRead +
        BigInt(minutes + hour) * rates.cacheWrite +
        BigInt(output) * rates.output;
      const costs = usages.map((usage) => usage && costOf(usage, price));
      // Only Anthropic tells how long what it wrote is kept.
      expect(costs.map((cost) => cost?.kind === 'priced' && cost.picoUsd)).toEqual([
        expected,
        expected + dear,
        expected,
      ]);
    }),
  );
});

test('B05 one convention taken for the other is a contradiction or another sum, never the same by chance', () => {
  const price = findPrice(table, { provider: 'anthropic', model: 'claude-haiku-4-5', at });
  fc.assert(
    fc.property(parts, (call) => {
      fc.pre(call.cacheRead + call.minutes + call.hour > 0);
      const { fresh, cacheRead, minutes, hour, output } = call;
      const right = costOf(usageOf(reports(call).excluded) as NonNullable<ReturnType<typeof usageOf>>, price);
      const wrong = costOf({ input: fresh, output, cacheRead, cacheWrite: minutes + hour, cacheWrite1h: hour }, price);
      expect(wrong.kind === 'priced' && right.kind === 'priced' && wrong.picoUsd === right.picoUsd).toBe(false);
    }),
  );
});

test('B05 what a span tells of them comes back from the ledger as the usage it was priced by', () => {
  fc.assert(
    fc.property(parts, ({ fresh, cacheRead, minutes, hour, output }) => {
      const usage = {
        input: fresh + cacheRead + minutes + hour,
        output,
        cacheRead,
        cacheWrite: minutes + hour,
        cacheWrite1h: hour,
      };
      const span = someSpan({
        ...{ 'gen_ai.usage.input_tokens': usage.input, 'gen_ai.usage.output_tokens': output },
        ...{
          'gen_ai.usage.cache_read.input_tokens': cacheRead,
          'gen_ai.usage.cache_creation.input_tokens': minutes + hour,
        },
        ...{ 'llm.usage.cache_creation_1h.input_tokens': hour, 'llm.service_tier': 'flex' },
      });
      const details = told(span, undefined, { requests: new Map(), answers: new Map() })?.details ?? {};
      const call = callOf(
        someStep('a', { input_tokens: read(span, inputTokens) as number, output_tokens: output, details }),
      );
      expect(call?.tier).toBe('flex');
      expect(call && usageOfCall(call)).toEqual(usage);
    }),
  );
});

test('B05 none from the cache is said; of a row that says nothing it is not known', () => {
  const details = told(someSpan({ 'gen_ai.usage.input_tokens': 5 }), undefined, {
    requests: new Map(),
    answers: new Map(),
  })?.details;
  expect(details).toMatchObject({ cache_read_tokens: 0, cache_write_tokens: 0 });
  expect(callOf(someStep('a', { details: {} }))?.cached).toBeUndefined();
  expect(callOf(someStep('b', { kind: 'tool' }))).toBeUndefined();
});

function someSpan(attributes: SpanFact['attributes']): SpanFact {
  return {
    ...{ source: 'span', id: 't/s', trace_id: 't', span_id: 's', parent_span_id: null, name: 'chat claude-haiku-4-5' },
    ...{ start_unix_nano: '1780000000000000000', end_unix_nano: '1780000001000000000', error: false },
    ...{ status_message: null, service_name: 'fleet', environment: null },
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'claude-haiku-4-5', ...attributes },
  };
}
