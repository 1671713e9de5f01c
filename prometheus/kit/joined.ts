import { promql, type Query } from '../../queries/promql.ts';

/** `a or b or c`, each on a line of its own. */
export function either(queries: readonly Query[]): Query {
  return joined(queries, '\nor\n');
}

/** Queries with an operator between them, and no brackets but those that each needs by itself. */
export function joined(queries: readonly Query[], operator: string): Query {
  const between = ['', ...queries.slice(1).map(() => operator), ''];
  return promql(Object.assign(between, { raw: between }), ...queries);
}
