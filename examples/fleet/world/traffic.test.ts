import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parseCommand } from '../command-line.ts';
import { type Request, requestSchema } from '../requests.ts';
import { verifyToken } from '../security/tokens.ts';
import { sentAs } from './traffic.ts';

const secret = 'secret';
const all = (seed: number, count: number) => Array.from({ length: count }, (_, at) => sentAs(at + 1, seed, secret));
const requests = (seed: number, count: number): Request[] =>
  all(seed, count).flatMap((sent) => (sent.path === '/requests' ? [sent.body] : []));

test('the same seed sends the same, another seed something else', () => {
  expect(all(1, 100)).toEqual(all(1, 100));
  expect(all(1, 100)).not.toEqual(all(2, 100));
});

test.each([1, 2, 3])('everything rare is among the first 40 of seed %i, and what is grave once in an hour', (seed) => {
  const [soon, hour] = [requests(seed, 40), requests(seed, 1200)];
  const some = (among: Request[], fits: (request: Request) => boolean) => among.filter(fits).length;
  expect(some(soon, ({ kind }) => kind === 'release')).toBeGreaterThan(3);
  expect(some(soon, ({ soak }) => soak === true)).toBeGreaterThan(1);
  expect(some(soon, ({ package: name }) => name === 'left-pad')).toBeGreaterThan(1);
  expect(some(soon, ({ repository }) => repository === 'acme/atlantis')).toBe(1);
  for (const among of [soon, hour]) {
    expect(some(among, ({ package: name }) => name === 'fast-slug')).toBe(1);
    expect(some(among, ({ model }) => model !== undefined)).toBe(2);
  }
});

test('S08 every command can be read, and all but a few tokens are ours', () => {
  const commands = all(1, 300).flatMap((sent) => (sent.path === '/commands' ? [sent] : []));
  expect(commands.length).toBeGreaterThan(60);
  for (const { body } of commands) expect(v.safeParse(requestSchema, parseCommand(body)).success).toBe(true);
  const forged = commands.filter(({ token }) => {
    try {
      return !verifyToken(token, secret);
    } catch {
      return true;
    }
  });
  expect(forged.length).toBeGreaterThan(0);
  expect(forged.length).toBeLessThan(commands.length / 10);
});
