/** `npm run check`: what CI runs: format and lint, types, twins, tests. Every step runs, all failures are told. */
import { join } from 'node:path';
import { execa } from 'execa';
import { command, exit, main } from './command.ts';
import { repository } from './twins.ts';

command('check', 'Format, lint, types, twins and every test, exactly as CI does.').parse();

const steps: [string, string[]][] = [
  ['node_modules/.bin/biome', ['ci', '--error-on-warnings', '.']],
  ['node_modules/.bin/tsc', ['--project', '.']],
  [process.execPath, ['scripts/generate.ts', '--check']],
  [process.execPath, ['scripts/test.ts']],
];

await main(async () => {
  const failed: string[] = [];
  for (const [program, args] of steps) {
    const shown = `${program.replace(process.execPath, 'node')} ${args.join(' ')}`;
    console.log(`\n> ${shown}`);
    const { exitCode } = await execa(program.startsWith('node_modules') ? join(repository, program) : program, args, {
      cwd: repository,
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
    });
    if (exitCode !== 0) failed.push(shown);
  }
  if (failed.length > 0) console.error(`\nFailed: ${failed.join('; ')}`);
  return failed.length > 0 ? exit.findings : exit.ok;
});
