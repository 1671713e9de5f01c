/** The database file of memory, and how it is opened. */
import { openFile, type SqliteFile } from '../../../../service/sqlite-file.ts';
import type { OpenMemoryOptions } from '../memory-store.ts';
import { schema } from './schema.ts';

/** Up to this size a file is checked whole when it is opened; a bigger one takes too long for a command. See `damage()`. */
const checkedBytes = 8 * 1024 * 1024;

/** What a person is told whose command found it so. */
const left =
  'It is left as it is. What writes to it sets it aside at its next start, and keeps what can be read; or move it away.';

export function openMemoryFile(
  path: string,
  notice: (line: string) => void,
  { ifDamaged, onBroken }: OpenMemoryOptions,
): SqliteFile {
  const onDamaged = (why: string) => notice(`${path} is damaged (${why}), and what is read may not be all. ${left}`);
  return openFile(path, {
    ...{ schema, checkedBytes, onBroken },
    ...(ifDamaged === 'leave' && { onDamaged, remedies: { damaged: left } }),
    pragmas: 'PRAGMA cache_size = -16384',
  });
}
