/** `npm run generate [--check]`: writes every twin, or names those that differ. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Command } from 'commander';
import { orphans, repository, twins } from './twins.ts';

const { check } = new Command('npm run generate --')
  .description('Write every file that a tool reads from the .ts file of the same name.')
  .option('--check', 'write nothing; exit 1 and name the files that differ')
  .parse()
  .opts<{ check?: boolean }>();

const stale: string[] = [];
const all = await twins();
for (const { target, text } of all) {
  const before = readIfThere(target);
  if (before === text) continue;
  stale.push(relative(repository, target));
  if (!check) writeFileSync(target, text);
}
for (const path of orphans(all)) {
  stale.push(`${relative(repository, path)} (no longer written)`);
  if (!check) rmSync(path);
}
if (check && stale.length > 0) {
  console.error(`Not current: ${stale.join(', ')}. Run "npm run generate" and commit.`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? 'Every twin is current.' : `Written or removed: ${stale.join(', ')}`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
