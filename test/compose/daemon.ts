/** A Docker daemon of our own, for machines that have the program but do not run it. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { tailOf } from '../../engine/log-file.ts';
import { identify, isAlive, type Pid } from '../../engine/state.ts';
import { findProgram } from './programs.ts';

const startsWithinMs = 60_000;

/** `dockerd` if we may run it, otherwise what is missing. */
export function daemonProgram(env: NodeJS.ProcessEnv): { path: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: 'only Linux runs a Docker daemon directly' };
  const path = findProgram('dockerd', env);
  if (!path) return { missing: 'there is no "dockerd" on PATH to start one' };
  if (process.getuid?.() !== 0) return { missing: `${path} can be started by root only` };
  return { path };
}

/** One of our daemons, as data: whoever has it can stop it. */
export interface Daemon {
  folder: string;
  /** The address for DOCKER_HOST. */
  host: string;
  process: Pid | undefined;
  /** Control groups that were there before. */
  theirGroups: string[];
}

/**
 * Starts a daemon whose every file is in one folder; it may not answer yet. It leaves the host's firewall, forwarding
 * and default bridge alone: containers reach each other over the bridge of their own network, and docker-proxy
 * publishes on loopback.
 */
export function startDaemon(program: string, env: NodeJS.ProcessEnv): Daemon {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-engine-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const theirGroups = controlGroups();
  const log = openSync(logOf(folder), 'a');
  const { pid } = spawn(
    program,
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--host', host, '--pidfile', join(folder, 'docker.pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ],
    { env, detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  return { folder, host, process: pid === undefined ? undefined : identify(pid), theirGroups };
}

/** Calls `ask` until it does not reject any more. @throws Error with the daemon's last words when it never answers. */
export async function answering<T>(daemon: Daemon, ask: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + startsWithinMs; ; await delay(200)) {
    try {
      return await ask();
    } catch (cause) {
      if (isAlive(daemon.process) && Date.now() < deadline) continue;
      throw new Error(
        `Cannot start a Docker daemon of our own: it did not answer. Its last words:\n${tailOf(logOf(daemon.folder))}\nStart an engine by hand, then run the command again.`,
        { cause },
      );
    }
  }
}

/** Stops it and its containers, and removes everything it made. */
export async function stopDaemon(daemon: Daemon): Promise<void> {
  if (daemon.process && isAlive(daemon.process)) process.kill(daemon.process.pid, 'SIGTERM');
  while (isAlive(daemon.process)) await delay(100);
  await unmount(daemon.folder);
  rmSync(daemon.folder, { recursive: true, force: true });
  const isEmpty = (group: string) => !readdirSync(group, { withFileTypes: true }).some((entry) => entry.isDirectory());
  for (const group of controlGroups()) if (!daemon.theirGroups.includes(group) && isEmpty(group)) rmdirSync(group); // Not one that another daemon uses now.
}

function logOf(folder: string): string {
  return join(folder, 'log');
}

/** What a daemon leaves mounted: network namespaces, and its storage if it was killed. */
async function unmount(folder: string): Promise<void> {
  const left = mounts().filter(({ path }) => path.startsWith(`${folder}/`));
  for (const { path } of left.reverse()) await execa('umount', [path]);
}

/** The groups below which a daemon puts its containers' groups; it makes them, and leaves them behind empty. */
function controlGroups(): string[] {
  return mounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path }) => join(path, 'docker'))
    .filter(existsSync);
}

function mounts(): { path: string; type: string }[] {
  const lines = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, path = '', type = ''] = line.split(' ');
    return { path, type };
  });
}
