import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cniFolder, systemPrograms } from './tools.ts';

/** @throws Error that names what is missing, and the packages that bring it. */
export async function needSystem(env = process.env): Promise<void> {
  const missing = Object.entries(systemPrograms).filter(([program]) => !isOnPath(program, env));
  const packages = new Set(missing.map(([, name]) => name));
  if (!isThere(join(cniFolder, 'bridge'))) packages.add('containernetworking-plugins' as never);
  if (packages.size > 0)
    throw new Error(`Cannot start a cluster here: install ${[...packages].join(', ')} (Debian: apt-get install).`);
  if (process.getuid?.() !== 0) throw new Error('Cannot start a cluster here: a kubelet needs root. Run it as root.');
}

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  return [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => isThere(join(folder, program)));
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
