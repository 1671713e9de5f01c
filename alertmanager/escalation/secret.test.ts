import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecret, redact, secretRef } from './secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('X02 a secret of a file is new with the next message after it was replaced', () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'first-token\n');
  expect(readSecret({ file })).toBe('first-token');
  writeFileSync(file, 'other-token\n');
  utimesSync(file, 1, 1);
  expect(readSecret({ file })).toBe('other-token');
});

test('X02 what is not set is named, and what to set', () => {
  expect(() => readSecret({ env: 'NO_SUCH_SECRET' })).toThrow('Set the variable NO_SUCH_SECRET.');
  expect(() => readSecret({ env: 'EMPTY' }, { EMPTY: ' ' })).toThrow('Set the variable EMPTY.');
  expect(() => readSecret({ file: join(folder, 'none') })).toThrow(/Set the file .*none \(ENOENT\)\./);
});

test('X02 a secret itself is no reference, and is not repeated', () => {
  const { issues } = v.safeParse(secretRef, 'https://hooks.example/services/T0/B0/hidden');
  expect(issues?.[0].message).toContain('Write { env: NAME_OF_A_VARIABLE }');
  expect(JSON.stringify(issues?.map(({ message }) => message))).not.toContain('hidden');
});

test('X02 what was read is masked wherever it shows: whole, as a path, as a password', () => {
  readSecret({ env: 'A' }, { A: 'https://hooks.example/services/T0/B0/very-hidden' });
  readSecret({ env: 'B' }, { B: 'smtps://mailer:p%40ss%2Dword@mail.example' });
  readSecret({ env: 'C' }, { C: 'R0123456789abcdefghijklmnopqrstu' });
  expect(redact('POST https://hooks.example/services/T0/B0/very-hidden failed')).toBe('POST **** failed');
  expect(redact('no route for /services/T0/B0/very-hidden')).toBe('no route for ****');
  expect(redact('login of mailer with p@ss-word refused')).toBe('login of mailer with **** refused');
  expect(redact('key R0123456789abcdefghijklmnopqrstu is unknown')).toBe('key **** is unknown');
  expect(redact('see amqp://other:unread@host')).toBe('see amqp://other:****@host');
  expect(redact('an ordinary sentence')).toBe('an ordinary sentence');
});

test('X02 a password with a bare percent sign is read and masked as it is', () => {
  const url = 'smtps://mailer:half%off-secret@mail.example';
  expect(readSecret({ env: 'D' }, { D: url })).toBe(url);
  expect(redact('login with half%off-secret refused')).toBe('login with **** refused');
});
