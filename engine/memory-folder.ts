/** The folder that memory is written to, on Docker: of this machine, so that people and Git read it, and people write in it. */
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stack } from '../stack.ts';
import { readingGroups } from './prepare.ts';

/** The folder; where none is named, Compose has a volume. */
export const memoryFolderSetting = 'FLEETSCOPE_MEMORY_ROOT';

/** The group of what both write in. */
export const memoryGroupSetting = 'FLEETSCOPE_MEMORY_GROUP';

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

export interface FolderOptions {
  readonly rootless: boolean;
  readonly notice: (line: string) => void;
  /** Who starts it. Default: whose this process is. */
  readonly me?: Ids;
}

/** Makes it, and lets the container in by the group of whoever starts it. @returns what compose.yml is told of it */
export function needMemoryFolder(
  home: string,
  env: NodeJS.ProcessEnv,
  { rootless, notice, me = ours() }: FolderOptions,
): Record<string, string> {
  const folder = resolve(env[memoryFolderSetting] || join(home, 'memory'));
  mkdirSync(folder, { recursive: true });
  const is = statSync(folder);
  const given = { [memoryFolderSetting]: folder };
  // Docker Desktop gives the files of a container to whoever runs it.
  if (process.platform !== 'linux') return given;
  const mine = is.uid === me.uid || me.uid === 0;
  const named = env[memoryGroupSetting];
  const access = groupFor(is, { ...me, rootless });
  if (!named && 'why' in access) {
    notice(
      `Memory may not be able to write to ${folder}: ${access.why}. Make it yours (sudo chown -R "$(id -u):$(id -g)" ${folder}), or name another by ${memoryFolderSetting}.`,
    );
    return given;
  }
  if (!named && 'chgrp' in access) chownSync(folder, is.uid, access.group);
  // What is made in it has its group too, and is as open (monitor/memory/schedule/write-file.ts).
  if (mine) chmodSync(folder, (is.mode & 0o7777) | 0o2070);
  return { ...given, [memoryGroupSetting]: named || String('group' in access ? access.group : is.gid) };
}

function ours(): Ids {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** By which group the container writes in a folder: none by which secrets are read, nor that of this machine's root. */
export function groupFor(
  { uid, gid }: Ids,
  me: Ids & { readonly rootless: boolean },
): { readonly group: number; readonly chgrp?: true } | { readonly why: string } {
  if (uid !== me.uid && me.uid !== 0) return { why: 'it is not yours' };
  // In a rootless engine there are other numbers: of ours it knows one, as 0.
  if (me.rootless) return gid === me.gid ? { group: 0 } : { why: `a rootless engine does not know its group ${gid}` };
  if (gid !== 0 && !readingGroups.has(gid)) return { group: gid };
  if (me.uid === 0) return { group: stack.memory.user, chgrp: true };
  return { why: `its group ${gid} is one that reads more than this` };
}
