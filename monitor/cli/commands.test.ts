import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from './commands.ts';

const nameOf = (usage: string) => usage.split(' ')[0] as string;

test('R01 every command stands in docs/monitor.md with its arguments, and no other does', () => {
  const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'monitor.md'), 'utf8');
  const page = document.split('## Commands')[1]?.split('\n\n')[2] ?? '';
  const told = [...page.matchAll(/^\| `([a-z-]+)((?: [<[][a-z][a-z-]*[>\]])*)/gm)].map(
    ([, name, rest]) => `${name}${rest}`,
  );
  const known = [...commands.map(({ usage }) => usage), 'self-test'];
  expect(told.filter((one) => !known.includes(one))).toEqual([]);
  expect(known.filter((usage) => !told.includes(usage))).toEqual([]);
  // The options that are named there are options of that command.
  for (const [, name, options = ''] of page.matchAll(/^\| `([a-z-]+)([^`]*)` \|/gm)) {
    const command = commands.find(({ usage }) => nameOf(usage) === name);
    const has = (command?.options ?? []).map(([flags]) => flags.split(' ')[0]);
    const named = options.match(/--[a-z-]+/g) ?? [];
    if (command) expect([name, named.filter((option) => !has.includes(option))]).toEqual([name, []]);
  }
});

test('R01 the commands of the source are there as it writes them', () => {
  const source = [
    'list',
    'show <id>',
    'agent <agent-name>',
    'executions <session-id>',
    'health [hours]',
    'performance',
  ];
  source.push('failures [limit]', 'export [session-id]', 'cleanup <days>');
  const usages = commands.map(({ usage }) => usage);
  expect(source.filter((usage) => !usages.includes(usage))).toEqual([]);
  expect(new Set(usages.map(nameOf)).size).toBe(usages.length);
});
