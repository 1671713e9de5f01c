import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { backupTool } from '../stack.ts';

const repository = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

/** A file, and all of this repository that it imports. Types are gone when it is bundled. */
function withImports(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  if (path.endsWith('.ts'))
    for (const [, to] of read(path)
      .replace(/^import type [^;]*;/gm, '')
      .matchAll(/from\s+'(\.{1,2}\/[^']+)'/g))
      withImports(posix.join(posix.dirname(path), to as string), found);
  return found;
}

function isSent(path: string): boolean {
  const named = read('backup/Dockerfile.dockerignore')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  return named.some((name) => path === name || path.startsWith(`${name}/`)) && !path.endsWith('.test.ts');
}

test('P05 the image is built with all that its program imports, and with no data', () => {
  const needed = [...withImports('scripts/backup-image.ts'), 'backup/bundle.ts'];
  expect(needed.length).toBeGreaterThan(20);
  expect(needed.filter((path) => !isSent(path))).toEqual([]);
  for (const path of ['.fleetscope/secrets/escalation-api-token', '.git/config', 'backup/image.test.ts'])
    expect(isSent(path), path).toBe(false);
});

test('P05 restic is of one release: the module that is built, and the image that is copied from', () => {
  const { module, pin, release } = backupTool.native;
  expect(read('native/restic/go.mod')).toContain(`${module} ${pin}`);
  expect([pin, backupTool.restic]).toEqual([`v${release}`, `restic/restic:${release}`]);
});
