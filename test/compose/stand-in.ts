import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compose, readyUrl } from '../../place.ts';
import { tempoLine } from '../../tempo/line.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { busyboxPath } from './recipes.ts';

/**
 * The Compose file that lets an older Tempo stand in for the shipped one: its own line's configuration over
 * `tempo.yaml`, and busybox for the health check, because it has no `-health`.
 */
export function tempoStandIn(release: string, folder: string): string {
  const config = join(folder, 'tempo.yaml');
  writeFileSync(config, yaml(tempo(compose, tempoLine(release))), { mode: 0o644 });
  const file = join(folder, 'tempo-stand-in.yml');
  const test = [
    'CMD',
    busyboxPath,
    'wget',
    '-q',
    '-O',
    '/dev/null',
    readyUrl({ ...compose, host: () => '127.0.0.1' }, 'tempo'),
  ];
  const services = { tempo: { healthcheck: { test }, volumes: [`${config}:/etc/tempo.yaml:ro`] } };
  writeFileSync(file, yaml({ services }));
  return file;
}
