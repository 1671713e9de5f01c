import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { demoFleet } from '../stack.ts';

const repository = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const ofFleet = globSync('examples/fleet/**/*.ts', {
  cwd: repository,
  exclude: (path) => path.includes('node_modules') || path.endsWith('.test.ts'),
});

function importsOf(path: string): string[] {
  const text = read(path).replace(/^import type .*$/gm, '');
  return [...text.matchAll(/^(?:import (?:.* from )?|\} from )'([^']+)'/gm)].map(([, to]) => to as string);
}

/** Whether the image is built with it: named by a line of .dockerignore with a "!", itself or a folder above it. */
function isSent(path: string): boolean {
  const named = read('examples/fleet/Dockerfile.dockerignore')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  return named.some((name) => path === name || path.startsWith(`${name}/`)) && !path.endsWith('.test.ts');
}

test('P03 the image of the fleet is built with what gathers it, and with no data', () => {
  const needed = ['native/fleet.ts', ...ofFleet];
  for (const path of needed)
    for (const to of importsOf(path).filter((to) => to.startsWith('.'))) {
      const target = posix.join(posix.dirname(path), to);
      if (!needed.includes(target)) needed.push(target);
    }
  expect(needed).toContain('stack.ts');
  expect(needed.length).toBeGreaterThan(60);
  expect(needed.filter((path) => !isSent(path))).toEqual([]);
  for (const path of [
    '.fleetscope/secrets/escalation-api-token',
    '.git/config',
    'examples/fleet/fleet.process.test.ts',
  ])
    expect(isSent(path), path).toBe(false);
});

test('P03 the fleet imports its own files, and packages that it names: nothing else is in its image', () => {
  const { dependencies } = JSON.parse(read('examples/fleet/package.json')) as { dependencies: object };
  const packageOf = (to: string) => to.split('/', to.startsWith('@') ? 2 : 1).join('/');
  const outside = ofFleet.flatMap((path) =>
    importsOf(path)
      .filter((to) =>
        to.startsWith('.')
          ? !posix.join(posix.dirname(path), to).startsWith('examples/fleet/')
          : !isBuiltin(to) && !(packageOf(to) in dependencies),
      )
      .map((to) => `${path} imports ${to}`),
  );
  expect(outside).toEqual([]);
});

test('P03 what docs/deploy.md has typed is what the manifest names', () => {
  const command = read('docs/deploy.md')
    .split('\n')
    .find((line) => line.includes('-f examples/fleet/Dockerfile'));
  expect(command).toContain(`NODE_IMAGE=${demoFleet.base} `);
  expect(command).toContain(`USER_ID=${demoFleet.user} `);
  expect(command).toContain(`-t ${demoFleet.image} `);
});
