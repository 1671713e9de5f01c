/** The command line as the image of the monitor holds it: by itself, and as `npm run monitor` asks it in its container. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeState } from '../../engine/state.ts';
import { bundle } from '../../native/bundle.ts';
import { openLedger } from '../store/open.ts';
import { runEnded, runStarted, wholeRun } from '../testing/some-facts.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'monitor.ts');
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-image-'));
const [app, data, home, bin] = ['app', 'data', 'home', 'bin'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
];
const inImage = { FLEETSCOPE_MONITOR_DATA: data };

/** The program in the image; nothing of the checkout is found from there. */
const image = (...args: string[]) =>
  execa(process.execPath, ['monitor.js', ...args], {
    ...{ cwd: app, reject: false, stdin: 'ignore', extendEnv: false },
    env: inImage,
  });

/** In place of the engine: what is behind the service's name is run where the image's files are. */
const stand = `#!/bin/sh
case " $* " in
  *" ps "*) [ -e "${folder}/stopped" ] || echo 0123; exit 0 ;;
esac
[ -e "${folder}/stopped" ] && { echo 'service "monitor" is not running' >&2; exit 1; }
while [ "$1" != monitor ] && [ "$1" != escalation ]; do shift; done
[ "$1" = monitor ] || exit 3
shift 3
cd "${app}" && FLEETSCOPE_MONITOR_DATA="${data}" exec "${process.execPath}" monitor.js "$@"
`;

const host = (...args: string[]) =>
  execa(process.execPath, [script, ...args], {
    ...{ reject: false, stdin: 'ignore', timeout: 60_000 },
    env: {
      ...{ FLEETSCOPE_HOME: home, FLEETSCOPE_MONITOR_DB: '', PATH: `${bin}:${process.env.PATH}` },
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
  });

beforeAll(async () => {
  await bundle('monitor', app);
  for (const one of [data, home, bin]) mkdirSync(one);
  const ledger = await openLedger(join(data, 'ledger.db'));
  await ledger.record([
    ...wholeRun('traced', 'a1'),
    runStarted('old', -40 * 86_400),
    runEnded('old', -40 * 86_400 + 1),
  ]);
  await ledger.close();
  writeFileSync(join(bin, 'docker'), stand);
  chmodSync(join(bin, 'docker'), 0o755);
  const startedAt = '2026-11-26T09:00:00.000Z';
  writeState(home, { engine: 'docker', profile: 'laptop', startedAt, ports: {}, components: {} });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('R01 the image answers by itself, of its own ledger, and says that alerts are asked for outside', async () => {
  const [list, show, nobody, usage, help] = await Promise.all([
    image('list'),
    image('show', 'traced'),
    image('show', 'nobody'),
    image('lst'),
    image('--help'),
  ]);
  expect([list, show, nobody, usage, help].map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 2, 0]);
  expect(list.stdout.split('\n').map((row) => row.split('\t')[0])).toEqual(['RUN', 'traced', 'old']);
  expect(show.stdout).toContain('Ask from outside: npm run monitor -- show.');
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
  expect(help.stdout).toMatch(/^Usage: node monitor\.js /);
  expect(existsSync(join(app, 'main.js'))).toBe(true);
}, 60_000);

test('R01 npm run monitor says of the ledger in a container what the image says, with its exit codes', async () => {
  for (const args of [['list', '--absolute'], ['check', '--json'], ['export'], ['health', '--min-success', '101']]) {
    const [there, here] = await Promise.all([image(...args), host(...args)]);
    expect([here.exitCode, here.stdout, here.stderr], args.join(' ')).toEqual([
      ...[there.exitCode, there.stdout, there.stderr],
    ]);
  }
  const [nobody, option, value] = await Promise.all([
    host('executions', 'nobody'),
    host('list', '--statsu', 'failed'),
    host('list', '--limit', '-1'),
  ]);
  expect([nobody, option, value].map(({ exitCode }) => exitCode)).toEqual([1, 2, 2]);
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
  expect(value.stderr).toMatch(/^Cannot use --limit "-1"/);
}, 60_000);

test('R01 a dossier is drawn here, with the links of this stack; --json and other formats are heeded', async () => {
  const [json, markdown, nobody, format] = await Promise.all([
    host('show', 'trac', '--json'),
    host('show', 'latest', '--format', 'markdown'),
    host('show', 'nobody'),
    host('show', 'traced', '--format', 'pdf'),
  ]);
  expect([json, markdown, nobody, format].map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 2]);
  const { links, gaps, orchestration } = JSON.parse(json.stdout);
  expect(links.trace).toContain('127.0.0.1');
  expect(links.trace).toContain('/explore?');
  // The stand-in has no such container: what is said is that, and all else is whole.
  expect(gaps).toContainEqual({
    ...{ gap: 'no_alerts', told: expect.stringMatching(/^Alerts are not known\. Cannot read escalation-api-token/) },
  });
  expect(orchestration.session_id).toBe('traced');
  expect(markdown.stdout).toMatch(/^# traced/);
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
}, 60_000);

test('R01 export --output writes a file of this machine, whole or not at all', async () => {
  const [file, none] = [join(folder, 'runs.json'), join(folder, 'none.json')];
  const [whole, nobody, nowhere] = await Promise.all([
    host('export', '--output', file),
    host('export', 'nobody', '--output', none),
    host('export', '--output', join(folder, 'no-such-folder', 'runs.json')),
  ]);
  expect([whole.exitCode, whole.stdout]).toEqual([0, `Written: ${file}`]);
  expect(readFileSync(file, 'utf8')).toBe(`${(await image('export')).stdout}\n`);
  expect([nobody.exitCode, nobody.stdout]).toEqual([1, '']);
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
  expect(nowhere.exitCode).toBe(1);
  expect(nowhere.stderr).toMatch(/^Cannot write .*runs\.json: ENOENT\. Name another file/);
  expect(readdirSync(folder).filter((name) => name.includes('partial') || name === 'none.json')).toEqual([]);
}, 60_000);

test('R01 what npm takes for its own reaches the container: cleanup with --dry-run deletes nothing there', async () => {
  const env = {
    ...{ FLEETSCOPE_HOME: home, FLEETSCOPE_MONITOR_DB: '', PATH: `${bin}:${process.env.PATH}` },
    ...{ npm_lifecycle_event: 'monitor', npm_config_dry_run: 'true' },
  };
  const { stdout } = await execa(process.execPath, [script, 'cleanup', '30'], { env, stdin: 'ignore' });
  expect(stdout).toMatch(/^Would remove 1 run /);
  expect((await image('show', 'old')).exitCode).toBe(0);
}, 60_000);

test('R01 a ledger that is named is that one; a container that does not run is one line with what to do', async () => {
  const other = join(folder, 'other.db');
  const ledger = await openLedger(other);
  await ledger.record([runStarted('elsewhere', 0), runEnded('elsewhere', 1)]);
  await ledger.close();
  expect((await host('--db', other, 'list')).stdout).toContain('\nelsewhere\t');
  writeFileSync(join(folder, 'stopped'), '');
  try {
    const { exitCode, stdout, stderr } = await host('list');
    expect([exitCode, stdout, stderr]).toEqual([
      ...[1, ''],
      'Cannot ask monitor: its container does not run. Start it: npm run up. (service "monitor" is not running)',
    ]);
  } finally {
    rmSync(join(folder, 'stopped'));
  }
}, 60_000);
