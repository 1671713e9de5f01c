/** What the run ledger is given: spans of the fleet, without a word of what people and models wrote. (R03) */
import { fleetMark, fleetSpanNames } from '../instrumentation/src/catalog/fleet-spans.ts';
import { removal } from './content.ts';
import { at, pattern } from './statements.ts';

/** Drops the others: most spans of a service are of HTTP and databases. */
export const fleetOnly = {
  error_mode: 'silent',
  trace_conditions: [`${at(fleetMark)} == nil and not IsMatch(span.name, ${pattern([...fleetSpanNames])})`],
};

/** Whatever FLEETSCOPE_CONTENT says: the ledger outlives what anybody agreed to. Of events it reads where an error came from. */
export const factsOnly = {
  error_mode: 'silent',
  trace_statements: [
    { context: 'span', statements: removal('span') },
    { context: 'spanevent', statements: [`keep_matching_keys(spanevent.attributes, ${pattern(['exception.*'])})`] },
  ],
};
