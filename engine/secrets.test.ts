import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { native, secrets } from '../place.ts';
import { needSecrets } from './secrets.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-secrets-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const names = Object.keys(secrets) as (keyof typeof secrets)[];
const texts = () => names.map((name) => readFileSync(join(home, 'secrets', name), 'utf8').trim());

test('X01 secrets are made by chance at the first start, for their owner alone, where the place says', () => {
  needSecrets(home);
  const place = native({ home, profile: 'laptop', portOf: () => 1 });
  expect(readdirSync(join(home, 'secrets')).sort()).toEqual([...names].sort());
  expect(statSync(join(home, 'secrets')).mode & 0o777).toBe(0o700);
  for (const name of names) {
    expect(statSync(place.secret(name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(place.secret(name), 'utf8')).toMatch(/^[\w-]{43}\n$/);
  }
  expect(new Set(texts()).size).toBe(names.length);
});

test('X01 a secret that is there stays; one that is empty or gone is made anew', () => {
  needSecrets(home);
  const before = texts();
  writeFileSync(join(home, 'secrets', names[1] as string), '');
  rmSync(join(home, 'secrets', names[2] as string));
  needSecrets(home);
  const [kept, empty, gone] = texts();
  expect(kept).toBe(before[0]);
  expect(empty).toMatch(/^[\w-]{43}$/);
  expect(gone).toMatch(/^[\w-]{43}$/);
  expect([empty, gone]).not.toEqual(before.slice(1));
});

test('X01 a secret that others may read is refused by name, and not told', () => {
  needSecrets(home);
  const path = join(home, 'secrets', names[0] as string);
  chmodSync(path, 0o644);
  expect(() => needSecrets(home)).toThrow(`Cannot use ${path}: others may read it (mode 644)`);
  expect(() => needSecrets(home)).not.toThrow(texts()[0] as string);
});
