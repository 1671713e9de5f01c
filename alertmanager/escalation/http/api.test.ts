import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { openApi } from './openapi.ts';
import { operations } from './operations.ts';
import { hookRun } from './testing/hook-run.ts';
import { apiHeaders, group, service, webhookHeaders } from './testing/service.ts';

type Here = ReturnType<typeof service>;

async function opened(here: Here, labels: Record<string, string> = {}): Promise<string> {
  const payload = group({ labels });
  const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload });
  here.clock.now += 1000;
  return answer.json().incidents[0];
}

async function ask(here: Here, url: string, body?: object) {
  const answer = await here.app.inject({
    ...{ url, headers: apiHeaders, method: body ? 'POST' : 'GET' },
    ...(body && { payload: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, json: answer.json(), headers: answer.headers };
}

test('X02 an incident is acknowledged, given, noted, snoozed and resolved, by whom it says', async () => {
  const here = service();
  const id = await opened(here);
  const at = `/api/incidents/${id}`;
  const actor = 'Ana';
  expect((await ask(here, `${at}/acknowledge`, { actor })).json).toMatchObject({
    state: 'acknowledged',
    acknowledged: { by: 'Ana', at: '2026-11-26T09:30:16.000Z' },
  });
  expect((await ask(here, `${at}/assign`, { actor, to: 'ben' })).json).toMatchObject({ assignee: 'ben' });
  expect((await ask(here, `${at}/note`, { actor, text: 'Restarted it.' })).json).toMatchObject({
    notes: [{ by: 'Ana', text: 'Restarted it.' }],
  });
  expect((await ask(here, `${at}/snooze`, { actor, for: '2h' })).json).toMatchObject({
    state: 'snoozed',
    snoozedUntil: '2026-11-26T11:30:16.000Z',
  });
  expect((await ask(here, `${at}/resolve`, { actor, via: 'cli' })).json).toMatchObject({ resolved: { by: 'Ana' } });

  const { entries } = (await ask(here, `${at}/timeline`)).json;
  const answers = entries.filter(({ who }: { who: string }) => who === 'Ana');
  expect(answers.map(({ what, why }: Record<string, string>) => `${what} ${why}`)).toEqual([
    'acknowledged by api',
    'assigned by api',
    'noted by api',
    'snoozed by api',
    'resolved by cli',
  ]);
});

test('X02 what cannot be done now is a conflict; what is not whole, or of nobody, is refused', async () => {
  const here = service();
  const at = `/api/incidents/${await opened(here)}`;
  expect((await ask(here, `${at}/acknowledge`, { actor: 'Ana' })).status).toBe(200);
  const refused: [url: string, body: object | undefined, status: number, error: RegExp][] = [
    [`${at}/acknowledge`, { actor: 'Ben' }, 409, /^Cannot acknowledge .*: Ana has done so\./],
    [`${at}/resolve`, {}, 400, /actor is missing/],
    [`${at}/resolve`, { actor: '  ' }, 400, /actor is no name/],
    [`${at}/resolve`, { actor: 'Ana\nadmin' }, 400, /actor is no name/],
    [`${at}/resolve`, { actor: 'a'.repeat(81) }, 400, /longer than 80/],
    [`${at}/note`, { actor: 'Ana', text: ' \n' }, 400, /text is empty/],
    [`${at}/snooze`, { actor: 'Ana' }, 400, /"for".*or "until"/],
    [`${at}/snooze`, { actor: 'Ana', for: 'soon' }, 400, /no duration/],
    [`${at}/snooze`, { actor: 'Ana', for: '30d' }, 409, /more than 7 days/],
    [`${at}/snooze`, { actor: 'Ana', until: '2026-11-26T09:00:00Z' }, 409, /is over/],
    [`${at}/hooks/1/approve`, { actor: 'Ana' }, 409, /Cannot find the remedy/],
    [`${at}/hooks/x/approve`, { actor: 'Ana' }, 404, /number is wrong/],
    ['/api/incidents/20261126-093015-none/resolve', { actor: 'Ana' }, 404, /there is none/],
    ['/api/incidents/..%2f..%2fetc%2fpasswd', undefined, 404, /ids look like/],
    ['/api/incidents?limit=0', undefined, 400, /limit/],
    ['/api/incidents?state=gone', undefined, 400, /state/],
    ['/api/nothing', undefined, 404, /none at this address/],
  ];
  for (const [url, body, status, error] of refused) {
    const answer = await ask(here, url, body);
    expect({ url, body, status: answer.status, ...answer.json }).toMatchObject({
      url,
      status,
      error: expect.stringMatching(error),
    });
  }
  expect((await here.store.list({ limit: 9 })).map(({ state }) => state)).toEqual(['acknowledged']);
});

test('X02 nothing but the description is told without the token', async () => {
  const here = service();
  const id = await opened(here);
  for (const { method, path } of operations) {
    const url = path.replace(':id', id).replace(':number', '1');
    for (const headers of [{}, { authorization: webhookHeaders.authorization }, { cookie: 'fleetscope_session=x' }]) {
      const answer = await here.app.inject({ method, url, headers });
      expect(`${method} ${url} ${answer.statusCode}`).toBe(`${method} ${url} 401`);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  }
});

test('X02 incidents are listed newest first, by pages, and filtered', async () => {
  const here = service();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) ids.unshift(await opened(here, { service_name: name }));
  await ask(here, `/api/incidents/${ids[0]}/resolve`, { actor: 'Ana' });
  const seen = async (query: string) => {
    const { incidents, next } = (await ask(here, `/api/incidents?${query}`)).json;
    return { ids: incidents.map(({ id }: { id: string }) => id), next };
  };
  expect(await seen('limit=2')).toEqual({ ids: ids.slice(0, 2), next: ids[1] });
  expect(await seen(`limit=3&before=${ids[1]}`)).toEqual({ ids: ids.slice(2), next: undefined });
  expect(await seen('state=resolved')).toEqual({ ids: [ids[0]], next: undefined });
  expect(await seen('state=open,acknowledged&team=fleet&severity=critical')).toEqual({
    ids: ids.slice(1),
    next: undefined,
  });
  expect(await seen('team=finops')).toEqual({ ids: [], next: undefined });
});

test('X04 a remedy that waits for a yes gets one, or a no', async () => {
  const here = service();
  const id = await opened(here);
  const incident = await here.store.byId(id);
  if (incident) await here.store.save({ ...incident, version: 2, hookRuns: [hookRun(id, 1), hookRun(id, 2)] });
  const yes = await ask(here, `/api/incidents/${id}/hooks/1/approve`, { actor: 'Ana' });
  expect(yes.json).toMatchObject({ hookRuns: [{ state: 'waiting', approvedBy: 'Ana' }, { state: 'proposed' }] });
  const no = await ask(here, `/api/incidents/${id}/hooks/2/refuse`, { actor: 'Ana' });
  expect(no.json).toMatchObject({ hookRuns: [{ state: 'waiting' }, { state: 'refused' }] });
  expect((await ask(here, `/api/incidents/${id}/hooks/2/approve`, { actor: 'Ana' })).status).toBe(409);
});

test('X06 the audit trail is a stream of lines, from any number on', async () => {
  const here = service();
  await opened(here);
  const answer = await here.app.inject({ url: '/api/audit?from=2', headers: apiHeaders });
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
  const records = answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records[0]).toMatchObject({ number: 2, previous: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('X02 every operation is described, and what it answers is as described', async () => {
  const here = service();
  const description = (await here.app.inject({ url: '/openapi.json' })).json();
  expect(description).toEqual(JSON.parse(JSON.stringify(openApi(here.deps.publicUrl))));
  const described = Object.entries<Record<string, unknown>>(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // What the server has, as it says itself; not the table that both are made of.
  await here.app.ready();
  const served = routesOf(here.app.printRoutes({ commonPrefix: false })).filter((route) => route.includes(' /api/'));
  expect(described.sort()).toEqual(served.map((route) => route.replaceAll(/:(\w+)/g, '{$1}')).sort());
  expect(described.length).toBe(operations.length);

  const id = await opened(here);
  const incident = await here.store.byId(id);
  if (incident) await here.store.save({ ...incident, version: 2, hookRuns: [hookRun(id, 1), hookRun(id, 2)] });
  const body = { actor: 'Ana', to: 'ben', text: 'A note', for: '1h' };
  // Resolved last: nothing can be done to it then.
  for (const { path, method, type } of operations.toSorted(
    (a, b) => Number(/resolve/.test(a.path)) - Number(/resolve/.test(b.path)),
  )) {
    const url = path.replace(':id', id).replace(':number', path.endsWith('refuse') ? '2' : '1');
    const answer = await here.app.inject({
      method,
      url,
      headers: apiHeaders,
      ...(method === 'POST' && { payload: body }),
    });
    expect(`${url} ${answer.statusCode}`).toBe(`${url} 200`);
    const { responses } = description.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method.toLowerCase()];
    const { schema } = responses[200].content[type ?? 'application/json'];
    const complaint = await judge({ ...schema, components: description.components });
    const [first] = answer.body.split('\n');
    expect(await complaint(first as string), url).toBe('');
    expect(await complaint('{"id":7,"entries":7,"incidents":7,"now":7}'), url).not.toBe('');
  }
});

/** `GET /api/incidents/:id`, from the tree that Fastify draws. */
function routesOf(tree: string): string[] {
  const above: string[] = [];
  return [...tree.matchAll(/^([│ ]*)[├└]── (\S+) \((.*)\)$/gm)].flatMap(([, indent = '', path = '', methods = '']) => {
    above.length = indent.length / 4;
    above.push(path);
    const asked = methods.split(', ').filter((method) => method !== 'HEAD');
    return asked.map((method) => `${method} ${above.join('')}`);
  });
}

/** What Fastify's own validator says of a text, by a schema of the description. */
async function judge(schema: object): Promise<(text: string) => Promise<string>> {
  const app = Fastify({ ajv: { customOptions: { strict: false, coerceTypes: false, removeAdditional: false } } });
  app.post('/', { schema: { body: schema } }, async () => '');
  return async (payload) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    return answer.statusCode === 200 ? '' : answer.json().message;
  };
}

test('X05 ready says whether alerts can be taken; healthy that the process lives', async () => {
  const here = service();
  expect((await here.app.inject('/-/ready')).statusCode).toBe(200);
  here.store.breaks();
  const answer = await here.app.inject('/-/ready');
  expect([answer.statusCode, answer.body]).toEqual([503, expect.stringMatching(/^Cannot take alerts: /)]);
  expect((await here.app.inject('/-/healthy')).statusCode).toBe(200);
  const unread = service({
    policyInfo: () => {
      throw new Error('no policy yet');
    },
  });
  expect((await unread.app.inject('/-/ready')).statusCode).toBe(503);
});
