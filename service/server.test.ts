import { connect } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { bearer } from './bearer.ts';
import { listening, probes, serverOptions } from './server.ts';

const limits = {
  ...{ bodyBytes: 10, requestTimeoutMs: 1000, headersTimeoutMs: 1000, checkEveryMs: 100 },
  closingTimeoutMs: 100,
};

test('X01 who has no token, or another, is told which is meant; who has it is let in', async () => {
  const app = Fastify(serverOptions(limits));
  const refuse = (message: string) => Object.assign(new Error(message), { statusCode: 401 });
  app.get('/', { onRequest: bearer('the token', 'the token of the test', refuse) }, async () => 'in');
  app.get('/nobody', { onRequest: bearer('', 'no token', refuse) }, async () => 'in');
  app.get('/token', { onRequest: bearer('token', 'the token of the test', refuse) }, async () => 'in');
  const ask = async (url: string, authorization?: string) => {
    const { statusCode, body } = await app.inject({
      url,
      headers: { ...(authorization !== undefined && { authorization }) },
    });
    return [statusCode, statusCode === 200 ? body : JSON.parse(body).message];
  };
  const other =
    'Cannot let the request in: its token is not ours. Send "authorization: Bearer …" with the token of the test.';
  expect(await ask('/token', 'Bearer token')).toEqual([200, 'in']);
  expect(await ask('/token', 'bearer token')).toEqual([200, 'in']);
  for (const wrong of ['Bearer tokem', 'Bearer token2', 'Basic token', 'token', ''])
    expect([wrong, ...(await ask('/token', wrong))]).toEqual([wrong, 401, other]);
  expect(await ask('/token')).toEqual([401, other.replace('its token is not ours', 'no token came with it')]);
  // A service without a token is nobody's.
  expect((await ask('/nobody', 'Bearer '))[0]).toBe(401);
});

test('X05 it is ready while what it lives on answers, and healthy all the time', async () => {
  const app = Fastify(serverOptions(limits));
  let isWell = true;
  const ready = async () => {
    if (!isWell) throw new Error('of no concern to a stranger');
  };
  probes(app, ready, 'Cannot take anything: the store does not answer.');
  const ask = async (url: string) => {
    const { statusCode, body } = await app.inject(url);
    return [statusCode, body];
  };
  expect(await ask('/-/ready')).toEqual([200, 'Ready.\n']);
  isWell = false;
  expect(await ask('/-/ready')).toEqual([503, 'Cannot take anything: the store does not answer.\n']);
  expect(await ask('/-/healthy')).toEqual([200, 'Healthy.\n']);
});

test('X05 it closes though a client has not said all of its request', async () => {
  const app = Fastify(serverOptions({ ...limits, requestTimeoutMs: 60_000, headersTimeoutMs: 60_000 }));
  probes(app, async () => {}, '');
  const server = await listening(app, { bind: '127.0.0.1', port: 0, ...limits });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const cutOff = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('connect', resolve));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
  // It has arrived when another request has been answered.
  await fetch(`${server.url}/-/healthy`);
  await server.close();
  await cutOff;
});
