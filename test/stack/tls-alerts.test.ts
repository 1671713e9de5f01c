/** An alert on its way from Alertmanager to the escalation service, which know each other by certificates. (P06) */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getJson, postJson, until } from '../../doctor/ask.ts';
import { asKnown, type Way } from '../../doctor/known.ts';
import { startTlsServers, type TlsServers } from './tls-servers.ts';
import { tellTrial } from './trial-alert.ts';

let servers: TlsServers;
let way: Way;

beforeAll(async () => {
  servers = await startTlsServers(['escalation', 'alertmanager']);
  way = await asKnown(servers.known(), servers.port('alertmanager', 'http'));
}, 120_000);

afterAll(async () => {
  way?.close();
  await servers?.stop();
});

const people = () => `http://127.0.0.1:${servers.port('escalation', 'http')}`;

/** An alert is told to Alertmanager, and is an incident. */
async function handedOver(service: string): Promise<void> {
  const labels = { alertname: 'AgentSilent', service_name: service, severity: 'critical', team: 'fleet' };
  await postJson(`http://127.0.0.1:${way.port}/api/v2/alerts`, [{ labels, annotations: { summary: 'silent' } }]);
  await isIncident(`silent (${service})`);
}

async function isIncident(text: string): Promise<void> {
  const authorization = `Bearer ${servers.secret('escalation-api-token')}`;
  const told = async () =>
    JSON.stringify(await getJson(`${people()}/api/incidents`, undefined, { authorization })).includes(text);
  expect(await until(told, { timeoutMs: 60_000, everyMs: 200 })).toEqual({ found: true });
}

test('P06 an alert is handed over by certificate and token, and is an incident that people find in plain', async () => {
  await handedOver('tls');
  const webhook = { authorization: `Bearer ${servers.secret('escalation-webhook-token')}` };
  expect((await fetch(`${people()}/alerts`, { method: 'POST', headers: webhook })).status).toBe(404);
});

test('P06 the alert of docs/deploy.md is taken by certificate and is an incident; in plain it is not', async () => {
  const port = servers.port('alertmanager', 'http');
  await expect(tellTrial(port)).rejects.toThrow(/^amtool: error: /m);
  await tellTrial(port, servers.configs('alertmanager'));
  await isIncident(`"title":"trial"`);
});

test('P06 a certificate that is renewed, by another authority even, is shown by Alertmanager without a restart', async () => {
  // From here on the escalation service trusts the next authority alone.
  await servers.renew();
  way.close();
  way = await asKnown(servers.known(), servers.port('alertmanager', 'http'));
  await handedOver('renewed');
});
