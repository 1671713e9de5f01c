import { expect, test } from 'vitest';
import { openLinks } from './links.ts';
import { group, service, startedAt, webhookHeaders } from './testing/service.ts';

const deps = {
  signingKey: 'a-signing-key-of-the-test-0123456789',
  publicUrl: 'https://ops.example/',
  now: () => startedAt,
};
const id = '20261126-093015-k7qx';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function incidentWithLinks() {
  const here = service();
  const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload: group() });
  const [id] = answer.json().incidents as [string];
  const links = openLinks(here.deps).linksFor({ id }, `${id}/1`);
  const path = (link: string) => new URL(link).pathname;
  const get = (url: string) => here.app.inject({ url });
  const post = (url: string, payload = 'name=Ana') => here.app.inject({ method: 'POST', url, headers: form, payload });
  return { ...here, id, links, get, post, acknowledge: path(links.acknowledge), resolve: path(links.resolve) };
}

test('X02 a link asks, and only its button answers: previews and scanners acknowledge nothing', async () => {
  const { id, store, get, post, acknowledge } = await incidentWithLinks();
  for (let times = 0; times < 3; times++) {
    const { statusCode, body, headers } = await get(acknowledge);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(body).toMatch(/<form method="post"/);
    expect(body).toMatch(/The agent agent-0 is silent/);
  }
  expect(await store.byId(id)).toMatchObject({ state: 'open' });
  const { statusCode, body } = await post(acknowledge);
  expect([statusCode, /Ana has it/.test(body)]).toEqual([200, true]);
  expect(await store.byId(id)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'Ana' } });
  const history = await store.historyOf(id);
  expect(history).toContainEqual(expect.objectContaining({ who: 'Ana', what: 'acknowledged', why: 'by link' }));
});

test('X02 a link works once, and so do two of one message; the other answer still works', async () => {
  const { post, deps, id, acknowledge, resolve, clock, seen } = await incidentWithLinks();
  clock.now += 5000;
  const again = new URL(openLinks(deps).linksFor({ id }, `${id}/1`).acknowledge).pathname;
  expect(again).not.toBe(acknowledge);
  const statuses = await Promise.all([post(acknowledge), post(again), post(acknowledge)]);
  expect(statuses.map(({ statusCode }) => statusCode).sort()).toEqual([200, 410, 410]);
  expect((await post(acknowledge)).body).toMatch(/used already.*All incidents/s);
  expect((await post(resolve)).statusCode).toBe(200);
  expect(seen.refused).toEqual(['spent_link', 'spent_link', 'spent_link']);
});

test('X02 a name is needed, and a link without one is not used up', async () => {
  const { post, acknowledge, store, id } = await incidentWithLinks();
  for (const payload of ['', 'name=', 'name=%20', 'name=a%0Ab'])
    expect((await post(acknowledge, payload)).statusCode).toBe(400);
  expect(await store.byId(id)).toMatchObject({ state: 'open' });
  expect((await post(acknowledge)).statusCode).toBe(200);
});

test('X02 links are over after a day', async () => {
  const { get, post, acknowledge, clock, seen } = await incidentWithLinks();
  clock.now += 24 * 3_600_000 - 1000;
  expect((await get(acknowledge)).statusCode).toBe(200);
  clock.now += 2000;
  const answers = [await get(acknowledge), await post(acknowledge)];
  for (const { statusCode, body } of answers) expect([statusCode, /its time is over/i.test(body)]).toEqual([410, true]);
  expect(seen.refused).toEqual(['expired_link', 'expired_link']);
});

test('X02 forged, altered, cut and borrowed links are refused, each with the way to go on', async () => {
  const { get, post, acknowledge, resolve, store, id } = await incidentWithLinks();
  const [payload = '', signature = ''] = acknowledge.split('/').at(-1)?.split('.') ?? [];
  const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace(/^a/, 'r')).toString('base64url');
  const stranger = openLinks({ ...deps, signingKey: 'another-key-another-key-another-key' }).linksFor(
    { id },
    `${id}/1`,
  );
  const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
  const tricks: [path: string, status: number][] = [
    [`/links/acknowledge/${payload}.${flipped}`, 403],
    [`/links/resolve/${other}.${signature}`, 403],
    [new URL(stranger.acknowledge).pathname, 403],
    [acknowledge.replace('acknowledge', 'resolve'), 403],
    [resolve.replace('resolve', 'acknowledge'), 403],
    [`/links/acknowledge/${payload}`, 400],
    [`/links/acknowledge/${payload}.${signature}x`, 400],
    [`/links/acknowledge/${payload}.${signature.slice(0, 20)}`, 400],
    [`/links/acknowledge/..%2f..%2fincidents`, 400],
    ['/links/acknowledge/%ff', 400],
    [`/links/acknowledge/${'x'.repeat(5000)}`, 414],
    [`/links/delete/${payload}.${signature}`, 404],
    [`/links/__proto__/${payload}.${signature}`, 404],
    [`//evil.example${acknowledge}`, 404],
  ];
  for (const [path, status] of tricks) {
    for (const answer of [await get(path), await post(path)]) {
      expect(`${path} ${answer.statusCode}`).toBe(`${path} ${status}`);
      expect(answer.headers.location).toBeUndefined();
      expect(answer.body).not.toMatch(/evil| {4}at |node_modules/);
    }
  }
  expect(await store.byId(id)).toMatchObject({ state: 'open' });
});

test('X02 what cannot be done any more is said, with the reason', async () => {
  const { post, acknowledge, desk, id } = await incidentWithLinks();
  await desk.apply(id, { kind: 'resolve', by: 'Ben', via: 'api' });
  const { statusCode, body } = await post(acknowledge);
  expect([statusCode, /Ben resolved it/.test(body)]).toEqual([409, true]);
});

test('X02 links are short, of the public address, and of a delivery of the incident alone', () => {
  const links = openLinks(deps).linksFor({ id }, `${id}/12`);
  expect(links.page).toBe(`https://ops.example/incidents/${id}`);
  expect(links.acknowledge).toMatch(/^https:\/\/ops\.example\/links\/acknowledge\/[\w-]+\.[\w-]{43}$/);
  expect(links.acknowledge.length).toBeLessThan(150);
  expect(() => openLinks(deps).linksFor({ id }, '20261126-093015-2222/1')).toThrow(/Cannot make links/);
});

test.each(['ops.example:9002', 'http://::1:9002', 'ftp://ops.example', '/fleetscope', ''])(
  'X02 links cannot begin with "%s", which is said at the start',
  (publicUrl) => expect(() => openLinks({ ...deps, publicUrl })).toThrow(/FLEETSCOPE_ESCALATION_URL/),
);
