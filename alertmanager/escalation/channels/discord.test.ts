import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDiscord } from './discord.ts';
import { aMessage, anAlert, anIncident, aResolved } from './testing/messages.ts';
import { Receiver } from './testing/receiver.ts';

const signal = AbortSignal.timeout(20_000);
let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.open(() => ({ body: { id: '777' } }));
  vi.stubEnv('TEST_DISCORD', `${receiver.url}/api/webhooks/1/token?thread_id=9`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver[Symbol.asyncDispose]();
});

const discord = () =>
  openDiscord('discord', {
    kind: 'discord',
    webhook: { env: 'TEST_DISCORD' },
    timeoutMs: 10_000,
    giveUpMs: 60_000,
    ratePerMinute: 30,
  });

test('X02 posts an embed, waits for its id, and mentions nobody by accident', async () => {
  const alerts = [anAlert({ annotations: { description: '@everyone **look** [here](https://evil.example) <@1>' } })];
  expect(await discord().send(aMessage({ incident: anIncident({ alerts }) }), signal)).toEqual({ reference: '777' });
  const { method, path, body } = receiver.last;
  expect(`${method} ${path}`).toBe('POST /api/webhooks/1/token?thread_id=9&wait=true');
  expect(body.allowed_mentions).toEqual({ parse: [], users: [] });
  const [embed] = body.embeds;
  expect(embed).toMatchObject({ title: '🔴 Critical: The agent research is silent', color: 0xd92d20 });
  expect(embed.description).toContain('@everyone \\*\\*look\\*\\* \\[here\\]\\(https://evil.example\\) \\<@1\\>');
  expect(embed.description).toContain('**[Acknowledge](https://fleetscope.example/a/token-of-acknowledge)**');
  expect(embed.fields).toContainEqual({ name: 'Since', value: '<t:1795685415:f>', inline: true });
  expect(embed.footer.text).toContain('20261126-093015-k7qx/1');
});

test('X02 a person is mentioned by their id, and by nothing else', async () => {
  await discord().send(aMessage({ person: { name: 'Ada', contacts: { discord: '4242' } } }), signal);
  expect(receiver.last.body).toMatchObject({ content: '<@4242>', allowed_mentions: { parse: [], users: ['4242'] } });
  await discord().send(aMessage({ person: { name: 'Ada', contacts: { discord: '@everyone' } } }), signal);
  expect(receiver.last.body.content).toBeUndefined();
});

test('X02 what is resolved changes the first message, or is a new one where that is gone', async () => {
  expect(await discord().send(aResolved({ reference: '777' }), signal)).toEqual({ reference: '777' });
  expect(`${receiver.last.method} ${receiver.last.path}`).toBe(
    'PATCH /api/webhooks/1/token/messages/777?thread_id=9&wait=true',
  );
  expect(receiver.last.body.embeds[0].color).toBe(0x12b76a);

  receiver.behave = ({ method }) =>
    method === 'PATCH' ? { status: 404, body: { code: 10008, message: 'Unknown Message' } } : { body: { id: '888' } };
  expect(await discord().send(aResolved({ reference: '777' }), signal)).toEqual({ reference: '888' });
});

test('X02 what got worse is a new message', async () => {
  await discord().send(aMessage({ kind: 'update', reference: '777' }), signal);
  expect(receiver.last.method).toBe('POST');
});

test("X02 nothing is longer than Discord's limits", async () => {
  const long = '*'.repeat(9000);
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label_${index}`, long]));
  const annotations = { description: long, runbook_url: `https://example/${'a'.repeat(4000)}` };
  const incident = anIncident({
    title: long,
    team: long,
    assignee: long,
    alerts: [anAlert({ labels, annotations }), anAlert({ labels, annotations })],
  });
  await discord().send(aMessage({ incident, person: { name: long, contacts: {} } }), signal);
  const [{ title, description, fields, footer }] = receiver.last.body.embeds;
  expect(title.length).toBeLessThanOrEqual(256);
  expect(description.length).toBeLessThanOrEqual(4096);
  expect(fields.length).toBeLessThanOrEqual(25);
  for (const { value } of fields) expect(value.length).toBeLessThanOrEqual(1024);
  const all = [
    title,
    description,
    footer.text,
    ...fields.flatMap(({ name, value }: Record<string, string>) => [name, value]),
  ];
  expect(all.join('').length).toBeLessThanOrEqual(6000);
  expect(description).toContain('token-of-acknowledge');
});

test('X05 waits as long as Discord says, to the millisecond', async () => {
  receiver.behave = () => ({
    status: 429,
    headers: { 'retry-after': '65' },
    body: { message: 'You are being rate limited.', retry_after: 64.57, global: false },
  });
  await expect(discord().send(aMessage(), signal)).rejects.toMatchObject({ retryable: true, retryAfterMs: 64_570 });
});

test('X05 a webhook that was removed is not tried again', async () => {
  receiver.behave = () => ({ status: 404, body: { code: 10015, message: 'Unknown Webhook' } });
  await expect(discord().send(aMessage(), signal)).rejects.toMatchObject({
    retryable: false,
    message: 'Discord answered 404: Unknown Webhook (the webhook was removed. Make a new one).',
  });
});
