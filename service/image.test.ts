import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { memoryCommand } from '../monitor/memory/schedule/settings.ts';

const repository = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

/** A file, and all of this repository that it imports. Types are gone when it is bundled. */
function withImports(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  if (path.endsWith('.ts'))
    for (const [, to] of read(path)
      .replace(/^import type .*$/gm, '')
      .matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g))
      withImports(posix.join(posix.dirname(path), to as string), found);
  return found;
}

/** Whether the image is built with it: named by a line of .dockerignore with a "!", itself or a folder above it. */
function isSent(path: string): boolean {
  const lines = read('service/Dockerfile.dockerignore').split('\n');
  const named = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  return named.some((name) => path === name || path.startsWith(`${name}/`)) && !path.endsWith('.test.ts');
}

test('P01 the memory is started in the image of the ledger as that itself is, but for the program', () => {
  const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(read('service/Dockerfile')) ?? [];
  expect(JSON.parse(entrypoint)).toEqual([...memoryCommand.slice(0, -1), 'main.js']);
  expect(memoryCommand.at(-1)).toBe('memory.js');
});

test.each([
  'alertmanager/escalation/main.ts',
  'monitor/ingest/main.ts',
  'scripts/monitor-image.ts',
  'scripts/memory-image.ts',
  'monitor/memory/schedule/main.ts',
])('P01 the image of %s is built with all that it imports, and with no data', (main) => {
  const needed = [...withImports(main)];
  expect(needed.length).toBeGreaterThan(30);
  expect(needed.filter((path) => !isSent(path))).toEqual([]);
  expect(read('native/bundle.ts')).toContain(`'${main}'`);
  for (const path of ['.fleetscope/secrets/escalation-api-token', '.git/config', main.replace('.ts', '.test.ts')])
    expect(isSent(path), path).toBe(false);
});
