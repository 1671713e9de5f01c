/** USD per million tokens, as decimal text: a float cannot hold 0.1. */
export interface RatesJson {
  input: string;
  output: string;
  /** Unset: the price of input. */
  cacheRead?: string;
  /** Anthropic's 5-minute cache, OpenAI's 30-minute one. Unset: the price of input. */
  cacheWrite?: string;
  /** Anthropic's 1-hour cache. Unset: the price of `cacheWrite`. */
  cacheWrite1h?: string;
}

/** `longContext` prices the whole call once its input, cached tokens included, is more than `above` tokens. */
export interface TieredRatesJson extends RatesJson {
  longContext?: RatesJson & { above: number };
}

export interface DatedPriceJson extends TieredRatesJson {
  /** First day of the price, UTC, e.g. `2025-06-10`. */
  from: string;
  /** Prices by service tier, e.g. `batch`, `flex`, `priority`; the price itself is the tier `standard`. */
  tiers?: Record<string, TieredRatesJson>;
}

export interface ModelJson {
  /** Other ids of the same model. Ids that only add a date need no entry. */
  aliases?: string[];
  /** Oldest first. */
  prices: DatedPriceJson[];
}

export interface ProviderJson {
  /** The page with the provider's list. */
  source?: string;
  /** The day the list was last compared with it. */
  checked?: string;
  aliases?: string[];
  /** Providers whose models it sells at their list price. */
  sells?: string[];
  /** Other words for a tier, e.g. `{ "default": "standard" }`. */
  tierAliases?: Record<string, string>;
  models: Record<string, ModelJson>;
}

/** The format of prices.json and of an override file. prices.schema.json says the same to editors. */
export interface PriceFile {
  $schema?: string;
  /** By `gen_ai.provider.name`. */
  providers: Record<string, ProviderJson>;
}

/** Checks the whole file. Throws an error that names the path, the value and the remedy. */
export function parsePriceFile(json: unknown): PriceFile {
  const file = object('the file', json, ['$schema', 'providers']);
  optional(file, '$schema', '', text);
  const providers = dictionary('providers', file.providers);
  for (const [name, provider] of providers) checkProvider(at('providers', name), provider);
  return file as unknown as PriceFile;
}

/** How a model id is compared: `Claude-Sonnet-4.5` and `claude-sonnet-4-5` are one. */
export function modelKey(id: string): string {
  return id.toLowerCase().replaceAll('.', '-');
}

function checkProvider(path: string, value: unknown): void {
  const provider = object(path, value, ['source', 'checked', 'aliases', 'sells', 'tierAliases', 'models']);
  optional(provider, 'source', path, text);
  optional(provider, 'checked', path, date);
  optional(provider, 'aliases', path, names);
  optional(provider, 'sells', path, names);
  optional(provider, 'tierAliases', path, (where, tiers) => {
    for (const [tier, means] of dictionary(where, tiers)) name(at(where, tier), means);
  });
  const models = dictionary(`${path}.models`, provider.models);
  const owners = new Map(models.map(([model]) => [modelKey(model), model]));
  if (owners.size < models.length)
    fail(`${path}.models`, [...owners.values()], 'name each model once; case and dots do not count');
  for (const [model, entry] of models) checkModel(at(`${path}.models`, model), model, entry, owners);
}

function checkModel(path: string, model: string, value: unknown, owners: Map<string, string>): void {
  const entry = object(path, value, ['aliases', 'prices']);
  optional(entry, 'aliases', path, names);
  for (const [index, alias] of ((entry.aliases ?? []) as string[]).entries()) {
    const owner = owners.get(modelKey(alias));
    if (owner !== undefined) fail(`${path}.aliases[${index}]`, alias, `remove it, ${owner} has that name already`);
    owners.set(modelKey(alias), model);
  }
  const prices = list(`${path}.prices`, entry.prices);
  if (prices.length === 0) fail(`${path}.prices`, prices, 'give at least one price');
  let before = '';
  for (const [index, price] of prices.entries()) {
    const where = `${path}.prices[${index}]`;
    const dated = checkRates(where, price, ['from', 'tiers', 'longContext']);
    date(`${where}.from`, dated.from);
    if ((dated.from as string) <= before)
      fail(`${where}.from`, dated.from, `list prices oldest first, ${before} stands above it`);
    before = dated.from as string;
    optional(dated, 'tiers', where, (there, tiers) => {
      for (const [tier, rates] of dictionary(there, tiers)) checkRates(at(there, tier), rates, ['longContext']);
    });
  }
}

function checkRates(path: string, value: unknown, more: string[]): Record<string, unknown> {
  const rates = object(path, value, ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', ...more]);
  decimal(`${path}.input`, rates.input);
  decimal(`${path}.output`, rates.output);
  for (const field of ['cacheRead', 'cacheWrite', 'cacheWrite1h']) optional(rates, field, path, decimal);
  optional(rates, 'longContext', path, (where, long) => {
    const { above } = checkRates(where, long, ['above']);
    if (!Number.isSafeInteger(above) || (above as number) < 1)
      fail(`${where}.above`, above, 'write the number of input tokens above which it counts, e.g. 200000');
  });
  return rates;
}

type Check = (path: string, value: unknown) => void;

function optional(owner: Record<string, unknown>, field: string, path: string, check: Check): void {
  if (owner[field] !== undefined) check(at(path, field), owner[field]);
}

function object(path: string, value: unknown, fields: string[]): Record<string, unknown> {
  const entries = Object.entries(plain(path, value));
  const stray = entries.find(([field]) => !fields.includes(field));
  if (stray) fail(at(path, stray[0]), stray[1], `remove it, or use one of ${fields.join(', ')}`);
  return value as Record<string, unknown>;
}

function dictionary(path: string, value: unknown): [string, unknown][] {
  const entries = Object.entries(plain(path, value));
  for (const [field] of entries)
    if (!isName(field)) fail(path, field, 'use names of 1 to 200 characters, without spaces');
  return entries;
}

function plain(path: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  return fail(path, value, 'write an object, { … }');
}

function list(path: string, value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(path, value, 'write a list, [ … ]');
}

function names(path: string, value: unknown): void {
  for (const [index, entry] of list(path, value).entries()) name(`${path}[${index}]`, entry);
}

function name(path: string, value: unknown): void {
  if (!isName(value)) fail(path, value, 'write a name in quotes, without spaces');
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^\S{1,200}$/.test(value);
}

function text(path: string, value: unknown): void {
  if (typeof value !== 'string') fail(path, value, 'write text in quotes');
}

function date(path: string, value: unknown): void {
  const real = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  // V8 takes 2026-02-31 for the 3rd of March.
  if (!real || new Date(value).toISOString().slice(0, 10) !== value)
    fail(path, value, 'write a day such as "2026-01-31"');
}

function decimal(path: string, value: unknown): void {
  if (typeof value !== 'string' || !/^(0|[1-9]\d{0,5})(\.\d{1,6})?$/.test(value))
    fail(path, value, 'write USD per million tokens as text with up to 6 decimals, e.g. "0.25"');
}

function at(path: string, field: string): string {
  const step = /^[\w$]+$/.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`;
  return path === '' || path === 'the file' ? step.replace(/^\./, '') : `${path}${step}`;
}

function fail(path: string, value: unknown, remedy: string): never {
  const seen = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
  throw new Error(`${path} is ${seen}: ${remedy}`);
}
