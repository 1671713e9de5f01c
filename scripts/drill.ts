/** `npm run drill [-- --only loki] [--at 2026-01-31] [--read-all] [--json]` */
import { resticOf, timeOf } from '../backup/command-line.ts';
import { drill } from '../backup/drill.ts';
import { drillTable } from '../backup/drill-table.ts';
import { resticProgram } from '../backup/restic-program.ts';
import { command, exit, main } from './command.ts';

const options = command(
  'drill',
  'Prove the newest backup: restore it into an empty stack of its own and compare, metric to metric, log to log, trace to trace.',
)
  .option('--only <parts>', 'by name, with commas')
  .option('--at <time>', 'the newest backup that is not younger: a day, or a time')
  .option('--read-all', 'every byte of the repository, of older backups too')
  .option('--json', 'for machines')
  .addHelpText('after', '\nExit 1: something is different, or a backup is damaged.')
  .parse()
  .opts<{ only?: string; at?: string; readAll?: true; json?: true }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupt.abort(new Error(`Interrupted by ${signal}: nothing of the drill is left.`)));

await main(async () => {
  const { env } = process;
  const restic = await resticOf(() => resticProgram(env, console.error), env);
  const notice = (line: string) => process.stderr.write(`${line}\n`);
  const report = await drill({ restic, env, notice, ...options, at: timeOf(options.at), signal: interrupt.signal });
  if (options.json) console.log(JSON.stringify(report));
  else {
    console.log(drillTable(report));
    for (const { part, comparison } of report.parts)
      for (const line of comparison?.differences ?? []) console.log(`${part}: ${line}`);
    const { ok, recoverySeconds } = report;
    const verdict = ok ? 'Equal: the backup holds what the stack held.' : 'NOT PROVEN: see above.';
    console.log(`${verdict} Restored and ready after ${recoverySeconds.toFixed(1)} s.`);
  }
  return report.ok ? exit.ok : exit.findings;
});
