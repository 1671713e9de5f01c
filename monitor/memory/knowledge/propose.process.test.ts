import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { presentOn, propose } from './propose.ts';

let folder: string;
let repository: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-propose-test-'));
  repository = join(folder, 'checkout');
  mkdirSync(repository);
  git('init', '-q', '-b', 'main');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.org', '-c', 'commit.gpgsign=false'];
const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, ...who, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
const commit = (path: string, text: string) => {
  mkdirSync(join(repository, path, '..'), { recursive: true });
  writeFileSync(join(repository, path), text);
  git('add', path);
  git('commit', '-q', '-m', path);
};
const branch = 'fleetscope/memory';
const at = (period = '2026-W07') => ({ repository, branch, period });
const files = new Map([
  ['MEMORY.md', '# Memory\n'],
  ['docs/errors/aaaaaaaaaaaa.md', '# Fehler ü\r\n'],
]);
/** All of a checkout that a person would see changed. */
const state = () => ({
  status: git('status', '--porcelain', '--ignored'),
  staged: git('diff', '--cached'),
  head: git('rev-parse', 'HEAD'),
  on: git('symbolic-ref', 'HEAD'),
  index: readFileSync(join(repository, '.git/index'), 'base64'),
});

describe('B10 documents on a branch', () => {
  test('B10 are one commit after HEAD, and the checkout, its index and HEAD stay as they are', async () => {
    commit('README.md', 'ours\n');
    writeFileSync(join(repository, 'README.md'), 'changed\n');
    writeFileSync(join(repository, 'MEMORY.md'), 'not committed\n');
    writeFileSync(join(repository, 'staged.md'), 'staged\n');
    git('add', 'staged.md');
    const before = state();
    const proposed = await propose(at(), files);
    expect(state()).toEqual(before);
    expect(proposed).toEqual({ commit: git('rev-parse', branch), isNew: true });
    expect(git('rev-parse', `${branch}^`)).toBe(before.head);
    expect(git('diff', '--name-status', `main..${branch}`).split('\n')).toEqual([
      'A\tMEMORY.md',
      'A\tdocs/errors/aaaaaaaaaaaa.md',
    ]);
    expect(
      execFileSync('git', ['-C', repository, 'show', `${branch}:docs/errors/aaaaaaaaaaaa.md`], { encoding: 'utf8' }),
    ).toBe('# Fehler ü\r\n');
    expect(git('show', `${branch}:README.md`)).toBe('ours');
  });

  test('B10 the same content twice makes no second commit; other content comes after the first', async () => {
    commit('README.md', 'ours\n');
    const first = await propose(at(), files);
    expect(await propose(at('2026-W08'), files)).toEqual({ commit: first.commit, isNew: false });
    const second = await propose(at('2026-W08'), new Map([['MEMORY.md', '# Memory\n\nMore.\n']]));
    expect(git('rev-list', '--count', `main..${branch}`)).toBe('2');
    expect(git('diff', '--stat', first.commit, second.commit)).toContain('1 file changed, 2 insertions(+)');
    expect(git('show', `${branch}:docs/errors/aaaaaaaaaaaa.md`)).toBe('# Fehler ü');
  });

  test('B10 who wrote it and when are of the period: the same commit wherever it is made', async () => {
    commit('README.md', 'ours\n');
    const { commit: one } = await propose(at(), files);
    expect(git('show', '-s', '--format=%an <%ae> %aI %cn %cI %s', one)).toBe(
      'Fleetscope <memory@fleetscope.invalid> 2026-02-16T06:00:00+00:00 Fleetscope 2026-02-16T06:00:00+00:00 Memory: 2026-W07',
    );
    git('branch', '-D', branch);
    expect((await propose(at(), files)).commit).toBe(one);
  });

  test('B10 once it is merged, what is next comes after HEAD; until then after the branch', async () => {
    commit('README.md', 'ours\n');
    await propose(at(), files);
    commit('other.md', 'other\n');
    await propose(at(), new Map([['MEMORY.md', 'two\n']]));
    expect(git('show', '--name-only', '--format=', branch)).toBe('MEMORY.md');
    expect(() => git('show', `${branch}:other.md`)).toThrow();
    git('merge', '-q', '--no-edit', branch);
    commit('third.md', 'third\n');
    await propose(at('2026-W08'), new Map([['MEMORY.md', 'three\n']]));
    expect(git('rev-parse', `${branch}^`)).toBe(git('rev-parse', 'main'));
  });

  test('B10 what people wrote on the branch is read from there', async () => {
    commit('MEMORY.md', 'on main\n');
    expect(await (await presentOn(at()))('MEMORY.md')).toBe('on main\n');
    await propose(at(), new Map([['MEMORY.md', 'on the branch\r\n']]));
    const present = await presentOn(at());
    expect([await present('MEMORY.md'), await present('docs'), await present('none.md')]).toEqual([
      'on the branch\r\n',
      undefined,
      undefined,
    ]);
  });

  test('B10 of a folder below the top they are written there, and read from there', async () => {
    commit('README.md', 'ours\n');
    commit('MEMORY.md', 'of the whole\n');
    commit('services/größe/README.md', 'ours\n');
    const below = { ...at(), repository: join(repository, 'services', 'größe') };
    await propose(below, files);
    expect(git('-c', 'core.quotePath=false', 'diff', '--name-only', `main..${branch}`).split('\n')).toEqual([
      'services/größe/MEMORY.md',
      'services/größe/docs/errors/aaaaaaaaaaaa.md',
    ]);
    expect(git('show', `${branch}:MEMORY.md`)).toBe('of the whole');
    expect(await (await presentOn(below))('MEMORY.md')).toBe('# Memory\n');
    expect(await (await presentOn(at()))('MEMORY.md')).toBe('of the whole\n');
  });

  test('B10 works where nothing was committed yet, in a bare repository, and inside a hook of another one', async () => {
    const first = await propose(at(), files);
    expect(git('rev-list', '--count', first.commit)).toBe('1');
    const bare = join(folder, 'bare.git');
    git('clone', '-q', '--bare', repository, bare);
    vi.stubEnv('GIT_DIR', join(folder, 'elsewhere'));
    vi.stubEnv('GIT_INDEX_FILE', join(folder, 'index'));
    await propose({ ...at(), repository: bare, branch: 'next' }, new Map([['MEMORY.md', 'bare\n']]));
    vi.unstubAllEnvs();
    expect(execFileSync('git', ['-C', bare, 'show', 'next:MEMORY.md'], { encoding: 'utf8' })).toBe('bare\n');
    expect(existsSync(join(folder, 'index'))).toBe(false);
  });

  test('B10 nothing of the repository is run, and nothing is pushed', async () => {
    commit('README.md', 'ours\n');
    const hook = join(repository, '.git/hooks/reference-transaction');
    writeFileSync(hook, `#!/bin/sh\ntouch '${join(folder, 'ran')}'\n`);
    chmodSync(hook, 0o755);
    git('init', '-q', '--bare', join(folder, 'remote.git'));
    git('remote', 'add', 'origin', join(folder, 'remote.git'));
    rmSync(join(folder, 'ran'), { force: true });
    await propose(at(), files);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    expect(git('ls-remote', 'origin')).toBe('');
  });
});

describe('B10 what cannot be written says why', () => {
  const refused = (more: Partial<Parameters<typeof propose>[0]>, which: ReadonlyMap<string, string> = files) =>
    expect(propose({ ...at(), ...more }, which)).rejects;

  test('B10 there is no Git', async () => {
    vi.stubEnv('PATH', folder);
    await refused({}).toThrow(
      'Cannot write to a branch: there is no git on PATH. Install it, or let the documents be written as files.',
    );
  });

  test('B10 it is no repository', async () => {
    await refused({ repository: folder }).toThrow(
      /^Cannot write to fleetscope\/memory: .* is no Git repository \(.*\)\. Name the folder of a checkout\.$/s,
    );
    await refused({ repository: join(folder, 'nowhere') }).toThrow(/is no Git repository/);
  });

  test('B10 the branch is checked out, here or in another worktree', async () => {
    commit('README.md', 'ours\n');
    await refused({ branch: 'main' }).toThrow(
      /^Cannot write to main: it is checked out in .*checkout\. Name a branch that is not, or/,
    );
    git('worktree', 'add', '-q', '-b', 'aside', join(folder, 'aside'));
    await refused({ branch: 'aside' }).toThrow(/it is checked out in .*aside/);
  });

  test.each(['-x', 'a..b', 'HEAD', '', 'a b', '@{-1}'])('B10 "%s" is no name of a branch', async (name) => {
    await refused({ branch: name }).toThrow(/that is no name of a branch\. Name another\.$/);
  });

  test.each(['../x.md', '/x.md', '.git/hooks/x', 'a/.GIT/x', 'a//b', 'a\\b', ''])(
    'B10 "%s" is no path',
    async (path) => {
      await refused({}, new Map([[path, 'x']])).toThrow(/it is no path inside a repository/);
    },
  );

  test('B10 a file where a folder is to be, or a link where a file is', async () => {
    commit('docs', 'a file\n');
    await refused({}).toThrow('Cannot write the documents: docs is in their way, which is no file or no folder');
    git('rm', '-q', 'docs');
    symlinkSync('README.md', join(repository, 'MEMORY.md'));
    git('add', 'MEMORY.md');
    git('commit', '-q', '-m', 'link');
    await refused({}).toThrow('MEMORY.md is in their way');
    expect(git('branch', '--list', branch)).toBe('');
  });
});
