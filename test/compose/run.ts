/** A run, sent to the Collector as any client sends one, and what the ledger in its container says of it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { postJson } from '../../doctor/ask.ts';
import { compose, type Place, url } from '../../place.ts';
import type { Project } from './project.ts';

export async function sendRun(place: Place, session: string): Promise<void> {
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'workflow.execute',
    kind: 1,
    startTimeUnixNano: `${Date.now() - 2000}000000`,
    endTimeUnixNano: `${Date.now() - 1000}000000`,
    attributes: [
      { key: 'workflow.id', value: { stringValue: session } },
      { key: 'workflow.name', value: { stringValue: 'compose' } },
      { key: 'workflow.status', value: { stringValue: 'completed' } },
    ],
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'compose-test' } }] };
  await postJson(`${url(place, 'collector', 'http')}/v1/traces`, {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans: [span] }] }],
  });
}

/** The status that the database holds, asked until it is the one that is expected, for half a minute at most. */
export async function ledgerSays(project: Project, session: string, expected: string | undefined) {
  const program = `
    const { DatabaseSync } = require('node:sqlite');
    const ledger = new DatabaseSync('${compose.data('monitor')}/ledger.db', { readOnly: true });
    const row = ledger.prepare('SELECT status FROM orchestrations WHERE session_id = ?').get('${session}');
    process.stdout.write(row?.status ?? '');`;
  for (let tries = 0; ; tries++) {
    const said = (await project.compose({}, 'exec', '--no-TTY', 'monitor', 'node', '-e', program)).trim();
    const status = said === '' ? undefined : said;
    if (status === expected || tries === 60) return status;
    await delay(500);
  }
}
