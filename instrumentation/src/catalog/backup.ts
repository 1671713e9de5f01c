/** What backups say of themselves: a run ends, so it leaves the time at which it was done, or was begun in vain. (P05) */
import { label } from './attribute.ts';
import { outcome } from './attributes.ts';
import { gauge } from './metric.ts';

export const backupPart = label('backup.part', 'Whose data, e.g. `loki`', { atMost: 20 });

export const lastBackup = gauge('backup.last_run.timestamp', {
  unit: 's',
  means:
    'When the newest whole backup of a part was done, or the last one that failed was begun, in seconds since 1970.',
  labels: [backupPart, outcome],
  source: { id: 'P05' },
  by: 'backup',
  needs: 'a backup that is made by the clock',
});
