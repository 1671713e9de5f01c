/** `npm run size -- samples=100000,log-bytes=2800000,spans=5000,users=1000 [--json]` */
import { Argument } from 'commander';
import { inputs, p08, readInput } from '../bench/scale-input.ts';
import { plan } from '../bench/scale-plan.ts';
import { planTables } from '../bench/scale-plan-tables.ts';
import { readUnits } from '../bench/scale-units.ts';
import { columns } from '../engine/progress.ts';
import { command, exit, main } from './command.ts';

const program = command(
  'size',
  'What so much telemetry needs: replicas, CPU, memory, disk, network, and money where prices are given.',
)
  .addArgument(new Argument('<inputs>', `name=number, with commas between them; the targets: ${p08}`))
  .option('--json', 'for machines')
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
  const input = readInput(program.args[0] as string, units);
  const planned = plan(units, input);
  console.log(program.opts<{ json?: true }>().json ? JSON.stringify(planned) : planTables(planned, input, units));
  return exit.ok;
});
