import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'fleetscope-install-'));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  mkdirSync(join(checkout, 'bin'));
  for (const file of ['install.mjs', 'alone.mjs'])
    cpSync(join(import.meta.dirname, file), join(checkout, 'native/packages', file));
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
  writeFileSync(join(checkout, 'bin/npm'), npm, { mode: 0o755 });
});

test('P02 packages that npm ci installed before are not installed again', async () => {
  expect(await ready()).toEqual([0, expect.stringContaining('Installing the packages')]);
  rmSync(marker());
  expect(await ready()).toEqual([0, '']);
  expect([installs(), existsSync(marker())]).toEqual([1, true]);
});

test.each([
  ['of another version', () => list({ 'node_modules/node': { version: '2.0.0' } })],
  ['that npm did not finish', () => rmSync(join(checkout, 'node_modules/.package-lock.json'))],
  ['of which one is gone', () => rmSync(join(checkout, 'node_modules/node'), { recursive: true })],
])('P02 packages %s are installed anew', async (_, harm) => {
  await ready();
  rmSync(marker());
  harm();
  expect(await ready()).toEqual([0, expect.stringContaining('Installing the packages')]);
  expect(installs()).toBe(2);
});

test('P02 a marked install without its Node is mended by the next command', async () => {
  await ready();
  rmSync(join(checkout, 'node_modules/.bin'), { recursive: true });
  rmSync(join(checkout, 'node_modules/node'), { recursive: true });
  expect((await ready())[0]).toBe(0);
  expect([installs(), existsSync(join(checkout, 'node_modules/.bin/node'))]).toEqual([2, true]);
});

test('P02 of four commands in a fresh clone one installs, and the others wait for it', async () => {
  const ended = await Promise.all([ready(), ready(), ready(), ready()]);
  expect(ended.map(([status]) => status)).toEqual([0, 0, 0, 0]);
  expect([installs(), existsSync(lock())]).toEqual([1, false]);
});

test('P02 an install that was killed holds nobody up, and of those who find it one takes over', async () => {
  mkdirSync(join(checkout, '.fleetscope'));
  symlinkSync(String(spawnSync(process.execPath, ['--version']).pid), lock());
  const ended = await Promise.all([ready(), ready(), ready(), ready()]);
  expect(ended.map(([status]) => status)).toEqual([0, 0, 0, 0]);
  expect([installs(), readdirSync(join(checkout, '.fleetscope'))]).toEqual([1, []]);
});

test('P02 a number that was given out again is no holder', async () => {
  mkdirSync(join(checkout, '.fleetscope'));
  symlinkSync(`${process.pid} 1`, lock());
  expect(await ready()).toEqual([0, expect.not.stringContaining('waiting')]);
  expect(installs()).toBe(1);
});

test('P02 an npm whose command was killed goes on, and nobody installs beside it', async () => {
  writeFileSync(join(checkout, 'bin/npm'), npm.replace('sleep 0.3', 'sleep 3'));
  const first = command();
  await expect.poll(() => existsSync(join(checkout, 'installs'))).toBe(true);
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await ready()).toEqual([0, expect.stringContaining('waiting')]);
  expect([installs(), existsSync(join(checkout, 'node_modules/.bin/node'))]).toEqual([1, true]);
});

test('P02 Ctrl-C ends the install, without advice about the network, and the next command begins anew', async () => {
  const first = command();
  let said = '';
  first.stderr.on('data', (data) => (said += data));
  await expect.poll(() => existsSync(join(checkout, 'installs'))).toBe(true);
  first.kill('SIGINT');
  const [status] = await once(first, 'close');
  expect([status, said, existsSync(lock())]).toEqual([130, 'Installing the packages of package-lock.json …\n', false]);
  expect((await ready())[0]).toBe(0);
  expect(installs()).toBe(2);
});

test('P02 without the Node that is pinned nothing is installed, whatever npm says', async () => {
  await ready();
  rmSync(join(checkout, 'node_modules/.bin'), { recursive: true });
  expect((await ready())[0]).toBe(0);
  expect([installs(), existsSync(join(checkout, 'node_modules/.bin/node'))]).toEqual([2, true]);
  rmSync(join(checkout, 'node_modules'), { recursive: true });
  writeFileSync(join(checkout, 'bin/npm'), npm.replace('touch node_modules/.bin/node', ''));
  expect(await ready()).toEqual([1, expect.stringContaining('ignore-scripts=false')]);
});

test('P02 what is no lock is said', async () => {
  mkdirSync(lock(), { recursive: true });
  expect(await ready()).toEqual([1, expect.stringMatching(/^Cannot install the packages .* Install them yourself/m)]);
});

test('P02 an install that fails says what to look at, and holds nobody up', async () => {
  writeFileSync(join(checkout, 'bin/npm'), '#!/bin/sh\nexit 7\n');
  expect(await ready()).toEqual([
    1,
    expect.stringMatching(/^Cannot run "npm ci": it ended with 7\. Check the network/m),
  ]);
  expect(existsSync(lock())).toBe(false);
});

const packages = {
  'node_modules/node': { version: '1.0.0' },
  'node_modules/other': { version: '1.0.0', optional: true },
};

/** Does what is looked at of npm, as slowly as two that ran at once would meet. */
const npm = `#!/bin/sh
echo once >> installs
rm -rf node_modules
sleep 0.3
mkdir -p node_modules/.bin node_modules/node
touch node_modules/.bin/node
printf '%s' '${JSON.stringify({ packages: { 'node_modules/node': { version: '1.0.0' } } })}' > node_modules/.package-lock.json
`;

const marker = () => join(checkout, 'node_modules/.fleetscope-installed');
const lock = () => join(checkout, '.fleetscope/installing');
const installs = () => readFileSync(join(checkout, 'installs'), 'utf8').trim().split('\n').length;
const list = (found: object) =>
  writeFileSync(join(checkout, 'node_modules/.package-lock.json'), JSON.stringify({ packages: found }));

/** What a command does before it begins: its exit code, and what it said. */
async function ready(): Promise<[number, string]> {
  const child = command();
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const [status] = await once(child, 'close');
  return [status, said];
}

function command() {
  const code = "import('./native/packages/install.mjs').then((install) => install.installIfStale())";
  const env = { ...process.env, PATH: `${join(checkout, 'bin')}${delimiter}${process.env.PATH}` };
  return spawn(process.execPath, ['-e', code], { cwd: checkout, env, stdio: ['ignore', 'inherit', 'pipe'] });
}
