/** `npm run panels [-- --dashboard fleet --since 15m --budget-ms 1000 --json]` */
import { columns } from '../engine/progress.ts';
import { runningPlace } from '../engine/running-place.ts';
import { progressOn } from '../examples/fleet/demo/progress.ts';
import { panels } from '../grafana/live/panels.ts';
import { asJson, dashboardRows, queryRows, summary } from '../grafana/live/print.ts';
import { dashboardFiles } from '../grafana/panel-queries.ts';
import { url } from '../place.ts';
import { command, exit, main, wholeNumber } from './command.ts';

const { json, budgetMs, ...options } = command(
  'panels',
  'Ask every query of every dashboard of the backends, with the variables at their default, at all, and one by one.',
)
  .option('--dashboard <uid...>', 'these alone')
  .option('--since <duration>', "how far back, e.g. 15m; default: each dashboard's own time range")
  .option('--budget-ms <n>', 'how long a dashboard may take to open', wholeNumber(1, 600_000), 1000)
  .option('--folder <path>', 'dashboards other than those of this checkout')
  .option('--prometheus <url>', 'default for each of the three: that of the running stack')
  .option('--loki <url>')
  .option('--tempo <url>')
  .option('--json', 'for machines')
  .addHelpText(
    'after',
    `
A dashboard's time is what its reader waits for: variables one after the other, then panels and annotations, six at a
time as a browser does, the queries of a panel together. Closed rows are asked too, but not timed.
Exit 1: an error, a panel that is empty and does not say why it may be (noValue), a dashboard above its budget.`,
  )
  .parse()
  .opts<Given>();

interface Given extends Partial<Record<'since' | 'folder' | 'prometheus' | 'loki' | 'tempo', string>> {
  dashboard?: string[];
  budgetMs: number;
  json?: true;
}

await main(async () => {
  const place = runningPlace(process.env);
  const at = (backend: 'prometheus' | 'loki' | 'tempo') =>
    (options[backend] ?? url(place, backend, 'http')).replace(/\/$/, '');
  const progress = progressOn(process.stderr);
  const { opened, verdict } = await panels({
    backends: { prometheus: at('prometheus'), loki: at('loki'), tempo: at('tempo') },
    files: dashboardFiles(options.folder),
    ...{ uids: options.dashboard, since: options.since, budgetMs, onProgress: progress.status },
  }).finally(progress.end);
  const tables = [queryRows(opened, verdict), dashboardRows(opened, budgetMs)].map(columns);
  console.log(json ? asJson(opened, verdict) : [...tables, summary(opened, verdict)].join('\n\n'));
  return verdict.findings.length > 0 ? exit.findings : exit.ok;
});
