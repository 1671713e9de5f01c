import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { timeOf } from './command-line.ts';
import { ages } from './print.ts';
import type { Snapshot } from './repository.ts';
import { shown } from './restic.ts';
import { settingsFrom } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const good = join(folder, 'good');
const short = join(folder, 'short');
writeFileSync(good, 'made-by-chance-made-by-chance\n');
writeFileSync(short, 'secret\n');
const env = (more: object) => ({
  FLEETSCOPE_BACKUP_REPOSITORY: 's3:https://s3.example.com/b',
  FLEETSCOPE_BACKUP_PASSWORD_FILE: good,
  ...more,
});

test('P05 a folder is found from anywhere, an address stays as it is', () => {
  expect(settingsFrom(env({})).repository).toBe('s3:https://s3.example.com/b');
  expect(settingsFrom(env({ FLEETSCOPE_BACKUP_REPOSITORY: 'disk/backups' })).repository).toBe(resolve('disk/backups'));
  expect(settingsFrom(env({}))).toMatchObject({ name: 'fleetscope', passwordFile: good });
});

test.each([
  [{ FLEETSCOPE_BACKUP_REPOSITORY: '' }, /FLEETSCOPE_BACKUP_REPOSITORY is not set\. Give it/],
  [{ FLEETSCOPE_BACKUP_PASSWORD_FILE: '' }, /FLEETSCOPE_BACKUP_PASSWORD_FILE is not set\. Make a file/],
  [{ FLEETSCOPE_BACKUP_PASSWORD_FILE: join(folder, 'gone') }, /gone .* is not there\. Bring it back/],
  [{ FLEETSCOPE_BACKUP_PASSWORD_FILE: short }, /it has 6 characters, fewer than 24\. Make one/],
])('P05 what is missing is named: %j', (more, said) => {
  expect(() => settingsFrom(env(more))).toThrow(said);
});

test('P05 a password in an address is not shown', () => {
  for (const who of ['user:secret', 'user:p@ss', 'user:pa/ss', 'token'])
    expect(shown(`rest:https://${who}@host/b`)).toBe('rest:https://host/b');
  expect(shown('/mnt/a@b')).toBe('/mnt/a@b');
  expect(shown('s3:https://host/b')).toBe('s3:https://host/b');
});

test('P05 a day is its last second; what is no time is refused', () => {
  expect(timeOf('2026-01-31')).toBe(Date.UTC(2026, 0, 31, 23, 59, 59));
  expect(timeOf(undefined)).toBeUndefined();
  expect(timeOf('2026-01-31T12:00:00+01:00')).toBe(Date.UTC(2026, 0, 31, 11));
  for (const text of ['yesterday', '2026-02-31', '2026-02-31T12:00:00Z', '2026-01-31T12:00:00', '1'])
    expect(() => timeOf(text), text).toThrow(`Cannot read --at "${text}": write 2026-01-31`);
});

test('P05 a backup is late after 31 hours, where it is weekly after seven days and seven hours', () => {
  const hourMs = 3_600_000;
  const now = Date.UTC(2026, 10, 26);
  const record = (part: Snapshot['part'], hours: number): Snapshot => ({
    kind: 'record',
    id: part,
    part,
    at: now - hours * hourMs,
    of: 'x',
  });
  const late = (...records: Snapshot[]) =>
    ages(
      records.flatMap((one) => [one, { ...one, kind: 'data' as const, id: one.of ?? '', of: undefined }]),
      now,
    )
      .filter(({ late }) => late)
      .map(({ part }) => part);
  expect(late(record('loki', 31), record('grafana', 175))).not.toEqual(expect.arrayContaining(['loki']));
  expect(late(record('loki', 31), record('grafana', 175))).not.toEqual(expect.arrayContaining(['grafana']));
  expect(late(record('loki', 31.1), record('grafana', 175.1))).toEqual(expect.arrayContaining(['loki', 'grafana']));
  // A snapshot of data that no record proves is no backup.
  expect(late({ ...record('loki', 1), kind: 'data' })).toContain('loki');
  // Nor is a record whose data is gone, nor one of the future.
  expect(ages([record('loki', 1)], now).find(({ part }) => part === 'loki')?.late).toBe(true);
  expect(late(record('loki', -48))).toContain('loki');
});
