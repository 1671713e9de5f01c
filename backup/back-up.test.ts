import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backUp } from './back-up.ts';
import { drill } from './drill.ts';
import type { Ran, Restic } from './restic.ts';
import type { Source } from './sources.ts';
import { filesIn } from './stage.ts';

let root: string;
let source: Source;
let notices: string[];
const notice = (line: string) => notices.push(line);

beforeEach(() => {
  notices = [];
  root = mkdtempSync(join(tmpdir(), 'fleetscope-back-up-'));
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'data', 'silences'), 'silence');
  mkdirSync(join(root, 'scratch'));
  source = { part: 'alertmanager', folder: join(root, 'data'), elsewhere: {} };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A repository that keeps in mind what the last backup read. `before`: told of each command. */
function repository(before: (args: readonly string[]) => Promise<void> = async () => undefined) {
  let records: string[] = [];
  let held: string[] = [];
  const settings = { repository: root, passwordFile: root, name: 'fleetscope', scratch: join(root, 'scratch') };
  const restic: Restic = {
    settings,
    async run(_, args, { input, onLine } = {}): Promise<Ran> {
      await before(args);
      if (input) records = [...records, input];
      const list = args[args.indexOf('--files-from-raw') + 1] as string;
      if (args.includes('--files-from-raw')) {
        held = [];
        for (const path of readFileSync(list, 'utf8').split('\0').filter(Boolean))
          for (const file of await filesIn(path)) held.push(join(path, file));
        held = held.map((path) =>
          JSON.stringify({ struct_type: 'node', type: 'file', path, size: statSync(path).size }),
        );
      }
      if (args[0] === 'ls') for (const line of held) onLine?.(line);
      const said = args[0] === 'snapshots' ? [] : { message_type: 'summary', snapshot_id: 'a' };
      return { code: 0, stdout: JSON.stringify(said), stderr: '' };
    },
  };
  return { restic, records: () => records.map((text) => JSON.parse(text) as { census: unknown; files: number }) };
}

test('P05 a census that fails voids no backup: it is told, and the record has none', async () => {
  const { restic, records } = repository();
  const count = async () => Promise.reject(new Error('Loki answers 400'));
  const made = await backUp(source, { restic, notice, count });
  expect(made).toMatchObject({ files: 1, counted: false });
  expect(records()).toMatchObject([{ census: null, files: 1 }]);
  expect(notices).toEqual([
    'alertmanager: was not counted, so that a drill has nothing to compare with: Loki answers 400',
  ]);
  expect(readdirSync(join(root, 'scratch'))).toEqual([]);
});

test('P05 what was captured is compared, not what lies there later: a copy cut short before it is read is found', async () => {
  const count = async () => undefined;
  const cut = repository(async (args) => {
    if (!args.includes('--files-from-raw')) return;
    const [run] = readdirSync(join(root, 'scratch')) as [string];
    writeFileSync(join(root, 'scratch', run, 'alertmanager', 'silences'), '');
  });
  await expect(backUp(source, { restic: cut.restic, notice, count })).rejects.toThrow(
    /silences changed before it was read$/,
  );
  expect(cut.records()).toEqual([]);
});

test('P05 another run that ends meanwhile takes nothing away', async () => {
  const count = async () => undefined;
  const other = repository();
  const first = repository(async (args) => {
    if (args.includes('--files-from-raw')) await backUp(source, { restic: other.restic, notice, count });
  });
  expect(await backUp(source, { restic: first.restic, notice, count })).toMatchObject({ files: 1 });
});

test('P05 a drill that is interrupted leaves no folder', async () => {
  const interrupt = new AbortController();
  const { restic } = repository(async ([command]) => {
    if (command !== 'snapshots') return;
    expect(readdirSync(join(root, 'scratch')).length).toBe(1);
    interrupt.abort(new Error('Interrupted by SIGTERM'));
    interrupt.signal.throwIfAborted();
  });
  const env = { ...process.env, FLEETSCOPE_BACKUP_SCRATCH: join(root, 'scratch') };
  await expect(drill({ restic, env, notice, signal: interrupt.signal })).rejects.toThrow('Interrupted by SIGTERM');
  expect(readdirSync(join(root, 'scratch'))).toEqual([]);
});
