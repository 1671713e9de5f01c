import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long one command waits for another's work; a slow registry takes some minutes. */
const waitMs = 15 * 60_000;

/**
 * Does `work` while no other command does. The lock is a link that names its holder, a process and when that was born:
 * numbers are given out again. `work` names the program that it starts, which may outlive us. SQLite's lock, as in
 * ../lock.ts, an older Node has not.
 */
export async function alone(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  const until = Date.now() + waitMs;
  let isTold = false;
  while (!take(lock)) {
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) put(lock, process.pid);
    else if (holder !== undefined && !isTold) {
      process.stderr.write(`Another command (process ${pidOf(holder)}) installs the packages: waiting for it …\n`);
      isTold = true;
    }
    if (Date.now() > until)
      throw new Error(`Cannot install: ${lock} is held for long. If nothing installs, delete that link.`);
    // Long enough that whoever saw the same dead holder has put itself there too: the last has it.
    await delay(250);
  }
  let named = nameOf(process.pid);
  const letGo = () => {
    if (holderOf(lock) === named) rmSync(lock, { force: true });
  };
  process.once('exit', letGo);
  try {
    return await work((pid) => {
      put(lock, pid);
      named = nameOf(pid);
    });
  } finally {
    process.off('exit', letGo);
    letGo();
  }
}

function take(lock) {
  try {
    symlinkSync(nameOf(process.pid), lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return holderOf(lock) === nameOf(process.pid);
  }
}

function put(lock, pid) {
  const own = `${lock}-${process.pid}`;
  rmSync(own, { force: true });
  symlinkSync(nameOf(pid), own);
  renameSync(own, lock);
}

function holderOf(lock) {
  try {
    return readlinkSync(lock);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined; // let go meanwhile
    throw error;
  }
}

const pidOf = (holder) => Number(holder.split(' ')[0]);
const nameOf = (pid) => `${pid} ${bornAt(pid) ?? ''}`;
const isAlive = (holder) => bornAt(pidOf(holder)) !== undefined && nameOf(pidOf(holder)) === holder;

/** As in engine/state.ts, which an older Node cannot read. */
function bornAt(pid) {
  if (process.platform !== 'linux') {
    const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() || undefined : undefined;
  }
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // no such process
  }
}
