/** `npm run bench -- instrumentation|escalation|ledger|memory|scale [--quick] [--write] [--rounds N] [--incidents N] [--executions N] [--json]` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { benches } from '../bench/benches.ts';
import { withTables } from '../bench/markdown.ts';
import { presets } from '../bench/variants.ts';
import { command, exit, main, wholeNumber } from './command.ts';
import { repository } from './twins.ts';

const program = command(
  'bench',
  'Measure what the instrumentation costs a service, what the escalation service bears, how fast the run ledger is, what the memory finds, what a unit of telemetry costs the stack.',
)
  .addArgument(new Argument('<what>', 'what to measure').choices(Object.keys(benches)))
  .option('--quick', 'a little of everything: whether the bench works, in half a minute')
  .option('--rounds <n>', 'instrumentation: rounds at saturation', wholeNumber(2, 200), 16)
  .option('--presets <names>', 'instrumentation: comma-separated', (text) => text.split(','), [...presets])
  .option('--incidents <n>', 'escalation: that pass while its memory is watched', wholeNumber(1000, 1e7), 100_000)
  .option('--executions <n>', 'ledger: in the one that is asked', wholeNumber(1000, 1e7), 1_000_000)
  .option('--write', 'put the tables into the document of the bench in docs/')
  .option('--json', 'for machines')
  .parse();
const [what] = program.args as [keyof typeof benches];
type Numbers = Record<'rounds' | 'incidents' | 'executions', number>;
const options = program.opts<Numbers & { quick?: true; presets: string[]; write?: true; json?: true }>();

await main(async () => {
  if (options.quick && options.write) throw new RangeError('Cannot write the numbers of --quick: they mean nothing.');
  const bench = benches[what];
  const { report, text, findings } = await bench.run({ ...options, quick: options.quick ?? false, progress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(options.json ? JSON.stringify(report) : text);
  const document = join(repository, 'docs', bench.document);
  if (options.write) writeFileSync(document, withTables(readFileSync(document, 'utf8'), what, text));
  return options.quick || findings.every(({ kept }) => kept) ? exit.ok : exit.findings;
});

// One line that changes on a terminal, one line each elsewhere.
function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}
