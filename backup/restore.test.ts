import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ran, Restic } from './restic.ts';
import { restore } from './restore.ts';
import { scratchFolder } from './scratch.ts';
import { isEmpty, type Source, unseen } from './sources.ts';

let root: string;
let source: Source;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleetscope-restore-'));
  source = { part: 'escalation', folder: join(root, 'data'), elsewhere: { 'logs/alerts': join(root, 'alerts') } };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A repository with one backup of these files. */
function holding(files: Record<string, string>): Restic {
  const record = { version: 1, part: 'escalation', snapshot: 'd', at: 0, folder: null, staged: '/s', census: null };
  const bytes = Object.values(files).join('').length;
  const listed = (id: string, ...tags: string[]) => ({ id, time: '2026-01-31T00:00:00Z', tags });
  const said: { [command: string]: unknown } = {
    snapshots: [listed('d', 'part=escalation', 'data'), listed('r', 'part=escalation', 'record', 'of=d')],
    dump: { ...record, files: Object.keys(files).length, bytes },
  };
  const settings = { repository: root, passwordFile: root, name: 'fleetscope', scratch: root };
  return {
    settings,
    async run(_, args): Promise<Ran> {
      const [command = ''] = args;
      const target = args[args.indexOf('--target') + 1] as string;
      if (command === 'restore') for (const [path, text] of Object.entries(files)) write(join(target, path), text);
      return { code: 0, stdout: JSON.stringify(said[command] ?? null), stderr: '' };
    },
  };
}

const asides = (folder: string, name = '.before-restore-') =>
  readdirSync(folder).filter((entry) => entry.startsWith(name));

test('P05 two restores in a row that replace keep the original, here and elsewhere', async () => {
  write(join(source.folder, 'note'), 'original');
  write(join(root, 'alerts', 'log'), 'original log');
  const restic = holding({ note: 'restored', 'logs/alerts/log': 'restored log' });
  for (let time = 0; time < 2; time++) await restore(source, { restic, replace: true });
  expect(readFileSync(join(source.folder, 'note'), 'utf8')).toBe('restored');
  expect(readFileSync(join(root, 'alerts', 'log'), 'utf8')).toBe('restored log');
  const kept = asides(source.folder).map((name) => readFileSync(join(source.folder, name, 'note'), 'utf8'));
  expect(kept.toSorted()).toEqual(['original', 'restored']);
  const logs = asides(root, 'alerts.before-restore-').map((name) => readFileSync(join(root, name, 'log'), 'utf8'));
  expect(logs.toSorted()).toEqual(['original log', 'restored log']);
});

test('P05 a restore whose last move fails puts back what was there', async () => {
  write(join(source.folder, 'note'), 'original');
  write(join(root, 'alerts', 'log'), 'original log');
  // In its way, and nobody's data.
  write(join(source.folder, 'lost+found', 'x'), '');
  const restic = holding({ note: 'restored', 'logs/alerts/log': 'restored log' });
  const run = restic.run;
  const meddled: Restic = {
    ...restic,
    async run(action, args, options) {
      const ran = await run(action, args, options);
      if (args[0] === 'restore') mkdirSync(join(args[args.indexOf('--target') + 1] as string, 'lost+found'));
      return ran;
    },
  };
  await expect(restore(source, { restic: meddled, replace: true })).rejects.toThrow(
    /^Cannot restore escalation: ENOTEMPTY.* What was there is as it was\.$/,
  );
  expect(readFileSync(join(source.folder, 'note'), 'utf8')).toBe('original');
  expect(readFileSync(join(root, 'alerts', 'log'), 'utf8')).toBe('original log');
  expect(readdirSync(source.folder).toSorted()).toEqual(['lost+found', 'note']);
});

test('P05 runs that overlap have folders of their own; one that a killed run left goes after two days, another name never', async () => {
  const [first, second] = [await scratchFolder(root), await scratchFolder(root)];
  expect(first).not.toBe(second);
  const other = join(root, 'fleetscope-backup-of-mine');
  mkdirSync(other);
  const old = new Date(Date.now() - 3 * 86_400_000);
  for (const path of [first, other]) utimesSync(path, old, old);
  const third = await scratchFolder(root);
  expect(readdirSync(root).toSorted()).toEqual(
    [second, third, other].map((path) => path.slice(root.length + 1)).toSorted(),
  );
});

test('P05 no folder has no data; what is no folder is an error, not "no data"', () => {
  expect(isEmpty(join(root, 'gone'))).toBe(true);
  write(join(root, 'file'), '');
  expect(() => isEmpty(join(root, 'file'))).toThrow(/^Cannot read .*file: ENOTDIR\. /);
});

test('P05 a store that a variable puts elsewhere is named', () => {
  const env = { FLEETSCOPE_ESCALATION_STORE: 'mongodb://user:secret@host/incidents' };
  expect(unseen(env, [source])).toEqual([
    `escalation: FLEETSCOPE_ESCALATION_STORE names a store that is not in ${source.folder}: it is not backed up here. Back it up where it is.`,
  ]);
  expect(unseen({ FLEETSCOPE_ESCALATION_STORE: join(source.folder, 'incidents.db') }, [source])).toEqual([]);
  expect(unseen({}, [source])).toEqual([]);
  const monitor: Source = { part: 'monitor', folder: source.folder, elsewhere: { memory: join(root, 'memory') } };
  expect(unseen({ FLEETSCOPE_MEMORY_ROOT: join(root, 'memory') }, [monitor])).toEqual([]);
  expect(unseen({ FLEETSCOPE_MEMORY_ROOT: join(source.folder, 'memory') }, [monitor])).toEqual([]);
  // Of a folder with another name nothing is captured, though it lies in there.
  expect(unseen({ FLEETSCOPE_MEMORY_ROOT: join(source.folder, 'notes') }, [monitor])).toEqual([
    expect.stringMatching(/^monitor: FLEETSCOPE_MEMORY_ROOT names a store that is not in /),
  ]);
  const away = { FLEETSCOPE_MEMORY_DB: join(root, 'm.db'), FLEETSCOPE_MEMORY_ROOT: '/checkout' };
  expect(unseen(away, [monitor])).toEqual([
    expect.stringMatching(/^monitor: FLEETSCOPE_MEMORY_DB names a store that is not in /),
    expect.stringMatching(/^monitor: FLEETSCOPE_MEMORY_ROOT names a store that is not in /),
  ]);
});

test('P05 a whole folder that this place keeps elsewhere is put there, and nowhere else', async () => {
  const memory = join(root, 'memory');
  mkdirSync(source.folder);
  const restic = holding({ 'memory/MEMORY.md': 'what people wrote' });
  await restore({ ...source, elsewhere: { memory } }, { restic });
  expect(readFileSync(join(memory, 'MEMORY.md'), 'utf8')).toBe('what people wrote');
  expect(readdirSync(source.folder)).toEqual([]);
});

test('P05 what is elsewhere and full stays without --replace, and the old one is not left in the data folder', async () => {
  const [memory, logs] = [join(root, 'memory'), join(root, 'alerts')];
  mkdirSync(source.folder);
  write(join(memory, 'MEMORY.md'), 'newer');
  write(join(logs, 'log'), 'newer');
  const restic = holding({ 'memory/MEMORY.md': 'old', 'logs/alerts/log': 'old', 'ledger.db.txt': 'restored' });
  await restore({ ...source, elsewhere: { memory, 'logs/alerts': logs } }, { restic });
  for (const path of [join(memory, 'MEMORY.md'), join(logs, 'log')]) expect(readFileSync(path, 'utf8')).toBe('newer');
  expect(readFileSync(join(source.folder, 'ledger.db.txt'), 'utf8')).toBe('restored');
  expect(readdirSync(source.folder, { recursive: true }).toSorted()).toEqual(['ledger.db.txt', 'logs']);
});
