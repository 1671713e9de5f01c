import { expect, test } from 'vitest';
import { saidOf, shownUrl } from './shown-url.ts';
import { storeUrl } from './store-url.ts';

test.each([
  ['mongodb://db/fleet', 'mongodb://db/fleet'],
  ['mongodb://ada:s3cr3t@db:27017/fleet', 'mongodb://db:27017/fleet'],
  ['mongodb+srv://ada:s3/cr3t@db/fleet?authMechanismProperties=s3cr3t', 'mongodb+srv://db/fleet'],
  ['mongodb://ada:s3@cr3t@db/fleet', 'mongodb://db/fleet'],
  ['mongodb://ada:s3?cr3t@db/fleet', 'mongodb://…'],
  ['mongodb://db/fleet?tlsCertificateKeyFilePassword=s3@cr3t', 'mongodb://…'],
  ['mongodb:ada:s3cr3t@db', 'mongodb:db'],
  ['ada:s3cr3t@db', 'ada:db'],
  ['s3cr3t@db/fleet', 'db/fleet'],
  ['redis://x', 'redis://x'],
  ['', ''],
])('X01 who logs in, and how, is nobody’s concern: %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
  const said = new Error(`Cannot read "${url}" or its ?authMechanismProperties=s3cr3t.`);
  if (url.includes('Properties')) expect(saidOf(said, url)).not.toMatch(/ada|s3|cr3t/);
});

test('X01 what a driver says does not repeat a password', () => {
  const url = 'mongodb://ada:s3cr3t@db/fleet?tlsCertificateKeyFilePassword=hunter2';
  expect(saidOf(new Error(`Cannot parse ${url}, //ada:s3cr3t@db, hunter2.`), url)).toBe(
    'Cannot parse mongodb://db/fleet, //db, …',
  );
});

test.each(['redis://ada:s3/cr3t@x', 'redis:ada:s3cr3t@x', 'postgres://ada:s3@cr3t@x/y'])(
  'X01 an address that is neither a file nor MongoDB is named without its password: %s',
  (url) => {
    expect(() => storeUrl(url, 'the ledger')).toThrow(/^Cannot open the ledger "\w+:(\/\/)?x(\/y)?": it is neither/);
  },
);
