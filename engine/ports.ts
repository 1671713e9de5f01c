import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { type Place, portSetting, portSettings } from '../place.ts';
import { type Local, parts } from '../stack.ts';

/**
 * @throws Error that names every taken port, its owner if the system tells, and the setting that moves ours to a port which
 * is free and not another part's; for several, all the settings in one line as well, to stand before what was typed.
 */
export async function needFreePorts(place: Place, components: readonly Local[]): Promise<void> {
  const ours = new Set([...portSettings.values()].map(({ component, port }) => place.port(component, port as never)));
  const taken: string[] = [];
  const moves: string[] = [];
  for (const component of components) {
    for (const name of Object.keys(parts[component].ports)) {
      const port = place.port(component, name as never);
      if (await isFree(place.bind, port)) continue;
      const instead = await freeAfter(port, place.bind, ours);
      const move = `${portSetting(component, name)}=${instead}`;
      ours.add(instead);
      moves.push(move);
      taken.push(
        `Cannot start ${parts[component].title}: port ${port} is taken${await ownerOf(port)}. Stop it, or move ours: ${move}.`,
      );
    }
  }
  if (moves.length > 1) taken.push(`All moved at once, before the same command: ${moves.join(' ')}`);
  if (taken.length > 0) throw new Error(taken.join('\n'));
}

/** Of those that need no rights; after the last comes the first. */
const [firstPort, lastPort] = [1_024, 65_535];

/** @throws Error where there is none at all. */
async function freeAfter(port: number, host: string, ours: ReadonlySet<number>): Promise<number> {
  const after = (one: number) => (one >= lastPort ? firstPort : Math.max(one + 1, firstPort));
  for (let next = after(port); next !== port; next = after(next))
    if (!ours.has(next) && (await isFree(host, next))) return next;
  throw new Error(`Cannot move port ${port}: none of ${host} is free. Stop something.`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** ` by pid 812 (loki)`, or nothing when the system does not say. */
async function ownerOf(port: number): Promise<string> {
  if (process.platform === 'linux') return ownerFromProc(port);
  const { stdout } = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { reject: false });
  const pid = /^p(\d+)/m.exec(stdout ?? '')?.[1];
  return pid ? ` by pid ${pid} (${/^c(.*)/m.exec(stdout ?? '')?.[1]})` : '';
}

/** The socket's inode from the kernel's table, then the process that holds it; other users' processes stay unknown. */
function ownerFromProc(port: number): string {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table, '').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === '0A') inodes.add(`socket:[${fields[9]}]`);
    }
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (holdsAny(pid, inodes)) return ` by pid ${pid} (${readOr(`/proc/${pid}/comm`, '?').trim()})`;
  }
  return '';
}

function holdsAny(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // It ended meanwhile, or is not ours to look into.
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
