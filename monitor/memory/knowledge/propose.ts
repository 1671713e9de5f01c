/**
 * Documents as one commit on a branch, for a person to read and merge. Neither the checkout, nor its index, nor HEAD is touched, nothing of the
 * repository is run, and nothing is pushed. (B10)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cutoffOf } from '../periods.ts';
import { type Git, type GitError, gitIn } from './git.ts';

export interface Proposal {
  /** A folder of the checkout, which paths are below; or a bare repository. */
  readonly repository: string;
  /** e.g. `fleetscope/memory`. Made where it is not there, from HEAD. */
  readonly branch: string;
  /** `2026-W07`, `2026-02-15`: names the commit, and dates it to the moment at which the period was closed. */
  readonly period: string;
  readonly author?: { readonly name: string; readonly email: string };
}

export interface Proposed {
  readonly commit: string;
  /** False: the branch says all of it already. */
  readonly isNew: boolean;
}

const us = { name: 'Fleetscope', email: 'memory@fleetscope.invalid' };

/**
 * @param files text by path from the folder that is named.
 * @throws RangeError where there is no Git, no repository, no such branch can be, it is checked out, or somebody else moved it meanwhile.
 */
export async function propose(proposal: Proposal, files: ReadonlyMap<string, string>): Promise<Proposed> {
  const { repository, branch, period, author = us } = proposal;
  for (const path of files.keys()) checkPath(path);
  const git = gitIn(repository);
  const { ref, tip, base } = await baseOf(git, proposal);
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-propose-'));
  try {
    const own = gitIn(repository, { GIT_INDEX_FILE: join(folder, 'index') });
    const folderThere = await prefixOf(git);
    const tree = await treeOf(own, base, new Map([...files].map(([path, text]) => [folderThere + path, text])));
    if (base !== undefined && tree === (await git(['rev-parse', `${base}^{tree}`])))
      return { commit: base, isNew: false };
    if (base !== undefined) await checkNothingGoes(git, base, tree);
    const at = new Date(cutoffOf(period)).toISOString();
    const who = (role: string) => ({
      ...{ [`GIT_${role}_NAME`]: author.name, [`GIT_${role}_EMAIL`]: author.email, [`GIT_${role}_DATE`]: at },
    });
    const write = gitIn(repository, { ...who('AUTHOR'), ...who('COMMITTER') });
    const parent = base === undefined ? [] : ['-p', base];
    const message = `Memory: ${period}\n\nWritten from what the fleet did; every sentence names what it rests on.\n`;
    const commit = await write(['commit-tree', tree, ...parent], message);
    // Only if nobody moved it since it was looked at.
    await write(['update-ref', '-m', `memory: ${period}`, ref, commit, tip ?? '0'.repeat(commit.length)]).catch(
      (cause: unknown) => {
        throw new RangeError(
          `Cannot write to ${branch}: ${(cause as Error).message}. Somebody else may be writing to it: run it again.`,
          { cause },
        );
      },
    );
    return { commit, isNew: true };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files as the branch has them: what was written there by people is kept by what is proposed next. */
export async function presentOn(
  proposal: Pick<Proposal, 'repository' | 'branch'>,
): Promise<(path: string) => Promise<string | undefined>> {
  const git = gitIn(proposal.repository, {}, 'as it is');
  const { base } = await baseOf(gitIn(proposal.repository), proposal);
  const folder = await prefixOf(git);
  return async (path) => {
    if (base === undefined) return undefined;
    const entry = await git(['ls-tree', '--full-tree', '-z', base, '--', `:(literal)${folder}${path}`]);
    const oid = /^100\d{3} blob ([\da-f]+)\t/.exec(entry)?.[1];
    return oid === undefined ? undefined : git(['cat-file', 'blob', oid]);
  };
}

/** Of a folder below the top of a checkout, its path from there, and `/`. */
async function prefixOf(git: Git): Promise<string> {
  return (await git(['rev-parse', '--show-prefix'])).replace(/\n$/, '');
}

interface Base {
  readonly ref: string;
  /** Where the branch is. */
  readonly tip: string | undefined;
  /** What the commit comes after: the branch, or HEAD, where the branch is part of that. Undefined: nothing was committed yet. */
  readonly base: string | undefined;
}

async function baseOf(git: Git, { repository, branch }: Pick<Proposal, 'repository' | 'branch'>): Promise<Base> {
  await git(['rev-parse', '--git-dir']).catch((error: GitError) => {
    if (error.isMissing) throw error;
    throw new RangeError(
      `Cannot write to ${branch}: ${resolve(repository)} is no Git repository (${error.message}). Name the folder of a checkout.`,
      { cause: error },
    );
  });
  await git(['check-ref-format', '--branch', branch]).catch((cause: unknown) => {
    throw new RangeError(`Cannot write to ${JSON.stringify(branch)}: that is no name of a branch. Name another.`, {
      cause,
    });
  });
  const ref = `refs/heads/${branch}`;
  const worktrees = (await git(['worktree', 'list', '--porcelain'])).split(/\n\n+/);
  const taken = worktrees.find((one) => one.split('\n').includes(`branch ${ref}`) && !/^bare$/m.test(one));
  if (taken !== undefined)
    throw new RangeError(
      `Cannot write to ${branch}: it is checked out in ${/^worktree (.*)$/m.exec(taken)?.[1]}. Name a branch that is not, or check out another there.`,
    );
  const commitAt = (name: string) =>
    git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]).catch(() => undefined);
  const [tip, head] = [await commitAt(ref), await commitAt('HEAD')];
  if (tip === undefined || head === undefined) return { ref, tip, base: tip ?? head };
  const isMerged = await git(['merge-base', '--is-ancestor', tip, head]).then(
    () => true,
    () => false,
  );
  return { ref, tip, base: isMerged ? head : tip };
}

async function treeOf(git: Git, base: string | undefined, files: ReadonlyMap<string, string>): Promise<string> {
  await git(base === undefined ? ['read-tree', '--empty'] : ['read-tree', base]);
  const entries: string[] = [];
  for (const [path, text] of files) {
    // As it is: no filter and no line ends of this machine.
    const oid = await git(['hash-object', '-w', '--stdin', '--no-filters'], text);
    entries.push(`100644 ${oid}\t${path}\0`);
  }
  await git(['update-index', '-z', '--add', '--index-info'], entries.join(''));
  return git(['write-tree']);
}

/** A file where a folder is to be, or a link where a file is: Git would take it away without a word. */
async function checkNothingGoes(git: Git, base: string, tree: string): Promise<void> {
  const gone = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=DT', base, tree]);
  const [path] = gone.split('\0');
  if (path)
    throw new RangeError(
      `Cannot write the documents: ${path} is in their way, which is no file or no folder as they need it. Move it, or write them elsewhere.`,
    );
}

/** @throws RangeError for what would leave the repository, or become part of its innards. */
function checkPath(path: string): void {
  const parts = path.split('/');
  const isFine = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.git/i.test(part));
  if (!isFine || /[\0\n\\]/.test(path))
    throw new RangeError(
      `Cannot write ${JSON.stringify(path)}: it is no path inside a repository. Name one from its root.`,
    );
}
