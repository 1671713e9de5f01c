/**
 * What OpenAI exports: usage and costs, of the dashboard as CSV and of the organization's API as JSON. Both have the same names. Input includes what was
 * read from and written to the cache. https://platform.openai.com/docs/api-reference/usage
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
import { dayBetween, type Tokens, type Told } from './told.ts';

const seconds = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,12}(\.0*)?$/))], 'write seconds since 1970'),
  v.transform(Number),
);
const day = { start_time: seconds, end_time: seconds };

const usageText = v.object({
  ...{ input_tokens: tokensText, output_tokens: tokensText },
  ...{ input_cached_tokens: maybeTokensText, input_cache_write_tokens: maybeTokensText },
});
const usage = v.object({
  ...{ input_tokens: tokens, output_tokens: tokens, model: maybeText },
  ...{ input_cached_tokens: maybeTokens, input_cache_write_tokens: maybeTokens },
});
const costText = v.object({ amount_value: amount, amount_currency: dollars, line_item: maybeText });
const cost = v.object({ amount: v.object({ value: amount, currency: dollars }), line_item: maybeText });
const bucket = v.object({ ...day, results: v.array(v.looseObject({}), 'it should be a list') });

/** Rows of days on which nothing was used have their times alone. */
export function openAiUsageRow({ line, cells }: CsvRow, file: string): Told {
  const where = { file, line };
  const date = dateOf(read(v.object(day), cells, where), where);
  if (!cells.model && !cells.input_tokens) return { line, of: 'usage', date, model: null };
  return used(read(usageText, cells, where), cells.model, date, where);
}

export function openAiCostRow({ line, cells }: CsvRow, file: string): Told {
  const where = { file, line };
  const date = dateOf(read(v.object(day), cells, where), where);
  if (!cells.amount_value) return { line, of: 'cost', date, model: null };
  const { amount_value, line_item } = read(costText, cells, where);
  return { line, of: 'cost', date, picoUsd: amount_value.pico, ...itemOf(line_item) };
}

export function openAiBucket({ line, value }: Bucket, file: string): { readonly date: string; readonly all: Told[] } {
  const where = { file, line };
  const { results, ...times } = read(bucket, value, where);
  const date = dateOf(times, where);
  const all = results.map((result, i): Told => {
    const here = { ...where, inside: `results[${i}]` };
    if (!('amount' in result)) {
      const { model, ...counts } = read(usage, result, here);
      return used(counts, model, date, here);
    }
    const { amount: billed, line_item } = read(cost, result, here);
    return { line, of: 'cost', date, picoUsd: billed.value.pico, ...itemOf(line_item) };
  });
  return { date, all };
}

/** `gpt-5.5-2026-04-23, cached input`, `priority | gpt-5.6-sol, output, long context`; the rest is tools. */
function itemOf(item: string | null): Pick<Told, 'model' | 'other'> {
  if (item === null) return { model: null };
  const [, model] =
    /^(?:[\w ]+ \| )?([^\s,|]+)(?: (?:text|audio|image))?, (?:cached )?(?:input|output|cache writes?)\b/.exec(item) ??
    [];
  return model === undefined ? { model: null, other: item } : { model };
}

type Counts = v.InferOutput<typeof usageText>;

function used(counts: Counts, model: string | null | undefined, date: string, where: Where): Told {
  if (!model) throw unreadable(where, 'model', model, 'group the report by model (group_by=model)');
  return { line: where.line, of: 'usage', date, model, tokens: byKind(counts, where) };
}

function byKind(counts: Counts, where: Where): Tokens {
  const {
    input_tokens,
    output_tokens,
    input_cached_tokens: cache_read,
    input_cache_write_tokens: cache_write,
  } = counts;
  const input = input_tokens - cache_read - cache_write;
  if (input < 0)
    throw unreadable(
      where,
      'input_tokens',
      input_tokens,
      `it is less than the ${cache_read + cache_write} of the cache that it includes`,
    );
  return { input, cache_read, cache_write, output: output_tokens };
}

function dateOf({ start_time, end_time }: { start_time: number; end_time: number }, where: Where): string {
  return at(where, 'start_time', start_time, () => dayBetween(start_time * 1000, end_time * 1000));
}
