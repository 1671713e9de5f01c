/** `npm run size -- samples=100000,log-bytes=2800000,spans=5000,users=1000 [--json] [--write]` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { inputs, p08, readInput } from '../bench/scale-input.ts';
import { plan } from '../bench/scale-plan.ts';
import { planTables, withPlans } from '../bench/scale-plan-tables.ts';
import { readUnits } from '../bench/scale-units.ts';
import { columns } from '../engine/progress.ts';
import { command, exit, main } from './command.ts';
import { repository } from './twins.ts';

const program = command(
  'size',
  'What so much telemetry needs: replicas, CPU, memory, disk, network, and money where prices are given.',
)
  .addArgument(new Argument('[inputs]', `name=number, with commas between them; the targets: ${p08}`).default(p08))
  .option('--json', 'for machines')
  .option('--write', 'put the plans of the targets and of a small company into docs/scale.md')
  .addHelpText(
    'after',
    `
Inputs:
${columns(Object.entries(inputs).map(([name, { value, means }]) => [`  ${name}`, means, value === undefined ? '' : `default ${value}`]))}

The costs of a unit are measured by "npm run bench -- scale --write"; docs/scale.md says how, and what is not in them.`,
  )
  .parse();

await main(async () => {
  const units = readUnits();
  const input = readInput(program.processedArgs[0] as string, units);
  const planned = plan(units, input);
  const { json, write } = program.opts<{ json?: true; write?: true }>();
  const document = join(repository, 'docs/scale.md');
  if (write) writeFileSync(document, withPlans(readFileSync(document, 'utf8'), units));
  console.log(json ? JSON.stringify(planned) : planTables(planned, input, units));
  return exit.ok;
});
