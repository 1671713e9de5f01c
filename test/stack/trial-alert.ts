/** The alert that somebody who has set up a cluster tells it, as docs/deploy.md has it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../../scripts/twins.ts';
import { parts } from '../../stack.ts';
import { programs } from './stack.ts';

/** Its label `alertname`. */
export const trial = 'Trial';

/**
 * Runs the command of the page, by the program beside Alertmanager's.
 * @param port where it is on this machine. @param configs what stands in its pod under /etc/fleetscope/tls, where it has certificates.
 */
export async function tellTrial(port: number, configs?: string): Promise<void> {
  const page = readFileSync(join(repository, 'docs', 'deploy.md'), 'utf8');
  const [, command, scheme, option] =
    /-- amtool (alert add alertname=Trial [^`]+)`; where parts have certificates `(https:\/\/)`, and `([^`]+)`/.exec(
      page,
    ) ?? [];
  const asked = `http://localhost:${parts.alertmanager.ports.http}`;
  if (!command?.endsWith(asked))
    throw new Error('Cannot find the alert of docs/deploy.md: it is told differently there.');
  const at = `${configs === undefined ? 'http://' : scheme}localhost:${port}`;
  const more = configs === undefined ? [] : [(option as string).replace('/etc/fleetscope/tls', configs)];
  const amtool = join(dirname((await programs()).alertmanager?.program as string), 'amtool');
  await execa(amtool, [...command.replace(asked, at).split(' '), ...more]);
}
