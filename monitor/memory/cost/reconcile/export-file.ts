/** A provider's export, whatever it is: seen by what is in it, not by its name. Read in constant memory. */
import { createReadStream } from 'node:fs';
import { anthropicBucket, anthropicCostRow, anthropicUsageRow } from './anthropic.ts';
import { csvRows } from './csv-rows.ts';
import { jsonBuckets } from './json-buckets.ts';
import { openAiBucket, openAiCostRow, openAiUsageRow } from './openai.ts';
import type { Provider, Told } from './told.ts';

export interface ToldBy {
  readonly provider: Provider;
  readonly told: Told;
}

/** @throws Error that names the file, and in it the line and the field */
export async function* readExport(file: string): AsyncGenerator<ToldBy> {
  const chunks = textOf(file);
  const first = await chunks.next();
  const text = first.done ? '' : first.value;
  async function* all() {
    yield text;
    yield* chunks;
  }
  let isEmpty = true;
  // A byte order mark is white, too.
  const isJson = ['{', '['].includes(text.trimStart().charAt(0));
  for await (const one of isJson ? fromJson(all(), file) : fromCsv(all(), file)) {
    isEmpty = false;
    yield one;
  }
  if (isEmpty) throw new Error(`Cannot read ${file}: there is no row of an export in it. ${formats}`);
}

const formats =
  'Export usage or costs of OpenAI (CSV of the dashboard, JSON of the organization API) or Anthropic (CSV of the Console, JSON of the Admin API).';

async function* textOf(file: string): AsyncGenerator<string> {
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) yield chunk as string;
  } catch (cause) {
    throw new Error(`Cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}. Name a file that is there.`, {
      cause,
    });
  }
}

type Row = typeof openAiUsageRow;

/** By columns that only one of them has. */
const tables: readonly { readonly columns: readonly string[]; readonly provider: Provider; readonly read: Row }[] = [
  { columns: ['start_time', 'amount_value'], provider: 'openai', read: openAiCostRow },
  { columns: ['start_time', 'input_tokens'], provider: 'openai', read: openAiUsageRow },
  { columns: ['usage_date_utc', 'cost_usd'], provider: 'anthropic', read: anthropicCostRow },
  { columns: ['usage_date_utc', 'usage_output_tokens'], provider: 'anthropic', read: anthropicUsageRow },
];

async function* fromCsv(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ToldBy> {
  let table: (typeof tables)[number] | undefined;
  for await (const row of csvRows(chunks, file)) {
    table ??= tables.find(({ columns }) => columns.every((name) => name in row.cells));
    if (!table)
      throw new Error(`Cannot read ${file}: line 1 has the columns of no export that is known here. ${formats}`);
    yield { provider: table.provider, told: table.read(row, file) };
  }
}

async function* fromJson(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ToldBy> {
  let of: Told['of'] | undefined;
  /** Days on which nothing was used, before anybody knows of which report. */
  let quiet: Omit<Told, 'of'>[] = [];
  for await (const bucket of jsonBuckets(chunks, file)) {
    const value = bucket.value as Record<string, unknown>;
    const provider = 'start_time' in value ? 'openai' : 'anthropic';
    if (provider === 'anthropic' && !('starting_at' in value))
      throw new Error(`Cannot read ${file}: line ${bucket.line} is no bucket of a report. ${formats}`);
    const { date, all } = provider === 'openai' ? openAiBucket(bucket, file) : anthropicBucket(bucket, file);
    of ??= all[0]?.of;
    if (all.length === 0) quiet.push({ line: bucket.line, date, model: null });
    if (of === undefined) continue;
    for (const day of quiet) yield { provider, told: { ...day, of } };
    quiet = [];
    for (const told of all) yield { provider, told };
  }
}
