import { type Asked, hasData, type Opened, type QueryResult } from './open.ts';

export interface Verdict {
  /** One finding, with the query and the way to ask it again. */
  findings: string[];
  results: Map<QueryResult, 'ok' | 'empty' | 'may be empty' | 'error'>;
}

/** What is wrong with the dashboards that were opened: errors, panels that are empty without a word, and slowness. */
export function judge(opened: readonly Opened[], budgetMs: number): Verdict {
  const verdict: Verdict = { findings: [], results: new Map() };
  for (const dashboard of opened) {
    for (const result of dashboard.results) {
      const found = findingsOf(result);
      const mayBe = result.query.allowedEmpty !== undefined && !hasData(result.opened) ? 'may be empty' : 'ok';
      verdict.results.set(result, found[0]?.kind ?? mayBe);
      verdict.findings.push(...found.map(({ text }) => text));
    }
    if (dashboard.totalMs > budgetMs) verdict.findings.push(slowness(dashboard, budgetMs));
  }
  return verdict;
}

interface Finding {
  kind: 'empty' | 'error';
  text: string;
}

function findingsOf({ query, opened, all, one }: QueryResult): Finding[] {
  const where = `${query.dashboard} / ${query.panel} / ${query.refId}`;
  const answers = [opened, ...(all ? [all] : []), ...one.flat()];
  const errors = answers.flatMap(({ error, ...answer }) =>
    error ? [{ kind: 'error' as const, text: `${where}${chosen(answer)}: ${error}.${again(answer)}` }] : [],
  );
  if (errors.length > 0) return errors.slice(0, 1);
  if (query.allowedEmpty !== undefined) return [];
  const empty = [opened, ...(all ? [all] : [])].find((answer) => !hasData(answer));
  if (empty) return [{ kind: 'empty', text: `${where}${chosen(empty)} ${lack(empty)}.${again(empty)}` }];
  return one
    .filter((tried) => !tried.some(hasData))
    .map((tried) => {
      const values = tried.map((answer) => answer.with).join(', ');
      const last = tried.at(-1) as Asked;
      return { kind: 'empty', text: `${where} has data, but for none of ${values}.${again(last)}` };
    });
}

/** A person sees "No data" either way. */
function lack({ found }: Asked): string {
  return found === 0
    ? 'has no data, and its panel does not say why it may have none'
    : `has ${found} series without a number`;
}

function chosen(answer: Pick<Asked, 'with'>): string {
  return answer.with === 'default' ? '' : ` (with ${answer.with})`;
}

function again({ query, address }: Pick<Asked, 'query' | 'address'>): string {
  return `\n  ${query}${address ? `\n  curl '${address.replaceAll("'", '%27')}'` : ''}`;
}

function slowness({ uid, totalMs, results }: Opened, budgetMs: number): string {
  const slowest = results.filter(({ query }) => !query.closed).sort((a, b) => b.opened.ms - a.opened.ms)[0];
  const named = slowest ? ` Slowest: ${slowest.query.panel}, ${Math.round(slowest.opened.ms)} ms.` : '';
  return `${uid} took ${Math.round(totalMs)} ms to open; its budget is ${budgetMs} ms.${named}`;
}
