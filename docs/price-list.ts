/** The shipped prices, for people: from prices.json. */
import type { DatedPriceJson, PriceFile, RatesJson } from '../instrumentation/src/cost/price-file.ts';
import shipped from '../instrumentation/src/cost/prices.json' with { type: 'json' };
import { twin } from '../twin.ts';

function pricesTable(): string {
  const rows = Object.entries((shipped as PriceFile).providers).flatMap(([provider, { models }]) =>
    Object.entries(models).flatMap(([model, { prices }]) =>
      prices.map((price) => [
        `\`${provider}\``,
        `\`${model}\``,
        price.from,
        ...rates(price),
        longContext(price),
        tiers(price),
      ]),
    ),
  );
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const columns = [
  'Provider',
  'Model',
  'From',
  'Input',
  'Output',
  'Cache read',
  'Cache write',
  'Cache write 1 h',
  'Long context',
  'Also priced',
];

function rates({ input, output, cacheRead, cacheWrite, cacheWrite1h }: RatesJson): string[] {
  return [input, output, cacheRead, cacheWrite, cacheWrite1h].map((usd) => usd ?? '');
}

function longContext({ longContext }: DatedPriceJson): string {
  return longContext ? `> ${longContext.above / 1000} k: ${longContext.input} in, ${longContext.output} out` : '';
}

function tiers({ tiers = {} }: DatedPriceJson): string {
  return Object.keys(tiers).join(', ');
}

export default twin(
  'md',
  `# Price list

USD per million tokens, from [prices.json](../instrumentation/src/cost/prices.json). How they are found and overridden: [prices.md](prices.md).

${pricesTable()}`,
);
