import { rmSync } from 'node:fs';
import { type Daemon, stopDaemon } from './daemon.ts';
import { docker } from './docker.ts';

/** One step of the way back, as data: another process may have to take it. */
export type Step = { docker: string[]; env: NodeJS.ProcessEnv } | { daemon: Daemon } | { folder: string };

export async function undo(step: Step): Promise<void> {
  if ('docker' in step) await docker(step.docker, { env: step.env });
  else if ('daemon' in step) await stopDaemon(step.daemon);
  else rmSync(step.folder, { recursive: true, force: true });
}
