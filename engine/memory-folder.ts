/** The folder that memory is written to, on Docker: of this machine, so that people and Git read it, and people write in it. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder; where none is named, Compose has a volume. */
export const memoryFolderSetting = 'FLEETSCOPE_MEMORY_ROOT';

/** The group of what both write in. */
export const memoryGroupSetting = 'FLEETSCOPE_MEMORY_GROUP';

/** Makes it, and lets the container in by the group of whoever starts it. @returns what compose.yml is told of it */
export function needMemoryFolder(home: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const folder = resolve(env[memoryFolderSetting] || join(home, 'memory'));
  mkdirSync(folder, { recursive: true });
  const { uid, gid, mode } = statSync(folder);
  // Docker Desktop gives the files of a container to whoever runs it.
  if (process.platform !== 'linux' || uid !== process.getuid?.()) return { [memoryFolderSetting]: folder };
  // What is made in it has its group too, and is as open (monitor/memory/schedule/write-file.ts).
  chmodSync(folder, (mode & 0o7777) | 0o2070);
  return { [memoryFolderSetting]: folder, [memoryGroupSetting]: env[memoryGroupSetting] || String(gid) };
}
