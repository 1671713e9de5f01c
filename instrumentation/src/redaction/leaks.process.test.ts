import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildIfStale, createHost, type Host } from '../testing/host.ts';
import { withReceiver } from '../testing/receiver.ts';

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

const canary = (place: string) => `canary-${place}-${randomBytes(12).toString('hex')}`;

/** Never read by us, whatever the settings: not even a switched-off redaction lets these out. */
const unread = { header: canary('header'), cookie: canary('cookie'), argv: canary('argv'), environment: canary('env') };

/** Where programs do put secrets. */
const written = {
  query: canary('query'),
  outgoing: canary('outgoing'),
  field: canary('field'),
  nested: canary('nested'),
  message: canary('message'),
  json: canary('json'),
  inspected: canary('inspected'),
  attribute: canary('attribute'),
  list: canary('list'),
  connection: canary('connection'),
  event: canary('event'),
  exception: canary('exception'),
  status: canary('status'),
  name: canary('name'),
  link: canary('link'),
  logged: canary('logged'),
  label: canary('label'),
  resource: canary('resource'),
};

const leaky = `
const http = require('http');
const pino = require('pino');
const { metrics, SpanStatusCode, trace } = require('@opentelemetry/api');
const c = JSON.parse(process.env.CANARIES);
const tracer = trace.getTracer('leaky');
const log = pino(pino.destination('/dev/null'));

const parent = tracer.startSpan('parent');
const span = tracer.startSpan('GET /reset?token=' + c.name, {
  links: [{ context: parent.spanContext(), attributes: { password: c.link } }],
});
span.setAttribute('client_secret', c.attribute);
span.setAttribute('notes', ['plain', 'sk-ant-' + c.list]);
span.setAttribute('db.url', 'postgres://shop:' + c.connection + '@db:5432/shop');
span.addEvent('login', { 'user.password': c.event });
span.recordException(new Error('connect postgres://shop:' + c.exception + '@db refused'));
span.setStatus({ code: SpanStatusCode.ERROR, message: 'password=' + c.status });
span.end();
parent.end();
metrics.getMeter('leaky').createCounter('logins').add(1, { api_key: c.label });
log.info({ password: c.field, req: { list: [['x', { headers: { authorization: c.nested } }]] } }, 'plain');
log.error(new Error('refused: api_key=' + c.logged), 'login with password=' + c.message);
console.log(JSON.stringify({ access_token: c.json }));
console.log({ user: 'bob', clientSecret: c.inspected });

const server = http.createServer((_, response) => response.setHeader('set-cookie', 'sid=' + c.cookie).end('ok'));
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const headers = { authorization: 'Bearer ' + c.header, cookie: 'sid=' + c.cookie, 'x-api-key': c.header };
  await (await fetch(url + '/a?page=2&api_key=' + c.query, { headers })).text();
  http.get({ port: server.address().port, path: '/b?token=' + c.outgoing, auth: 'bob:' + c.outgoing }, (response) => {
    response.resume().on('end', () => { server.close(); server.closeAllConnections(); });
  });
});`;

/** Runs the program with secrets on its command line and in its environment as well, and says which of them have left. */
async function leaked(env: Record<string, string>) {
  host.write('leaky.cjs', leaky);
  host.write(
    'launch.cjs',
    `const { execPath, env } = process;
    const flags = ['--import', '@fleetscope/instrumentation/register', 'leaky.cjs', '--password', env.PASSWORD];
    require('child_process').spawn(execPath, flags, { stdio: 'inherit' });`,
  );
  const secrets = { ...unread, ...written };
  let found: string[] = [];
  let warnings: string[] = [];
  await withReceiver(async (receiver, endpoint) => {
    const given = {
      CANARIES: JSON.stringify(secrets),
      PASSWORD: secrets.argv,
      DB_PASSWORD: secrets.environment,
      OTEL_RESOURCE_ATTRIBUTES: `client.secret=${secrets.resource}`,
    };
    const ended = await host.run('launch.cjs', { preloads: [], env: { ...endpoint, ...given, ...env } });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    warnings = ended.warnings;
    expect(receiver.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['parent', 'GET']));
    expect(receiver.logs.filter(({ scope }) => scope !== '@fleetscope/instrumentation')).toHaveLength(4);
    expect(receiver.metrics).toMatchObject({ logins: 1 });
    const bytes = Buffer.concat(receiver.bytes);
    found = Object.entries(secrets).flatMap(([place, secret]) => (bytes.includes(secret) ? [place] : []));
  });
  return { found, warnings };
}

test.concurrent('I07 no secret is in the bytes that leave, wherever the program has put it', async () => {
  expect(await leaked({})).toEqual({ found: [], warnings: [] });
});

test.concurrent('I07 with redaction switched off they are, which is said; headers and command line are never read', async () => {
  expect(await leaked({ FLEETSCOPE_REDACTION: 'false' })).toEqual({
    found: Object.keys(written),
    warnings: ['fleetscope: Not redacted: FLEETSCOPE_REDACTION=false. Secrets leave this process as they are.'],
  });
});
