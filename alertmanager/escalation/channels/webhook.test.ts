import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConfigOf } from './channel-config.ts';
import { openLog } from './log.ts';
import { aMessage, aResolved } from './testing/messages.ts';
import { Receiver } from './testing/receiver.ts';
import { openWebhook } from './webhook.ts';
import { webhookDocument } from './webhook-document.ts';

const signal = AbortSignal.timeout(20_000);
let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.open(() => ({ status: 204 }));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver[Symbol.asyncDispose]();
});

const webhook = (given: Partial<ConfigOf<'webhook'>> = {}) =>
  openWebhook(
    'tickets',
    { kind: 'webhook', url: `${receiver.url}/in`, headers: {}, timeoutMs: 1, giveUpMs: 1, ratePerMinute: 1, ...given },
    () => 1_700_000_000_500,
  );

test('X02 sends the document that is described, with the key of the delivery', async () => {
  await webhook().send(aMessage({ person: { name: 'Ada', contacts: { tickets: 'ada-7' } } }), signal);
  expect(receiver.last.headers['idempotency-key']).toBe('20261126-093015-k7qx/1');
  const document = v.parse(webhookDocument, receiver.last.body);
  expect(document).toMatchObject({ kind: 'alert', person: { name: 'Ada', contact: 'ada-7' } });
  await webhook().send(aResolved(), signal);
  expect(v.parse(webhookDocument, receiver.last.body).incident).toMatchObject({
    state: 'resolved',
    resolved: { by: 'alertmanager', at: '2026-11-26T09:42:15.000Z' },
  });
});

test('X02 signs what it sends, where a secret is set', async () => {
  vi.stubEnv('TEST_SIGNING', 'a-signing-secret');
  vi.stubEnv('TEST_AUTH', 'Bearer very-hidden-token');
  await webhook({
    signingSecret: { env: 'TEST_SIGNING' },
    headers: { authorization: { env: 'TEST_AUTH' }, 'x-from': 'us' },
  }).send(aMessage(), signal);
  const { headers, text } = receiver.last;
  expect(headers).toMatchObject({ authorization: 'Bearer very-hidden-token', 'x-from': 'us' });
  expect(headers['x-fleetscope-timestamp']).toBe('1700000000');
  const expected = createHmac('sha256', 'a-signing-secret').update(`1700000000.${text}`).digest('hex');
  expect(headers['x-fleetscope-signature']).toBe(`v1=${expected}`);

  await webhook().send(aMessage(), signal);
  expect(receiver.last.headers['x-fleetscope-signature']).toBeUndefined();
});

test('X05 the log takes every message, also when there is nowhere to write', async () => {
  const lines: string[] = [];
  await openLog((line) => void lines.push(line)).send(aMessage(), signal);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    level: 'warn',
    event: 'escalation.message',
    incident: '20261126-093015-k7qx',
    title: '🔴 Critical: The agent research is silent',
  });
  expect(lines[0], 'a log is no place for a link that answers').not.toContain('token-of');
  const broken = openLog(() => {
    throw new Error('EPIPE');
  });
  expect(await broken.send(aMessage(), signal)).toEqual({});
});
