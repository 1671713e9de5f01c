/** `npm run bench -- instrumentation [--quick] [--write] [--rounds N] [--json]` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { benchInstrumentation } from '../bench/instrumentation.ts';
import { tables, withTables } from '../bench/markdown.ts';
import { presets } from '../bench/variants.ts';
import { verdict } from '../bench/verdict.ts';
import { command, exit, main, wholeNumber } from './command.ts';
import { repository } from './twins.ts';

const document = join(repository, 'docs', 'overhead.md');

const options = command('bench', 'Measure what the instrumentation costs a service, beside none and beside upstream.')
  .addArgument(new Argument('<what>', 'what to measure').choices(['instrumentation']))
  .option('--quick', 'one short round of everything: whether the bench works, in half a minute')
  .option('--rounds <n>', 'rounds at saturation', wholeNumber(2, 200), 16)
  .option('--presets <names>', 'comma-separated', (text) => text.split(','), [...presets])
  .option('--write', 'put the tables into docs/overhead.md')
  .option('--json', 'for machines')
  .parse()
  .opts<{ quick?: true; rounds: number; presets: string[]; write?: true; json?: true }>();

await main(async () => {
  if (options.quick && options.write) throw new RangeError('Cannot write the numbers of --quick: they mean nothing.');
  const report = await benchInstrumentation({ ...options, quick: options.quick ?? false, progress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(options.json ? JSON.stringify(report) : tables(report));
  if (options.write) writeFileSync(document, withTables(readFileSync(document, 'utf8'), report));
  return options.quick || verdict(report).every(({ kept }) => kept) ? exit.ok : exit.findings;
});

// One line that changes on a terminal, one line each elsewhere.
function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}
