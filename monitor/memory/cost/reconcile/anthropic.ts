/**
 * What Anthropic exports: usage and costs, of the Console as CSV and of the Admin API as JSON. Input is told without what was read from and written to the
 * cache. Money of the API is in cents. https://platform.claude.com/docs/en/api/admin/cost_report
 */
import * as v from 'valibot';
import type { CsvRow } from './csv-rows.ts';
import type { Bucket } from './json-buckets.ts';
import {
  amount,
  at,
  dollars,
  maybeText,
  maybeTokens,
  maybeTokensText,
  read,
  tokens,
  tokensText,
  unreadable,
  type Where,
} from './read-fields.ts';
import { dayBetween, roundingOf, type Told } from './told.ts';

const date = v.pipe(
  v.string('it should be there'),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, 'write a day such as 2026-01-31'),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'write a day such as 2026-01-31'),
);
const usageText = v.object({
  ...{ usage_date_utc: date, model_version: v.pipe(v.string('it should be there'), v.nonEmpty('it should be there')) },
  ...{ usage_input_tokens_no_cache: tokensText, usage_output_tokens: tokensText },
  ...{ usage_input_tokens_cache_read: maybeTokensText },
  ...{ usage_input_tokens_cache_write_5m: maybeTokensText, usage_input_tokens_cache_write_1h: maybeTokensText },
});
const costText = v.object({
  usage_date_utc: date,
  model: maybeText,
  cost_usd: amount,
  cost_type: v.optional(v.string()),
  token_type: v.optional(v.string()),
});

const instant = v.pipe(
  v.string('write a time such as 2026-01-31T00:00:00Z'),
  v.transform((text) => Date.parse(text)),
  v.check((ms) => !Number.isNaN(ms), 'write a time such as 2026-01-31T00:00:00Z'),
);
const bucket = v.object({
  ...{ starting_at: instant, ending_at: instant, results: v.array(v.looseObject({}), 'it should be a list') },
});
const usage = v.object({
  ...{ model: maybeText, uncached_input_tokens: tokens, output_tokens: tokens, cache_read_input_tokens: maybeTokens },
  cache_creation: v.nullish(
    v.object({ ephemeral_5m_input_tokens: maybeTokens, ephemeral_1h_input_tokens: maybeTokens }),
  ),
});
const cost = v.object({
  ...{ amount, currency: dollars, model: maybeText, cost_type: maybeText, description: maybeText },
});

export function anthropicUsageRow({ line, cells }: CsvRow, file: string): Told {
  const row = read(usageText, cells, { file, line });
  return {
    ...{ line, of: 'usage', date: row.usage_date_utc, model: row.model_version },
    tokens: {
      input: row.usage_input_tokens_no_cache,
      cache_read: row.usage_input_tokens_cache_read,
      cache_write: row.usage_input_tokens_cache_write_5m + row.usage_input_tokens_cache_write_1h,
      output: row.usage_output_tokens,
    },
  };
}

/** The Console rounds each row to the cent. */
export function anthropicCostRow({ line, cells }: CsvRow, file: string): Told {
  const { usage_date_utc, model, cost_usd, cost_type, token_type } = read(costText, cells, { file, line });
  const billed = { picoUsd: cost_usd.pico, roundedBy: roundingOf(cost_usd.text) };
  const isOther =
    model === null || (cost_type !== undefined && !['', 'token', 'tokens', 'standard'].includes(cost_type));
  const item = isOther ? { model: null, other: cost_type || token_type || 'without a model' } : { model };
  return { line, of: 'cost', date: usage_date_utc, ...billed, ...item };
}

export function anthropicBucket(
  { line, value }: Bucket,
  file: string,
): { readonly date: string; readonly all: Told[] } {
  const where = { file, line };
  const { starting_at, ending_at, results } = read(bucket, value, where);
  const date = at(where, 'starting_at', new Date(starting_at).toISOString(), () => dayBetween(starting_at, ending_at));
  return {
    date,
    all: results.map((result, i) => {
      const here = { ...where, inside: `results[${i}]` };
      return 'amount' in result ? billed(result, date, here) : used(result, date, here);
    }),
  };
}

const centsPerDollar = 100n;

function billed(result: unknown, day: string, where: Where): Told {
  const { amount: cents, model, cost_type, description } = read(cost, result, where);
  const isOther = cost_type !== null && cost_type !== 'tokens';
  const item = isOther ? { model: null, other: description ?? cost_type ?? 'without a model' } : { model };
  return { line: where.line, of: 'cost', date: day, picoUsd: cents.pico / centsPerDollar, ...item };
}

function used(result: unknown, day: string, where: Where): Told {
  const row = read(usage, result, where);
  if (row.model === null) throw unreadable(where, 'model', null, 'group the report by model (group_by[]=model)');
  const { ephemeral_5m_input_tokens = 0, ephemeral_1h_input_tokens = 0 } = row.cache_creation ?? {};
  return {
    ...{ line: where.line, of: 'usage', date: day, model: row.model },
    tokens: {
      input: row.uncached_input_tokens,
      cache_read: row.cache_read_input_tokens,
      cache_write: ephemeral_5m_input_tokens + ephemeral_1h_input_tokens,
      output: row.output_tokens,
    },
  };
}
