import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { modelKey, parsePriceFile } from './price-file.ts';
import shipped from './prices.json' with { type: 'json' };

const schema = JSON.parse(readFileSync(new URL('./prices.schema.json', import.meta.url), 'utf8')) as Schema;
const price = { from: '2026-01-01', input: '1', output: '2' };
const file = (prices: unknown, model: object = {}) => ({
  providers: { openai: { models: { 'gpt-9': { prices, ...model } } } },
});
const entry = 'providers.openai.models["gpt-9"]';

const good: [string, unknown][] = [
  ['the shipped prices', shipped],
  ['no provider', { providers: {} }],
  ['a provider that only sells', { providers: { us: { sells: ['openai'], models: {} } } }],
  ['one price', file([price])],
  ['a price of zero, said out loud', file([{ ...price, output: '0' }])],
  ['six decimals', file([{ ...price, cacheRead: '0.000001' }])],
  ['every field', file([{ ...price, cacheRead: '1', cacheWrite: '1', cacheWrite1h: '1' }], { aliases: ['gpt-9-x'] })],
  ['a long context', file([{ ...price, longContext: { above: 200_000, input: '2', output: '4' } }])],
  ['a tier', file([{ ...price, tiers: { batch: { input: '0.5', output: '1' } } }])],
  ['a name with a slash', { providers: { local: { models: { 'Qwen/Qwen9-32B': { prices: [price] } } } } }],
];

const bad: [string, unknown, string][] = [
  ['a list', [], 'the file is []: write an object'],
  ['no providers', {}, 'providers is missing: write an object'],
  ['another field', { providers: {}, prices: {} }, 'prices is {}: remove it, or use one of $schema, providers'],
  ['a provider without models', { providers: { openai: {} } }, 'providers.openai.models is missing: write an object'],
  ['an empty name', { providers: { '': { models: {} } } }, 'providers is "": use names of 1 to 200 characters'],
  ['a name with a space', { providers: { 'open ai': { models: {} } } }, 'providers is "open ai": use names'],
  ['a model without prices', file(undefined), `${entry}.prices is missing: write a list`],
  ['no price', file([]), `${entry}.prices is []: give at least one price`],
  [
    'a float',
    file([{ ...price, input: 2.5 }]),
    `${entry}.prices[0].input is 2.5: write USD per million tokens as text`,
  ],
  ['a sign', file([{ ...price, input: '-1' }]), `${entry}.prices[0].input is "-1": write USD`],
  ['a currency', file([{ ...price, output: '$2' }]), `${entry}.prices[0].output is "$2": write USD`],
  ['an exponent', file([{ ...price, output: '2e-6' }]), `${entry}.prices[0].output is "2e-6": write USD`],
  [
    'a seventh decimal',
    file([{ ...price, output: '0.0000001' }]),
    `${entry}.prices[0].output is "0.0000001": write USD`,
  ],
  ['no output', file([{ from: '2026-01-01', input: '1' }]), `${entry}.prices[0].output is missing: write USD`],
  ['no day', file([{ input: '1', output: '2' }]), `${entry}.prices[0].from is missing: write a day`],
  ['a day in words', file([{ ...price, from: '1 May 2026' }]), `${entry}.prices[0].from is "1 May 2026": write a day`],
  [
    'a misspelt field',
    file([{ ...price, cachedRead: '1' }]),
    `${entry}.prices[0].cachedRead is "1": remove it, or use one`,
  ],
  ['aliases that are text', file([price], { aliases: 'gpt' }), `${entry}.aliases is "gpt": write a list`],
  ['an alias that is a number', file([price], { aliases: [9] }), `${entry}.aliases[0] is 9: write a name in quotes`],
  [
    'a threshold in words',
    file([{ ...price, longContext: { above: '200k', input: '1', output: '1' } }]),
    '.above is "200k"',
  ],
  [
    'a threshold of zero',
    file([{ ...price, longContext: { above: 0, input: '1', output: '1' } }]),
    '.above is 0: write',
  ],
  [
    'a broken threshold',
    file([{ ...price, longContext: { above: 1.5, input: '1', output: '1' } }]),
    '.above is 1.5: write',
  ],
  ['a tier with a date', file([{ ...price, tiers: { batch: price } }]), '.tiers.batch.from is "2026-01-01": remove it'],
  ['a source that is a list', { providers: { x: { source: [], models: {} } } }, 'providers.x.source is []: write text'],
  ['null for a model', { providers: { x: { models: { m: null } } } }, 'providers.x.models.m is null: write an object'],
];

describe('the two checks of a price file', () => {
  test.each(good)('C01 %s is taken by the parser and by the schema', (_, json) => {
    expect(parsePriceFile(json)).toBe(json);
    expect(complaint(schema, json)).toBeUndefined();
  });

  test.each(bad)('C01 %s is refused by both, with the path, the value and the remedy', (_, json, message) => {
    expect(() => parsePriceFile(json)).toThrow(message);
    expect(complaint(schema, json)).toBeDefined();
  });
});

const beyondTheSchema: [string, unknown, string][] = [
  ['a day that does not exist', file([{ ...price, from: '2026-02-31' }]), '.from is "2026-02-31": write a day'],
  [
    'prices out of order',
    file([price, { ...price, from: '2025-01-01' }]),
    'list prices oldest first, 2026-01-01 stands',
  ],
  ['a day twice', file([price, price]), 'list prices oldest first'],
  [
    'a model twice',
    { providers: { x: { models: { 'm-1.5': { prices: [price] }, 'M-1-5': { prices: [price] } } } } },
    'name each model once',
  ],
  [
    'an alias of two models',
    {
      providers: { x: { models: { a: { prices: [price], aliases: ['c'] }, b: { prices: [price], aliases: ['C'] } } } },
    },
    'providers.x.models.b.aliases[0] is "C": remove it, a has that name already',
  ],
];

test.each(beyondTheSchema)('C01 %s is refused by the parser', (_, json, message) => {
  expect(() => parsePriceFile(json)).toThrow(message);
});

test('C01 every shipped list names its source, every maker the day of its list, and each name is claimed once', () => {
  const { providers } = parsePriceFile(shipped);
  for (const [name, { source, checked, models, sells = [] }] of Object.entries(providers)) {
    expect(source, name).toMatch(/^https:\/\//);
    if (Object.keys(models).length > 0) expect(checked, name).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(sells.filter((seller) => !(seller in providers))).toEqual([]);
  }
  const names = Object.entries(providers).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(modelKey('Claude-Sonnet-4.5')).toBe('claude-sonnet-4-5');
});

interface Schema {
  $ref?: string;
  type?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  propertyNames?: Schema;
  items?: Schema;
  $defs?: Record<string, Schema>;
}

/** The first thing a JSON Schema validator would say, for the keywords that prices.schema.json uses; others throw. */
function complaint(rule: Schema, value: unknown, path = ''): string | undefined {
  const { $ref, ...own } = rule;
  if ($ref) {
    const named = schema.$defs?.[$ref.replace('#/$defs/', '')];
    if (!named) throw new Error(`${$ref} leads nowhere`);
    return complaint(named, value, path) ?? complaint(own, value, path);
  }
  const stray = Object.keys(rule).find((keyword) => !(keyword in keywords));
  if (stray) throw new Error(`this check does not know the keyword ${stray}`);
  for (const [keyword, check] of Object.entries(keywords)) {
    const wrong = keyword in rule ? check(rule, value as never, path) : undefined;
    if (wrong) return wrong;
  }
  return undefined;
}

const typeOf = (value: unknown) => {
  if (Number.isInteger(value)) return 'integer';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};
const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === 'object';
const first = (wrong: (string | undefined)[]) => wrong.find((message) => message !== undefined);
const nothing = () => undefined;

const keywords: Record<string, (rule: Schema, value: never, path: string) => string | undefined> = {
  $schema: nothing,
  $defs: nothing,
  title: nothing,
  description: nothing,
  type: ({ type }, value, path) => (typeOf(value) === type ? undefined : `${path} is not of type ${type}`),
  pattern: ({ pattern = '' }, value, path) =>
    typeof value !== 'string' || new RegExp(pattern).test(value) ? undefined : `${path} does not match ${pattern}`,
  minimum: ({ minimum = 0 }, value, path) => (value < minimum ? `${path} is too small` : undefined),
  maximum: ({ maximum = 0 }, value, path) => (value > maximum ? `${path} is too large` : undefined),
  minItems: ({ minItems = 0 }, value: unknown[], path) =>
    value.length < minItems ? `${path} is too short` : undefined,
  required: ({ required = [] }, value: unknown, path) =>
    first(
      required.map((field) =>
        isObject(value) && value[field] === undefined ? `${path}.${field} is missing` : undefined,
      ),
    ),
  items: ({ items = {} }, value: unknown[], path) => first(value.map((item) => complaint(items, item, `${path}[]`))),
  propertyNames: ({ propertyNames = {} }, value: object, path) =>
    first(Object.keys(value).map((name) => complaint(propertyNames, name, `${path}.${name}`))),
  properties: ({ properties = {} }, value: Record<string, unknown>, path) =>
    first(
      Object.entries(properties).map(([field, rule]) =>
        value[field] === undefined ? undefined : complaint(rule, value[field], `${path}.${field}`),
      ),
    ),
  additionalProperties: ({ additionalProperties, properties = {} }, value: Record<string, unknown>, path) =>
    first(
      Object.entries(value)
        .filter(([field, held]) => !(field in properties) && held !== undefined)
        .map(([field, held]) =>
          additionalProperties
            ? complaint(additionalProperties, held, `${path}.${field}`)
            : `${path}.${field} is unknown`,
        ),
    ),
};
