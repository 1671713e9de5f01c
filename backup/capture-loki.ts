/** Loki on local files: its log, then the index, then the chunks, so that whatever left the one is in the next. */
import { join } from 'node:path';
import type { Capture } from './captured.ts';
import { isThere } from './sources.ts';
import { stageFolder } from './stage.ts';

/**
 * A line is in the log until its chunk is written and the index names it. A chunk is never written again, and stays for two hours after the
 * index has dropped it (`retention_delete_delay`). The compactor's notes of what it is about to delete stay out: a copy of them while they
 * are written to would stop it; what they name is a file too many after a restore, no line.
 */
export const captureLoki: Capture = async ({ folder }, staged) => {
  await stageFolder(join(folder, 'wal'), join(staged, 'wal'), { skip: (path) => path.endsWith('.tmp') });
  const active = 'tsdb-shipper-active';
  // The head of the index is a log as well; what is made of it is whole files.
  await stageFolder(join(folder, active, 'wal'), join(staged, active, 'wal'));
  await stageFolder(join(folder, active), join(staged, active), {
    whole: true,
    skip: (path) => path === 'wal' || path === 'scratch' || path.endsWith('.tmp') || path.endsWith('.temp'),
  });
  const chunks = join(folder, 'chunks');
  const index = join(chunks, 'index');
  const loose = isThere(chunks) ? [chunks] : [];
  await stageFolder(index, join(staged, 'chunks', 'index'), { whole: true });
  await stageFolder(join(folder, 'rules'), join(staged, 'rules'), { whole: true });
  // A volume that is mounted there has one.
  return { files: [], loose, without: [index, join(chunks, 'lost+found')] };
};
