import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestKit, type TestKit } from '../testing-kit.ts';
import { type FleetControl, fleetControl } from './control.ts';
import { type ControlServer, controlServer } from './control-server.ts';

const token = 'a token of a test';
let kit: TestKit;
let control: FleetControl;
let server: ControlServer;

beforeEach(async () => {
  kit = createTestKit();
  control = fleetControl({ capacity: 10 });
  server = await controlServer(control, { token });
});
afterEach(async () => {
  await server.close();
  control.close();
  await kit.stop();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body: text }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('X04 a fleet is steered over HTTP, on this machine alone', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask('POST', '/control/pause', { by: 'incident 7', reason: 'it fails', forSeconds: 60 })).toMatchObject({
    status: 200,
    body: { paused: true, capacity: 10, orders: [{ action: 'pause', by: 'incident 7', reason: 'it fails' }] },
  });
  expect(control.paused).toBe(true);
  await ask('POST', '/control/resume');
  await ask('POST', '/control/capacity', { limit: 20 });
  await ask('POST', '/control/throttle', { perMinute: 600 });
  await ask('POST', '/control/circuit-breaker', { name: 'search', state: 'open' });
  await ask('POST', '/control/fallback', { name: 'model', module: 'small' });
  expect([control.paused, control.atOnce, control.isOpen('search'), control.fallbackFor('model')]).toEqual([
    ...[false, 20, true, 'small'],
  ]);
  const { body } = await ask('GET', '/control');
  expect((body.orders as { action: string }[]).map(({ action }) => action)).toEqual([
    ...['capacity', 'throttle', 'circuit-breaker', 'fallback'],
  ]);
});

test.each([
  ['no token', { authorization: '' }, 401],
  ['another token', { authorization: 'Bearer a token of a tess' }, 401],
  ['the token as it is', { authorization: token }, 401],
  ['the token', {}, 200],
])('X04 with %s the fleet obeys, or does not: %j %i', async (_, headers, status) => {
  expect((await ask('POST', '/control/pause', {}, headers)).status).toBe(status);
  expect(control.paused).toBe(status === 200);
});

test.each([
  ['GET', '/control/pause', undefined, 405],
  ['POST', '/control', {}, 405],
  ['POST', '/control/../control/explode', {}, 404],
  ['POST', '/control/pause', '{', 400],
  ['POST', '/control/pause', '[]', 400],
  ['POST', '/control/capacity', { limit: -1 }, 400],
  ['POST', '/control/pause', 'too long', 413],
])('X04 %s %s %j is refused with %i', async (method, path, body, status) => {
  const answer = await ask(method, path, body === 'too long' ? { reason: 'x'.repeat(20_000) } : body);
  expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(/\.$/) } });
  expect(control.orders()).toEqual([]);
});

test('X04 the path says what is done, not the body', async () => {
  await ask('POST', '/control/resume', { action: 'pause' });
  expect(control.paused).toBe(false);
});

test('X04 an order that comes twice with one key is obeyed once', async () => {
  const once = { 'idempotency-key': 'incident/hook/1' };
  const first = await ask('POST', '/control/pause', { by: 'hook' }, once);
  control.resume({ by: 'Ada' });
  expect(await ask('POST', '/control/pause', { by: 'hook' }, once)).toEqual(first);
  expect(control.paused).toBe(false);
  expect((await ask('POST', '/control/capacity', { limit: 3 }, once)).status).toBe(422);
  await ask('POST', '/control/pause', { by: 'hook' }, { 'idempotency-key': 'incident/hook/2' });
  expect(control.paused).toBe(true);
});

test('X04 an order that was refused may be given again under its key, mended', async () => {
  const once = { 'idempotency-key': 'k' };
  expect((await ask('POST', '/control/capacity', { limit: 0 }, once)).status).toBe(400);
  expect((await ask('POST', '/control/capacity', { limit: 5 }, once)).status).toBe(200);
  expect(control.atOnce).toBe(5);
});

test('X04 it does not open with a token that could be guessed, nor on a port that is taken', async () => {
  await expect(controlServer(control, { token: 'short' })).rejects.toThrow(
    /^Cannot open the control server: its token is too short/,
  );
  await expect(controlServer(control, { token, port: Number(new URL(server.url).port) })).rejects.toThrow('EADDRINUSE');
});
