/** `node backup/bundle.ts <folder>`: the program of the image, one file with all that it imports. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { backupTool } from '../stack.ts';

const repository = join(import.meta.dirname, '..');

/** Writes into an empty folder: `node backup.js` runs it there. */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const made = await rolldown({
    cwd: repository,
    input: join(repository, 'scripts', 'backup-image.ts'),
    platform: 'node',
    external: [/^node:/],
    checks: { bundlerTimings: false },
    onLog(level, log) {
      if (level === 'warn') throw new Error(`Cannot bundle: ${log.message}`);
    },
  });
  await made.write({ file: join(folder, 'backup.js'), format: 'es', sourcemap: true, codeSplitting: false });
  await made.close();
  const about = {
    name: 'fleetscope-backup',
    version: backupTool.image.split(':').at(-1),
    private: true,
    type: 'module',
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('Cannot bundle: no folder was named. Say which: node backup/bundle.ts <folder>.');
  await bundle(folder);
}
