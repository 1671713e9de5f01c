import { expect, test } from 'vitest';
import { hookRun } from '../testing/hook-run.ts';
import { group, service, tokens, webhookHeaders } from '../testing/service.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const sameOrigin = { 'sec-fetch-site': 'same-origin' };

async function loggedIn() {
  const here = service();
  const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = sameOrigin) =>
    here.app.inject({
      method: 'POST',
      url,
      headers: { ...form, ...headers },
      payload: `${new URLSearchParams(fields)}`,
    });
  const login = await post('/incidents/login', { name: 'Ana', token: tokens.api });
  const setCookie = `${login.headers['set-cookie']}`;
  const cookie = setCookie.split(';')[0] as string;
  const open = async (
    labels: Record<string, string> = {},
    alerts: Record<string, unknown>[] = [{}],
    receiver?: string,
  ) => {
    const payload = group({ labels, alerts, ...(receiver && { receiver }) });
    const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload });
    here.clock.now += 1000;
    return answer.json().incidents[0] as string;
  };
  const get = (url: string, headers: Record<string, string> = { cookie }) => here.app.inject({ url, headers });
  return { ...here, post, login, setCookie, cookie, get, open };
}

test('X02 who logs in has a cookie that no script, no other site and no other key can use, for 12 hours', async () => {
  const { login, setCookie, cookie, get, clock, open } = await loggedIn();
  expect([login.statusCode, login.headers.location]).toEqual([303, '../incidents']);
  expect(setCookie).toMatch(/^fleetscope_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
  const id = await open();
  expect((await get(`/incidents/${id}`)).body).toMatch(/Acknowledge/);
  const [payload = ''] = /(?<==)[^.]+\.[^.]+/.exec(cookie) ?? [];
  const someoneElse = cookie.replace(payload, `${payload.split('.')[0]}.${Buffer.from('Root').toString('base64url')}`);
  for (const bad of ['', 'fleetscope_session=', someoneElse, cookie.slice(0, -1), `x${cookie}`])
    expect((await get(`/incidents/${id}`, { cookie: bad })).body).toMatch(/Log in to see incidents/);
  const elsewhere = service({ tokens: { ...tokens, api: 'a new token' } });
  expect((await elsewhere.app.inject({ url: '/incidents', headers: { cookie } })).body).toMatch(/Log in/);
  clock.now += 12 * 3_600_000;
  expect((await get('/incidents')).body).toMatch(/Log in/);
});

test('X02 a wrong token is refused, ten times a minute at most; who has the right one is let in all the same', async () => {
  const { post, clock } = await loggedIn();
  const attempt = async (token = 'wrong') => (await post('/incidents/login', { name: 'Eve', token })).statusCode;
  for (let times = 0; times < 10; times++) expect(await attempt()).toBe(403);
  expect(await attempt()).toBe(429);
  expect(await attempt(tokens.api)).toBe(303);
  expect(await attempt()).toBe(429);
  clock.now += 60_000;
  expect(await attempt()).toBe(403);
  expect((await post('/incidents/login', { name: ' ', token: tokens.api })).statusCode).toBe(400);
});

test('X02 a login leads to an incident of ours and nowhere else', async () => {
  const { post, open } = await loggedIn();
  const id = await open();
  const to = async (next: string) =>
    (await post('/incidents/login', { name: 'Ana', token: tokens.api, next })).headers.location;
  expect(await to(id)).toBe(`../incidents/${id}`);
  for (const next of [
    'https://evil.example',
    '//evil.example',
    '../../evil',
    `${id}/../../evil`,
    'javascript:alert(1)',
  ])
    expect(await to(next)).toBe('../incidents');
});

test('X02 a form of another site does nothing, with or without the cookie', async () => {
  const { post, cookie, open, store } = await loggedIn();
  const id = await open();
  const url = `/incidents/${id}/acknowledge`;
  const foreign: Record<string, string>[] = [
    { cookie, 'sec-fetch-site': 'cross-site' },
    { cookie, 'sec-fetch-site': 'same-site' },
    { cookie, 'sec-fetch-site': 'none' },
  ];
  for (const headers of foreign) expect((await post(url, {}, headers)).statusCode).toBe(403);
  // Of browsers that do not say it.
  for (const headers of [{ cookie }, { cookie, origin: 'null' }, { cookie, origin: 'https://evil.example' }])
    expect((await post(url, {}, headers)).statusCode).toBe(403);
  // From here, but by nobody: the way to the login.
  const nobody = await post(url, {});
  expect([nobody.statusCode, nobody.headers.location]).toEqual([303, `../../incidents/${id}`]);
  expect(await store.byId(id)).toMatchObject({ state: 'open' });
  expect((await post(url, {}, { cookie, origin: 'https://ops.example' })).statusCode).toBe(303);
  expect(await store.byId(id)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'Ana' } });
});

test('X02 whoever comes by a link of a chat is asked to come again by itself, with the cookie; once', async () => {
  const { get, open } = await loggedIn();
  const id = await open();
  const first = await get(`/incidents/${id}`, { 'sec-fetch-site': 'cross-site' });
  expect(first.body).toMatch(/http-equiv="refresh" content="0"/);
  const second = await get(`/incidents/${id}`, { 'sec-fetch-site': 'same-origin' });
  expect(second.body).toMatch(new RegExp(`name="next" value="${id}"`));
});

test('X02 the list has what nobody has first, then by urgency', async () => {
  const { get, open, desk } = await loggedIn();
  const info = await open({ service_name: 'a' }, [{}], 'fleet-info');
  const critical = await open({ service_name: 'b' }, [{}], 'security-critical');
  const taken = await open({ service_name: 'c' });
  const over = await open({ service_name: 'd' });
  await desk.apply(taken, { kind: 'acknowledge', by: 'Ben', via: 'api' });
  await desk.apply(over, { kind: 'resolve', by: 'Ben', via: 'api' });
  const idsIn = async (query: string) =>
    [...(await get(`/incidents?${query}`)).body.matchAll(/incidents\/(\d{8}-\S+?)"/g)].map(([, id]) => id);
  expect(await idsIn('')).toEqual([critical, info, taken]);
  expect(await idsIn('show=resolved')).toEqual([over]);
  expect(await idsIn('team=security')).toEqual([critical]);
  expect(await idsIn('severity=info')).toEqual([info]);
  expect(await idsIn('severity=odd&team=%3Cscript%3E&before=../../x&show=all')).toEqual([critical, info, taken]);
  const { body } = await get('/incidents');
  expect(body).toMatch(/<h1>3 open: 2\u00a0critical, 1\u00a0info<\/h1>/);
  expect(body).toMatch(/Ben has it/);
});

test('X02 every answer can be given by a form', async () => {
  const { get, post, cookie, open, store } = await loggedIn();
  const id = await open();
  const incident = await store.byId(id);
  if (incident) await store.save({ ...incident, version: 2, hookRuns: [hookRun(id, 1), hookRun(id, 2)] });
  const act = async (path: string, fields: Record<string, string> = {}) => {
    const { statusCode, headers } = await post(`/incidents/${id}/${path}`, fields, { ...sameOrigin, cookie });
    return `${statusCode} ${headers.location}`;
  };
  expect(await act('note', { text: 'First line\r\nsecond' })).toBe(`303 ../../incidents/${id}?done=note`);
  expect(await act('assign', { to: 'ben' })).toMatch(/done=assign$/);
  expect(await act('snooze', { for: '1h' })).toMatch(/done=snooze$/);
  expect(await act('hooks/1/approve')).toMatch(/^303 \.\.\/\.\.\/\.\.\/\.\.\/incidents\/.*done=approve$/);
  expect(await act('hooks/2/refuse')).toMatch(/done=refuse$/);
  expect(await store.byId(id)).toMatchObject({
    state: 'snoozed',
    hookRuns: [{ state: 'waiting' }, { state: 'refused' }],
  });
  expect(await act('acknowledge')).toMatch(/done=acknowledge$/);
  expect(await act('resolve')).toMatch(/done=resolve$/);
  expect(await act('resolve')).toBe('409 undefined');
  expect(await act('note', { text: '' })).toBe('400 undefined');
  expect(await store.byId(id)).toMatchObject({
    state: 'resolved',
    assignee: 'ben',
    notes: [{ by: 'Ana', text: 'First line\nsecond' }],
  });
  const { body } = await get(`/incidents/${id}?done=resolve`);
  expect(body).toMatch(/role="status">Resolved\./);
  expect(body).not.toMatch(/>Acknowledge</);
  expect((await get(`/incidents/${id}?done=%3Cscript%3E`)).body).not.toMatch(/<script|role="status"/);
});

test('X02 what an alert brings does no harm to the page', async () => {
  const { get, open } = await loggedIn();
  const evil = '"><img src=x onerror=alert(1)>';
  const annotations = { summary: evil, description: evil, runbook_url: 'javascript:alert(1)', dashboard_url: evil };
  const id = await open({ alertname: evil }, [{ annotations, labels: { alertname: evil, [evil]: evil } }]);
  for (const url of ['/incidents', `/incidents/${id}`]) {
    const { body } = await get(url);
    expect(body).toMatch(/&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;/);
    expect(body).not.toMatch(/<img|javascript:|Runbook/);
  }
});

test('X02 a page is less than 50 kB, however many and however long its incidents', async () => {
  const { get, open } = await loggedIn();
  for (let at = 0; at < 60; at++) await open({ service_name: `service-${at}-${'x'.repeat(150)}` });
  const annotations = {
    summary: 'long '.repeat(500),
    description: 'long '.repeat(500),
    runbook_url: `https://r.example/${'x'.repeat(200)}`,
  };
  const labels = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`label_${at}`, 'value '.repeat(20)]));
  const alerts = Array.from({ length: 60 }, () => ({ annotations, labels }));
  const id = await open({ service_name: 'many' }, alerts);
  const list = await get('/incidents');
  expect(list.body).toMatch(/There are more/);
  const detail = await get(`/incidents/${id}`);
  expect(detail.body).toMatch(/and \d+ more/);
  for (const { rawPayload } of [list, detail]) expect(rawPayload.length).toBeLessThan(50_000);
  expect(list.rawPayload.length).toBeGreaterThan(20_000);
});

test('X02 an incident that is not there, and what is no id, is a page with the way back', async () => {
  const { get } = await loggedIn();
  for (const path of [
    '/incidents/20261126-093015-none',
    '/incidents/..%2f..%2fetc%2fpasswd',
    '/incidents/x',
    '/incidents/%00',
  ]) {
    const { statusCode, body } = await get(path);
    expect([statusCode, /All incidents<\/a>/.test(body)]).toEqual([404, true]);
  }
});
