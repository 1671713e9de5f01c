import { styleText } from 'node:util';
import type { Verdict } from './judge.ts';
import type { Asked, Opened } from './open.ts';

/** A row per query. */
export function queryRows(opened: readonly Opened[], { results }: Verdict): string[][] {
  return [
    ['DASHBOARD', 'PANEL', 'QUERY', 'SERIES', 'ONE BY ONE', 'MS', ''],
    ...opened.flatMap((dashboard) =>
      dashboard.results.map((result) => {
        const { query, opened, all, one } = result;
        const state = results.get(result) as string;
        const mark = ['ok', 'may be empty'].includes(state) ? state.replace('ok', '') : styleText('red', state);
        return [
          ...[query.dashboard, query.panel, `${query.refId} ${query.source}`],
          all ? `${series(opened)}, all ${series(all)}` : series(opened),
          one.map((tried) => `${tried.at(-1)?.with} ${series(tried.at(-1) as Asked)}`).join(', '),
          String(Math.round(opened.ms)),
          [mark, query.closed ? styleText('dim', 'closed row') : ''].filter(Boolean).join(', '),
        ];
      }),
    ),
  ];
}

/** A row per dashboard. */
export function dashboardRows(opened: readonly Opened[], budgetMs: number): string[][] {
  return [
    ['DASHBOARD', 'REQUESTS', 'QUERIES', 'P95 MS', 'TOTAL MS', ''],
    ...opened.map(({ uid, requests, results, p95Ms, totalMs }) => [
      uid,
      String(requests),
      String(results.length),
      String(Math.round(p95Ms)),
      String(Math.round(totalMs)),
      totalMs > budgetMs ? styleText('red', 'slow') : '',
    ]),
  ];
}

export function summary(opened: readonly Opened[], { findings, results }: Verdict): string {
  const states = [...results.values()];
  const empty = states.filter((state) => state === 'may be empty').length;
  const asked = `${opened.length} dashboards, ${states.length} queries, ${empty} of them empty as their panels say they may be.`;
  const end =
    findings.length > 0 ? styleText('red', `Findings: ${findings.length}.`) : styleText('green', 'No finding.');
  return [...findings.map((finding) => `${styleText('red', 'FAIL')}  ${finding}`), `${asked} ${end}`].join('\n');
}

/** For machines. */
export function asJson(opened: readonly Opened[], { findings, results }: Verdict): string {
  const dashboards = opened.map(({ results: own, ...dashboard }) => ({
    ...dashboard,
    queries: own.map((result) => {
      const { dashboard: _, key, ...query } = result.query;
      return { ...query, state: results.get(result), opened: result.opened, all: result.all, one: result.one };
    }),
  }));
  return JSON.stringify({ ok: findings.length === 0, findings, dashboards });
}

function series({ found, nothing, error, young }: Asked): string {
  if (error) return 'error';
  if (young) return 'young';
  return nothing > 0 ? `${found - nothing} + ${nothing} NaN` : String(found);
}
