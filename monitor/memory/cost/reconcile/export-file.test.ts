import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readExport } from './export-file.ts';
import type { Told } from './told.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-exports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const golden = (name: string) => join(import.meta.dirname, 'exports', name);

function changed(name: string, from: string, to: string): string {
  const text = readFileSync(golden(name), 'utf8');
  expect(text).toContain(from);
  const path = join(folder, name);
  writeFileSync(path, text.replace(from, to));
  return path;
}

async function all(file: string): Promise<{ provider: string; told: Told }[]> {
  const found = [];
  for await (const one of readExport(file)) found.push(one);
  return found;
}

const tokens = async (file: string) => (await all(file)).flatMap(({ told }) => told.tokens ?? []);
const usd = async (file: string) =>
  (await all(file)).flatMap(({ told: { picoUsd, other } }) => (picoUsd === undefined || other ? [] : [picoUsd]));

describe('B05 golden exports', () => {
  test('B05 usage of OpenAI: cached tokens are taken out of the input that includes them; a day without use is a day', async () => {
    expect(await tokens(golden('openai-usage.csv'))).toEqual([
      { input: 53_440, cache_read: 5760, cache_write: 0, output: 10_646 },
      { input: 560, cache_read: 240, cache_write: 0, output: 354 },
    ]);
    expect((await all(golden('openai-usage.csv'))).at(-1)?.told).toEqual({
      ...{ line: 4, of: 'usage', date: '2026-02-16', model: null },
    });
    const json = await all(golden('openai-usage.json'));
    expect(json.map(({ told }) => [told.date, told.line, told.tokens])).toEqual([
      ['2026-02-15', 4, { input: 54_000, cache_read: 6000, cache_write: 0, output: 11_000 }],
      ['2026-02-16', 17, undefined],
    ]);
  });

  test('B05 costs of OpenAI: exact decimals, the model out of the line item, tools apart', async () => {
    const told = (await all(golden('openai-costs.csv'))).map((one) => one.told);
    expect(told.map(({ model, picoUsd, other }) => [model, picoUsd, other])).toEqual([
      ['gpt-5-2025-08-07', 67_500_000_000n, undefined],
      ['gpt-5-2025-08-07', 750_000_000n, undefined],
      ['gpt-5-2025-08-07', 110_000_000_000n, undefined],
      [null, 20_000_000_000n, 'web search tool calls'],
      [null, undefined, undefined],
    ]);
    expect(await usd(golden('openai-costs.json'))).toEqual([178_250_000_000n]);
  });

  test('B05 usage of Anthropic: input is told without the cache', async () => {
    const expected = { input: 1500, cache_read: 20_000, cache_write: 1500, output: 500 };
    expect(await tokens(golden('anthropic-usage.json'))).toEqual([expected]);
    const [one, other] = await tokens(golden('anthropic-usage.csv'));
    expect([one, other]).toEqual([
      { input: 1000, cache_read: 12_000, cache_write: 500, output: 300 },
      { input: 500, cache_read: 8000, cache_write: 1000, output: 200 },
    ]);
  });

  test('B05 costs of Anthropic: cents of the API, dollars of the Console, rounded to the cent', async () => {
    expect(await usd(golden('anthropic-costs.json'))).toEqual([1_500_000_000n, 7_125_000_000n]);
    const told = (await all(golden('anthropic-costs.csv'))).map((one) => one.told);
    expect(told.map(({ model, picoUsd, roundedBy }) => [model, picoUsd, roundedBy])).toEqual([
      ['Claude Haiku 4.5', 0n, 5_000_000_000n],
      ['Claude Haiku 4.5', 10_000_000_000n, 5_000_000_000n],
    ]);
  });
});

describe('B05 what is wrong is named by line and field', () => {
  test.each([
    ['openai-usage.csv', '59200.0', 'many', 'line 2, input_tokens is "many": write a whole number of tokens'],
    ['openai-usage.csv', '800.0', '8.5', 'line 3, input_tokens is "8.5"'],
    [
      'openai-usage.csv',
      '5760.0',
      '99999999',
      'line 2, input_tokens is 59200: it is less than the 99999999 of the cache',
    ],
    [
      'openai-usage.csv',
      '1771200000,2026',
      '1771286400,2026',
      'line 2, start_time is 1771113600: ask for buckets of a UTC day',
    ],
    ['openai-usage.csv', 'gpt-5-2025-08-07,FALSE', ',FALSE', 'line 2, model is "": group the report by model'],
    ['openai-usage.csv', 'proj_example,2.0,', 'proj_example,', 'line 2 has 23 cells, and the first line names 24'],
    ['openai-costs.csv', '0.00075', '0,00075', 'line 3 has 11 cells'],
    ['openai-costs.csv', '0.11,usd', '0.11,eur', 'line 4, amount_currency is "eur": ours is in USD'],
    [
      'openai-costs.json',
      '0.1782500000000000',
      '"much"',
      'line 4, results[0].amount.value is "much": write a decimal number',
    ],
    ['openai-usage.json', '"output_tokens": 11000', '"output_tokens": -1', 'line 4, results[0].output_tokens is -1'],
    ['openai-usage.json', '"has_more": false,\n  "next_page": null\n}', '', 'it ends in the middle, in line'],
    ['openai-usage.json', '"num_model_requests": 3', '"num_model_requests": x', 'line 4: Unexpected token'],
    [
      'anthropic-usage.json',
      '"2026-02-16T00:00:00Z"',
      '"2026-02-17T00:00:00Z"',
      'line 3, starting_at is "2026-02-15T00:00:00.000Z": ask for',
    ],
    [
      'anthropic-usage.json',
      '"claude-haiku-4-5-20251001"',
      'null',
      'line 3, results[0].model is null: group the report by model',
    ],
    ['anthropic-usage.csv', '2026-02-15', '15.02.2026', 'line 2, usage_date_utc is "15.02.2026": write a day'],
    ['anthropic-costs.csv', 'cost_usd', 'cost', 'line 1 has the columns of no export that is known here'],
  ])('B05 %s: %s as %s', async (name, from, to, message) => {
    await expect(all(changed(name, from, to))).rejects.toThrow(message);
  });

  test('B05 an empty file, one that is not there, a quote without end', async () => {
    const path = join(folder, 'empty.csv');
    writeFileSync(path, '');
    await expect(all(path)).rejects.toThrow('there is no row of an export in it. Export usage or costs');
    await expect(all(join(folder, 'none.csv'))).rejects.toThrow('ENOENT');
    await expect(all(changed('openai-costs.csv', 'input"', 'input'))).rejects.toThrow(/line \d+/);
  });
});

describe('B05 what exports have besides', () => {
  test('B05 columns that nobody knows are ignored, as are a byte order mark and line ends of Windows', async () => {
    const text = readFileSync(golden('openai-usage.csv'), 'utf8').trimEnd().split('\n');
    const path = join(folder, 'windows.csv');
    writeFileSync(
      path,
      `\uFEFF${text.map((line, i) => (i === 0 ? `new,${line}` : `"a ""new""\nthing, with lines",${line}`)).join('\r\n')}\r\n`,
    );
    expect(await tokens(path)).toEqual(await tokens(golden('openai-usage.csv')));
    expect((await all(path)).map(({ told }) => told.line)).toEqual([2, 4, 6]);
  });

  test('B05 pages one after the other, and in a list, are one report', async () => {
    const page = readFileSync(golden('anthropic-usage.json'), 'utf8');
    for (const pages of [`${page}\n${page}`, `[${page},${page}]`]) {
      const path = join(folder, 'pages.json');
      writeFileSync(path, pages);
      expect(await tokens(path)).toHaveLength(2);
    }
  });
});
