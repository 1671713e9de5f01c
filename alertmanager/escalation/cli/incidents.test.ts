import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer } from '../http/server.ts';
import { hookRun } from '../http/testing/hook-run.ts';
import { group, service, tokens, webhookHeaders } from '../http/testing/service.ts';
import { apiClient } from './api-client.ts';
import { commands } from './commands.ts';
import { findIncident } from './find-incident.ts';
import { readToken } from './read-token.ts';

const here = service();
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-incidents-'));
const tokenFile = join(folder, 'token');
let server: Awaited<ReturnType<typeof openServer>>;

beforeAll(async () => {
  writeFileSync(tokenFile, `${tokens.api}\n`);
  server = await openServer(here.deps);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function open(service_name: string): Promise<string> {
  const body = JSON.stringify(group({ labels: { service_name } }));
  const answer = await fetch(`${server.url}/alerts`, { method: 'POST', headers: webhookHeaders, body });
  return ((await answer.json()) as { incidents: [string] }).incidents[0];
}

async function run(line: string, options: Record<string, string | true> = {}, token = tokens.api) {
  const [name, ...args] = line.split(' ');
  const printed: string[] = [];
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  const outcome = await command?.run({
    client: apiClient({ url: server.url, token }),
    ...{ args, options, actor: 'ana', now: here.clock.now + 720_000 },
    table: (rows) => rows.map((row) => row.join('|')).join('\n'),
    line: (text) => printed.push(text),
  });
  return { printed, text: outcome?.text ?? '', json: outcome?.json, findings: outcome?.findings ?? false };
}

test('X02 an incident is found by the end of its id, answered, and shown as it is then', async () => {
  const id = await open('first');
  const end = id.slice(-4);
  expect((await run('list')).text).toBe(
    `ID|SEVERITY|STATE|TEAM|AGE|WHO|TITLE\n${id}|critical|open|fleet|12 min|-|The agent agent-0 is silent (first)`,
  );
  expect((await run(`ack ${end}`)).text).toBe(`${id} is acknowledged: The agent agent-0 is silent (first)`);
  await run(`assign ${end} ben`);
  await run(`note ${end} restarted it twice`);
  await run(`snooze ${end} 2h`);
  const { text, json } = await run(`show ${end}`);
  expect(text).toMatch(/^The agent agent-0 is silent \(first\)\n\nid\|/);
  expect(text).toMatch(/state\|snoozed until 2026-11-26T11:30:15.000Z/);
  expect(text).toMatch(/assigned to\|ben/);
  expect(text).toMatch(/runbook {4}https:\/\/runbooks\.example/);
  expect(text).toMatch(/ana: restarted it twice/);
  expect(json).toMatchObject({ id, notes: [{ by: 'ana', text: 'restarted it twice' }] });
  expect((await run(`timeline ${end}`)).text).toMatch(/\|ana\|snoozed\|by cli/);
  await run(`resolve ${id}`);
  expect((await run('list')).text).toBe('Nothing is open.');
  expect((await run('list', { all: true })).text).toMatch(/resolved/);
});

test('X02 an end that two ids have is not guessed', async () => {
  const ids = ['20261126-093015-aaaa', '20261126-093016-baaa', '20261126-093017-cccc'];
  const client = { get: async () => ({ incidents: ids.map((id) => ({ id })) }) } as never;
  expect(await findIncident(client, 'baaa')).toBe(ids[1]);
  await expect(findIncident(client, 'aaa')).rejects.toThrow(`${ids[0]}, ${ids[1]}. Give more of its end.`);
  await expect(findIncident(client, '')).rejects.toThrow(RangeError);
});

test('X04 a remedy that waits for a yes gets it by its number', async () => {
  const id = await open('remedy');
  const incident = await here.store.byId(id);
  if (incident) await here.store.save({ ...incident, version: 2, hookRuns: [hookRun(id, 1), hookRun(id, 2)] });
  expect((await run(`show ${id}`)).text).toMatch(/2\|pause-agent\|proposed\|/);
  await run(`approve ${id} 1`);
  await run(`refuse ${id} 2`);
  expect(await here.store.byId(id)).toMatchObject({
    hookRuns: [{ state: 'waiting', approvedBy: 'ana' }, { state: 'refused' }],
  });
});

test('X02 what is wrong is said, and whose doing it is', async () => {
  const [one, two] = [await open('x'), await open('y')];
  expect(one).not.toBe(two);
  await expect(run('show zzzzz')).rejects.toThrow(RangeError);
  await expect(run('show ')).rejects.toThrow(/no id of the newest/);
  await expect(run(`snooze ${one} soon`)).rejects.toThrow(/no duration/);
  await expect(run(`resolve ${one.slice(0, -1)}0`)).rejects.toThrow(/there is none/);
  await run(`resolve ${one}`);
  const again = run(`resolve ${one}`);
  await expect(again).rejects.toThrow(/ana resolved it/);
  await expect(again).rejects.not.toThrow(RangeError);
  await expect(run('list', {}, 'wrong')).rejects.toThrow(/does not know the token. Give --token-file/);
});

test('X06 the trail is verified: whole, and broken where somebody changed it', async () => {
  const { text, findings, json } = await run('audit', { verify: true });
  expect([findings, text]).toEqual([false, expect.stringMatching(/^The audit trail is whole: \d+ entries/)]);
  expect(json).toMatchObject({ ok: true });
  const { printed } = await run('audit', { from: '3' });
  expect(JSON.parse(printed[0] as string)).toMatchObject({ number: 3 });

  const { audit } = here.store;
  here.store.audit = async function* (from) {
    for await (const record of audit(from)) yield record.number === 2 ? { ...record, who: 'nobody' } : record;
  };
  const broken = await run('audit', { verify: true });
  here.store.audit = audit;
  expect([broken.findings, broken.text]).toEqual([
    true,
    expect.stringMatching(/^The audit trail is broken at 2: it was changed/),
  ]);
  await expect(run('audit', { verify: true, from: '2' })).rejects.toThrow(RangeError);
});

test('X02 the token comes from the file that is named, that a variable names, or that was made', () => {
  const env = { FLEETSCOPE_ESCALATION_API_TOKEN_FILE: tokenFile };
  expect(readToken(tokenFile, {}, 'nowhere')).toBe(tokens.api);
  expect(readToken(undefined, env, 'nowhere')).toBe(tokens.api);
  expect(readToken(undefined, {}, tokenFile)).toBe(tokens.api);
  expect(() => readToken(undefined, {}, join(folder, 'none'))).toThrow(/ENOENT\. "npm run up" makes it/);
  writeFileSync(join(folder, 'empty'), '\n');
  expect(() => readToken(join(folder, 'empty'), {}, '')).toThrow(/is empty/);
});
