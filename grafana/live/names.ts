/** Names that a query asks for and nothing has: behind an `or 0` a misspelt metric is a panel that always shows 0. (B03) */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as grammar from '@prometheus-io/lezer-promql';
import { readRules } from '../../prometheus/history/rule-files.ts';
import { fleetMetrics } from '../../queries/fleet-metrics.ts';
import { seriesOf } from '../../queries/metric.ts';
import { nearest } from '../../queries/nearest.ts';
import { stackMetrics } from '../../queries/stack-metrics.ts';

// Through require, as in queries/parse.ts: one copy of the grammar.
const { parser } = createRequire(import.meta.url)('@prometheus-io/lezer-promql') as typeof grammar;
const promql = parser.configure({ top: 'PromQL' });

/** What is declared, recorded by a rule, or found in Prometheus, whoever sent it. */
export function knownNames(found: readonly string[]): ReadonlySet<string> {
  const declared = [...stackMetrics, ...fleetMetrics].flatMap((metric) => seriesOf(metric).map(([name]) => name));
  const { recordings } = readRules(join(import.meta.dirname, '..', '..', 'prometheus', 'rules'));
  return new Set([...declared, ...recordings.map(({ name }) => name), ...found]);
}

/** @throws Error for a metric that is not known. A query that cannot be read is left to Prometheus' own words. */
export function needNames(query: string, known: ReadonlySet<string>): void {
  for (const name of namesIn(query)) {
    if (known.has(name)) continue;
    throw new Error(`nothing emits ${name}. The nearest name is ${nearest(name, known)}`);
  }
}

/** The metrics of its selectors; those of `{__name__=~"a|b"}` too. */
function namesIn(query: string): string[] {
  const names = new Set<string>();
  let broken = false;
  promql.parse(query).iterate({
    enter({ name, type, node }) {
      broken ||= type.isError;
      if (name !== 'VectorSelector') return;
      const identifier = node.getChild('Identifier');
      if (identifier) names.add(query.slice(identifier.from, identifier.to));
      const listed = /__name__\s*=~?\s*"([\w:|]+)"/.exec(query.slice(node.from, node.to))?.[1];
      for (const each of listed?.split('|') ?? []) names.add(each);
    },
  });
  return broken ? [] : [...names];
}
