import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { intoFile, type Write } from './into-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-into-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
let here: string;
let count = 0;
beforeEach(() => {
  here = join(folder, `${count++}`);
  mkdirSync(here);
});

const some = async (write: Write) => {
  await write('one ');
  await write('two');
};
const modeOf = (path: string) => statSync(path).mode & 0o777;

test('R01 a new file is its user’s alone; one that was there keeps its mode', async () => {
  const [fresh, old] = [join(here, 'fresh'), join(here, 'old')];
  writeFileSync(old, 'before');
  chmodSync(old, 0o640);
  await intoFile(fresh, some);
  await intoFile(old, some);
  expect([modeOf(fresh), modeOf(old)]).toEqual([0o600, 0o640]);
  expect([fresh, old].map((path) => readFileSync(path, 'utf8'))).toEqual(['one two', 'one two']);
  expect(readdirSync(here)).toEqual(['fresh', 'old']);
});

test('R01 a link stays a link, also one to what is not there yet; one that leads nowhere is told', async () => {
  mkdirSync(join(here, 'elsewhere'));
  const target = join(here, 'elsewhere', 'runs.json');
  const [link, circle] = [join(here, 'link'), join(here, 'circle')];
  symlinkSync('elsewhere/runs.json', link);
  symlinkSync('circle', circle);
  for (const text of ['first', 'second']) {
    await intoFile(link, async (write) => void (await write(text)));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe('elsewhere/runs.json');
    expect(readFileSync(target, 'utf8')).toBe(text);
  }
  await expect(intoFile(circle, some)).rejects.toThrow(/^Cannot write .*circle: ELOOP\. Name another file/);
  expect(readdirSync(join(here, 'elsewhere'))).toEqual(['runs.json']);
});

test('R01 a pipe stays a pipe, and gets what is written; a reader that has seen enough is no mistake', async () => {
  const pipe = join(here, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = execa('cat', [pipe], { timeout: 10_000 });
  await intoFile(pipe, some);
  expect((await reader).stdout).toBe('one two');
  const brief = execa('head', ['-c', '3', pipe], { timeout: 10_000 });
  let isRead = true;
  await intoFile(pipe, async (write) => {
    while (isRead) isRead = await write('x'.repeat(65_536));
  });
  expect((await brief).stdout).toBe('xxx');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  expect(readdirSync(here)).toEqual(['pipe']);
  await expect(intoFile(here, some)).rejects.toThrow(/^Cannot write .*: EISDIR\./);
});

test('R01 what fails leaves what was there', async () => {
  const file = join(here, 'runs.json');
  writeFileSync(file, 'before');
  const broken = intoFile(file, async (write) => {
    await write('half');
    throw new Error('disk gone');
  });
  await expect(broken).rejects.toThrow('disk gone');
  expect([readdirSync(here), readFileSync(file, 'utf8')]).toEqual([['runs.json'], 'before']);
  // Nobody is left who would hold a signal back.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    expect(process.listeners(signal).map(({ name }) => name)).not.toContain('ended');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'R01 ended by %s it leaves nothing half written, and what was there',
  { timeout: 60_000 },
  async (signal) => {
    const file = join(here, 'runs.json');
    writeFileSync(file, 'before');
    const program = `
      import { intoFile } from ${JSON.stringify(join(import.meta.dirname, 'into-file.ts'))};
      await intoFile(process.argv[1], async (write) => {
        await write('half');
        process.stdout.write('now');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const running = execa(process.execPath, ['--input-type=module', '--eval', program, file], { reject: false });
    await new Promise((resolve) => running.stdout.once('data', resolve));
    expect(readdirSync(here)).toHaveLength(2);
    running.kill(signal);
    expect((await running).signal).toBe(signal);
    expect([readdirSync(here), readFileSync(file, 'utf8')]).toEqual([['runs.json'], 'before']);
  },
);
