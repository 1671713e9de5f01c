/** `npm run rules -- --history 30d [--faults file] [--json]` */
import { join } from 'node:path';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { runningPlace } from '../engine/running-place.ts';
import { progressOn } from '../examples/fleet/demo/progress.ts';
import { url } from '../place.ts';
import { durationSeconds, moment } from '../prometheus/history/duration.ts';
import { readFaults } from '../prometheus/history/faults.ts';
import { history } from '../prometheus/history/history.ts';
import { alertRows, asJson, faultRows, verdict } from '../prometheus/history/print.ts';
import { readRules } from '../prometheus/history/rule-files.ts';
import { command, exit, main, wholeNumber } from './command.ts';
import { repository } from './twins.ts';

const options = command('rules', 'What the alerts of today would have told in the past, and which faults they caught.')
  .requiredOption('--history <duration>', 'how far back, e.g. 30d')
  .option('--until <time>', 'the end of it, e.g. 2026-02-15T10:00Z; default: now')
  .option('--rules <path>', 'a rule file or a folder of them', join(repository, 'prometheus', 'rules'))
  .option('--alert <name>', 'this alert alone')
  .option('--faults <file>', "known faults, one JSON a line: kind, from, to; default: the demo's record")
  .option('--after <duration>', 'how long after a fault an alert may still be its doing', '10m')
  .option('--at-most <n>', 'times a day that an alert may fire without a fault', wholeNumber(0, 10_000), 1)
  .option('--prometheus <url>', 'default: that of the running stack')
  .option('--json', 'for machines')
  .addHelpText('after', '\nExit 1: an alert is noisy or cannot be asked, or no alert told of a fault.')
  .parse()
  .opts<Given>();

interface Given extends Record<'history' | 'rules' | 'after', string> {
  until?: string;
  alert?: string;
  faults?: string;
  prometheus?: string;
  atMost: number;
  json?: true;
}

await main(async () => {
  const home = homeFolder(process.env);
  const progress = progressOn(process.stderr);
  const until = moment(options.until ?? new Date().toISOString());
  const report = await history({
    prometheus: (options.prometheus ?? url(runningPlace(process.env), 'prometheus', 'http')).replace(/\/$/, ''),
    rules: readRules(options.rules, options.alert),
    faults: readFaults(options.faults ?? join(home, 'data', 'faults.jsonl'), options.faults !== undefined, until),
    ...{ history: durationSeconds(options.history), after: durationSeconds(options.after), until },
    atMostPerDay: options.atMost,
    onProgress: (done, of, name) => progress.status(`${done} of ${of}: ${name}`),
  }).finally(progress.end);
  const tables = [alertRows(report), faultRows(report)].filter((rows) => rows.length > 0).map(columns);
  console.log(options.json ? asJson(report) : [...tables, verdict(report)].join('\n\n'));
  return report.findings.length > 0 ? exit.findings : exit.ok;
});
