import { readFileSync } from 'node:fs';
import { oneLine } from '../reporter.ts';
import { type ModelId, readModelId } from './model-id.ts';
import { type DatedPrice, type Price, readPrices, standardTier } from './price.ts';
import { modelKey, type PriceFile, type ProviderJson, parsePriceFile } from './price-file.ts';
import shipped from './prices.json' with { type: 'json' };

/** Prices by provider and model, to be asked through `findPrice`. */
export interface PriceTable {
  providers: Map<string, Provider>;
  /** Other names of a provider. */
  aliases: Map<string, string>;
  /** What was looked up, oldest first; at most `mostLookUps`, so that made-up model ids cannot fill the memory. */
  lookUps: Map<string, LookUp | undefined>;
}

export interface PriceQuery {
  /** `gen_ai.provider.name`, or what SDKs call it, e.g. `openai.chat`. Unset: every maker's list is tried. */
  provider?: string | undefined;
  /** The model that answered, else the one asked for. */
  model: string;
  at: Date;
  /** Service tier the provider reports, e.g. `flex`. Unset: `standard`. */
  tier?: string | undefined;
}

interface Provider {
  name: string;
  sells: string[];
  tierAliases: Map<string, string>;
  models: Map<string, () => DatedPrice[]>;
  /** From an alias to the model it stands for. */
  aliases: Map<string, string>;
}

interface LookUp {
  prices: DatedPrice[];
  tierAliases: Map<string, string>;
}

const mostLookUps = 500;
const longestId = 512;

/**
 * The shipped prices, over which the models of `overrideFile` are laid: a model in it replaces the shipped one, all its
 * dates included. A file that cannot be used is named in one warning, and the shipped prices are used.
 */
export function loadPrices(overrideFile?: string): { table: PriceTable; warnings: string[] } {
  const table: PriceTable = { providers: new Map(), aliases: new Map(), lookUps: new Map() };
  addPrices(table, shipped as PriceFile);
  if (!overrideFile) return { table, warnings: [] };
  try {
    const file = parsePriceFile(JSON.parse(readFileSync(overrideFile, 'utf8')));
    checkSold(file, table);
    addPrices(table, file);
    return { table, warnings: [] };
  } catch (error) {
    return { table, warnings: [`Ignored the prices of ${overrideFile}: ${oneLine(error)}. Using the shipped prices.`] };
  }
}

/**
 * The price of a model on a day; undefined when the table has none for that model, that day or that service tier, which
 * means that the cost is unknown, not zero. Throws nothing, whatever provider, model and tier are.
 */
export function findPrice(table: PriceTable, { provider, model, at, tier }: PriceQuery): Price | undefined {
  const found = lookUp(table, String(provider ?? ''), String(model ?? ''));
  const dated = found?.prices.findLast(({ fromMs }) => fromMs <= at.getTime());
  const asked = String(tier || standardTier).toLowerCase();
  return dated?.byTier.get(found?.tierAliases.get(asked) ?? asked);
}

function lookUp(table: PriceTable, provider: string, model: string): LookUp | undefined {
  if (provider.length > longestId || model.length > longestId) return undefined;
  const question = `${provider}\n${model}`;
  if (table.lookUps.has(question)) return table.lookUps.get(question);
  const answer = resolve(table, provider.trim().toLowerCase(), model);
  if (table.lookUps.size >= mostLookUps) table.lookUps.delete(table.lookUps.keys().next().value as string);
  table.lookUps.set(question, answer);
  return answer;
}

// Only whole names match: gpt-4o-mini is not a kind of gpt-4o, and what is not in the table has no price.
function resolve(table: PriceTable, providerName: string, model: string): LookUp | undefined {
  const given = providerNamed(table, providerName);
  if (providerName !== '' && !given) return undefined;
  const id = readModelId(model);
  const vendors = id.vendors.map((vendor) => providerNamed(table, vendor));
  // A vendor we do not know has its own price for the same model; but the id as a whole may be in the table.
  const known = !vendors.includes(undefined);
  const home = (known && vendors.at(-1)) || given;
  const lists = home ? listsOf(table, home, id) : makers(table);
  for (const spelling of known ? [id.key, ...id.spellings] : [id.key]) {
    for (const { models, aliases, tierAliases } of lists) {
      const prices = models.get(aliases.get(spelling) ?? spelling);
      if (prices) return { prices: prices(), tierAliases };
    }
  }
  return undefined;
}

// The AI SDK says openai.chat, openai.responses, google.generative-ai.
function providerNamed(table: PriceTable, name: string): Provider | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const part = name.slice(0, end);
    const provider = table.providers.get(table.aliases.get(part) ?? part);
    if (provider) return provider;
  }
  return undefined;
}

// A regional profile is never priced from the maker's list: AWS asks a tenth more for most.
function listsOf(table: PriceTable, home: Provider, { profile }: ModelId): Provider[] {
  const sold = home.sells.flatMap((name) => table.providers.get(name) ?? []);
  if (profile === 'regional') return [home];
  return profile === 'global' ? sold : [home, ...sold];
}

function makers(table: PriceTable): Provider[] {
  return [...table.providers.values()].filter(({ sells }) => sells.length === 0);
}

function addPrices(table: PriceTable, { providers }: PriceFile): void {
  for (const [written, json] of Object.entries(providers)) {
    const name = written.toLowerCase();
    const provider = table.providers.get(table.aliases.get(name) ?? name) ?? noPrices(name);
    layOver(provider, json);
    table.providers.set(provider.name, provider);
    for (const alias of json.aliases ?? []) table.aliases.set(alias.toLowerCase(), provider.name);
  }
}

function noPrices(name: string): Provider {
  return { name, sells: [], tierAliases: new Map(), models: new Map(), aliases: new Map() };
}

function layOver(provider: Provider, json: ProviderJson): void {
  if (json.sells) provider.sells = json.sells.map((seller) => seller.toLowerCase());
  for (const [tier, means] of Object.entries(json.tierAliases ?? {}))
    provider.tierAliases.set(tier.toLowerCase(), means.toLowerCase());
  for (const [model, entry] of Object.entries(json.models)) {
    let prices: DatedPrice[] | undefined;
    // Read when first asked for: the table holds far more models than a service calls.
    provider.models.set(modelKey(model), () => {
      prices ??= readPrices(provider.name, model, entry);
      return prices;
    });
    provider.aliases.delete(modelKey(model));
    for (const alias of entry.aliases ?? []) provider.aliases.set(modelKey(alias), modelKey(model));
  }
}

function checkSold({ providers }: PriceFile, table: PriceTable): void {
  const names = new Set([...table.providers.keys(), ...Object.keys(providers).map((name) => name.toLowerCase())]);
  for (const [provider, { sells = [] }] of Object.entries(providers)) {
    const unknown = sells.find((name) => !names.has(name.toLowerCase()));
    if (unknown) throw new Error(`providers.${provider}.sells has ${unknown}: use one of ${[...names].join(', ')}`);
  }
}
