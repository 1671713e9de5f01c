import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parseCommand } from '../command-line.ts';
import { type Request, requestSchema } from '../requests.ts';
import { verifyToken } from '../security/tokens.ts';
import { sentAs, type TrafficFault, trafficFaults } from './traffic.ts';

const secret = 'secret';
const all = (seed: number, count: number, on?: readonly TrafficFault[]) =>
  Array.from({ length: count }, (_, at) => sentAs(at + 1, seed, secret, on));
const requests = (seed: number, count: number, on?: readonly TrafficFault[]): Request[] =>
  all(seed, count, on).flatMap((sent) => (sent.path === '/requests' ? [sent.body] : []));

test('the same seed sends the same, another seed something else', () => {
  expect(all(1, 100)).toEqual(all(1, 100));
  expect(all(1, 100)).not.toEqual(all(2, 100));
});

test.each([1, 2, 3])('everything rare is among the first 40 of seed %i, and what is grave only on demand', (seed) => {
  const soon = requests(seed, 40);
  const some = (among: Request[], fits: (request: Request) => boolean) => among.filter(fits).length;
  expect(some(soon, ({ kind }) => kind === 'release')).toBeGreaterThan(3);
  expect(some(soon, ({ soak }) => soak === true)).toBeGreaterThan(1);
  expect(some(soon, ({ package: name }) => name === 'left-pad')).toBeGreaterThan(1);
  expect(some(soon, ({ repository }) => repository === 'acme/atlantis')).toBe(1);
  const grave = (among: Request[]) => [
    some(among, ({ package: name }) => name === 'fast-slug'),
    some(among, ({ model }) => model !== undefined),
  ];
  expect(grave(requests(seed, 1200))).toEqual([0, 0]);
  expect(grave(requests(seed, 20, trafficFaults))).toEqual([1, 2]);
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
