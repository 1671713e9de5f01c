/** `npm run bench -- instrumentation|escalation [--quick] [--write] [--rounds N] [--incidents N] [--json]` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { benchEscalation } from '../bench/escalation.ts';
import { escalationTables, escalationVerdict } from '../bench/escalation-tables.ts';
import { benchInstrumentation } from '../bench/instrumentation.ts';
import { tables, withTables } from '../bench/markdown.ts';
import { presets } from '../bench/variants.ts';
import { verdict } from '../bench/verdict.ts';
import { command, exit, main, wholeNumber } from './command.ts';
import { repository } from './twins.ts';

const documents = { instrumentation: 'overhead.md', escalation: 'escalation-load.md' };
type What = keyof typeof documents;

const program = command(
  'bench',
  'Measure what the instrumentation costs a service, or what the escalation service bears.',
)
  .addArgument(new Argument('<what>', 'what to measure').choices(Object.keys(documents)))
  .option('--quick', 'a little of everything: whether the bench works, in half a minute')
  .option('--rounds <n>', 'instrumentation: rounds at saturation', wholeNumber(2, 200), 16)
  .option('--presets <names>', 'instrumentation: comma-separated', (text) => text.split(','), [...presets])
  .option('--incidents <n>', 'escalation: that pass while its memory is watched', wholeNumber(1000, 1e7), 100_000)
  .option('--write', 'put the tables into the document of the bench in docs/')
  .option('--json', 'for machines')
  .parse();
const [what] = program.args as [What];
type Options = { quick?: true; rounds: number; presets: string[]; incidents: number; write?: true; json?: true };
const options = program.opts<Options>();

const measure = {
  async instrumentation(asked: Parameters<typeof benchInstrumentation>[0]) {
    const report = await benchInstrumentation(asked);
    return { report, text: tables(report), findings: verdict(report) };
  },
  async escalation(asked: Parameters<typeof benchEscalation>[0]) {
    const report = await benchEscalation(asked);
    return { report, text: escalationTables(report), findings: escalationVerdict(report) };
  },
};

await main(async () => {
  if (options.quick && options.write) throw new RangeError('Cannot write the numbers of --quick: they mean nothing.');
  const { report, text, findings } = await measure[what]({ ...options, quick: options.quick ?? false, progress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(options.json ? JSON.stringify(report) : text);
  const document = join(repository, 'docs', documents[what]);
  if (options.write) writeFileSync(document, withTables(readFileSync(document, 'utf8'), what, text));
  return options.quick || findings.every(({ kept }) => kept) ? exit.ok : exit.findings;
});

// One line that changes on a terminal, one line each elsewhere.
function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}
