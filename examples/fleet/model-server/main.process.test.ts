import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const run = (...options: string[]) => execa(process.execPath, [main, ...options], { reject: false });

test('C03 the command prints its url, answers there, and stops with 0', async () => {
  const child = run('--port', '0', '--seed', '5', '--speed', 'Infinity');
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const response = await fetch(`${url}/v1/embeddings`, {
    ...{ method: 'POST', headers: { authorization: 'Bearer any' } },
    body: JSON.stringify({ model: 'text-embedding-3-small', input: 'text' }),
  });
  expect(response.status).toBe(200);
  child.kill('SIGTERM');
  expect((await child).exitCode).toBe(0);
});

test('C03 --help ends with 0, wrong usage with 2', async () => {
  const [help, speed] = await Promise.all([run('--help'), run('--speed', '0')]);
  expect([help.exitCode, speed.exitCode]).toEqual([0, 2]);
  expect(help.stdout).toContain('--seed <number>');
  expect(speed.stderr).toContain('Give a number from 0.001 to Infinity.');
});
