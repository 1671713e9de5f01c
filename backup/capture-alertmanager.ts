/** Alertmanager: silences, and who was told what. It writes both anew every quarter of an hour, beside the old and then in their place. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { allStaged, type Capture } from './captured.ts';
import { stageFile } from './stage.ts';

export const captureAlertmanager: Capture = async ({ folder }, staged) => {
  const names = readdirSync(folder);
  for (const name of ['silences', 'nflog'])
    if (names.includes(name)) await stageFile(join(folder, name), join(staged, name), false);
  return allStaged;
};
