/** What can be chosen on a dashboard, and the choices under which each of its queries is tried. */
import { variablesIn } from '../../queries/macros.ts';
import type { Choices } from './interpolate.ts';
import type { LiveVariable } from './read.ts';

/** A variable with the values that the data has. */
export interface Offer {
  variable: LiveVariable;
  values: readonly string[];
}

/** A choice of everything, under a name for people. */
export interface Trial {
  /** `default`, `all`, `agent=qa`. */
  with: string;
  choices: Choices;
}

/** Values that are tried, one by one, until one has data: not every agent does everything. */
const tries = 5;

/** What Grafana chooses when the dashboard is opened: what the file says, all, or the first. */
export function byDefault(offers: readonly Offer[]): Choices {
  return Object.fromEntries(
    offers.map((offer) => {
      const { current, includeAll } = offer.variable;
      const values = current ?? (includeAll ? offer.values : offer.values.slice(0, 1));
      return [offer.variable.name, choice(offer, values, current === undefined && includeAll)];
    }),
  );
}

/** All of everything that allows it; undefined when that is the default. */
export function all(query: string, offers: readonly Offer[]): Trial | undefined {
  const named = variablesIn(query);
  const more = offers.filter(
    ({ variable }) => variable.includeAll && variable.current && named.includes(variable.name),
  );
  if (more.length === 0) return undefined;
  const chosen = more.map((offer) => [offer.variable.name, choice(offer, offer.values, true)]);
  return { with: 'all', choices: { ...byDefault(offers), ...Object.fromEntries(chosen) } };
}

/** For each variable of a query one value after the other, the others as they are by default. */
export function oneByOne(query: string, offers: readonly Offer[]): Trial[][] {
  const named = variablesIn(query);
  return offers
    .filter(({ variable, values }) => named.includes(variable.name) && values.length > 0)
    .map((offer) =>
      offer.values.slice(0, tries).map((value) => ({
        with: `${offer.variable.name}=${value}`,
        choices: { ...byDefault(offers), [offer.variable.name]: choice(offer, [value], false) },
      })),
    );
}

function choice({ variable: { multi, includeAll, allValue } }: Offer, values: readonly string[], all: boolean) {
  return { values, all, allValue, multi: multi || includeAll };
}
