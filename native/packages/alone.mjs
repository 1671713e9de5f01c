import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** How long one command waits for another's install; a slow registry takes some minutes. */
const waitMs = 15 * 60_000;

/**
 * Does `work` while no other command does: two installs at once would take the packages from under each other. The lock
 * is a link that points at its holder's process; SQLite's, as in ../lock.ts, an older Node has not.
 */
export function alone(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  const until = Date.now() + waitMs;
  let isTold = false;
  while (!take(lock)) {
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) takeOver(lock);
    else if (holder !== undefined && !isTold) {
      process.stderr.write(`Another command (process ${holder}) installs the packages: waiting for it …\n`);
      isTold = true;
    }
    if (Date.now() > until) {
      console.error(
        `Cannot install: process ${holder} holds ${lock} for long. If it installs nothing, delete that link.`,
      );
      process.exit(1);
    }
    // Long enough that whoever saw the same dead holder has taken over too: the last has it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
  }
  const letGo = () => rmSync(lock, { force: true });
  // A Ctrl-C ends npm, and then us, by its exit code: not before the lock is gone.
  const ignore = () => {};
  process.once('exit', letGo).on('SIGINT', ignore);
  work();
  process.off('exit', letGo).off('SIGINT', ignore);
  letGo();
}

function take(lock) {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return holderOf(lock) === process.pid;
    throw error;
  }
}

function takeOver(lock) {
  const own = `${lock}-${process.pid}`;
  rmSync(own, { force: true });
  symlinkSync(String(process.pid), own);
  renameSync(own, lock);
}

function holderOf(lock) {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return undefined; // let go meanwhile
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
