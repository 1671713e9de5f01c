/** Where restic comes from: one on PATH whose releases we know, else built once from its pinned Go module. */
import { join } from 'node:path';
import { execa } from 'execa';
import { needTool, type Tool } from '../native/tool.ts';
import { backupTool } from '../stack.ts';

const { module, release } = backupTool.native;

/** Static: an image needs nothing else. */
export const resticTool: Tool = {
  name: 'restic',
  programs: { restic: `${module}/cmd/restic` },
  remedy: `Install a Go as new as native/restic/go.mod asks for (https://go.dev/dl), or restic ${release} on PATH (https://restic.net).`,
};

/** The oldest whose exit codes we read. */
const oldest = [0, 17] as const;

export async function resticProgram(env: NodeJS.ProcessEnv, notice: (line: string) => void): Promise<string> {
  const { stdout, failed } = await execa('restic', ['version'], { reject: false, env, timeout: 10_000 });
  const found = failed ? undefined : /restic (\d+)\.(\d+)\.\d+/.exec(stdout);
  if (found && isKnown(Number(found[1]), Number(found[2]))) return 'restic';
  if (found) notice(`${found[0]} on PATH is older than ${oldest.join('.')}: using our own.`);
  return join(await needTool(resticTool, notice, env), 'restic');
}

function isKnown(major: number, minor: number): boolean {
  return major > oldest[0] || minor >= oldest[1];
}
