import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSlack } from './slack.ts';
import { aMessage, anAlert, anIncident, aResolved } from './testing/messages.ts';
import { Receiver } from './testing/receiver.ts';

const sending = { timeoutMs: 10_000, giveUpMs: 60_000, ratePerMinute: 60 };
const signal = AbortSignal.timeout(20_000);
let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.open();
  vi.stubEnv('TEST_SLACK', `${receiver.url}/services/T0/B0/x`);
  vi.stubEnv('TEST_TOKEN', 'xoxb-1234567890-abc');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver[Symbol.asyncDispose]();
});

const webhook = () => openSlack('slack', { kind: 'slack', webhook: { env: 'TEST_SLACK' }, ...sending });
const bot = () =>
  openSlack('slack', {
    kind: 'slack',
    bot: { token: { env: 'TEST_TOKEN' }, channel: 'C1', apiUrl: receiver.url },
    ...sending,
  });
// biome-ignore lint/suspicious/noExplicitAny: blocks are as Slack has them
const blocksOf = (type: string): any[] =>
  receiver.last.body.blocks.filter((block: { type: string }) => block.type === type);

describe('X02 webhook', () => {
  test('X02 posts a header, facts, links and labels', async () => {
    expect(await webhook().send(aMessage(), signal)).toEqual({});
    const { method, path, headers, body } = receiver.last;
    expect(`${method} ${path}`).toBe('POST /services/T0/B0/x');
    expect(headers['content-type']).toBe('application/json');
    expect(body.text).toBe('🔴 Critical: The agent research is silent');
    expect(body.blocks.map(({ type }: { type: string }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'context',
    ]);
    expect(blocksOf('header')[0].text).toEqual({ type: 'plain_text', text: body.text });
    expect(blocksOf('section')[1].fields[1].text).toBe(
      '*Since*\n<!date^1795685415^{date_short_pretty} {time}|2026-11-26 09:30 UTC>',
    );
    expect(blocksOf('section')[2].text.text).toMatch(
      /^\*<https:\/\/fleetscope\.example\/a\/token-of-acknowledge\|Acknowledge>\* {3}<\S+\|Resolve> {3}<\S+\|Open> {3}<\S+\|Runbook> {3}<\S+\|Dashboard>$/,
    );
    expect(blocksOf('context')[0].elements.at(-1).text).toBe('20261126-093015-k7qx/1');
  });

  test('X02 a person is mentioned by their id', async () => {
    await webhook().send(aMessage({ person: { name: 'Ada', contacts: { slack: 'U012AB3CD' } } }), signal);
    expect(blocksOf('section')[0].text.text).toBe('<@U012AB3CD>');
  });

  test('X02 what an alert says mentions nobody and links nowhere', async () => {
    const annotations = { description: 'a < b & c > d <!channel> <@U1> <https://evil.example|here>' };
    await webhook().send(
      aMessage({ incident: anIncident({ title: '<!here>', alerts: [anAlert({ annotations })] }) }),
      signal,
    );
    expect(blocksOf('section')[0].text).toMatchObject({
      text: 'a &lt; b &amp; c &gt; d &lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|here&gt;',
      verbatim: true,
    });
    expect(receiver.last.body.text).toBe('🔴 Critical: &lt;!here&gt;');
  });

  test("X02 nothing is longer than Slack's limits", async () => {
    const long = '&'.repeat(9000);
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label_${index}`, long]));
    const annotations = { description: long, runbook_url: `https://example/${'a'.repeat(4000)}` };
    const incident = anIncident({
      title: long,
      team: long,
      alerts: [anAlert({ labels, annotations }), anAlert({ labels, annotations })],
    });
    await webhook().send(aMessage({ incident, person: { name: long, contacts: {} } }), signal);
    const { blocks } = receiver.last.body;
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(blocksOf('header')[0].text.text.length).toBe(150);
    for (const block of blocksOf('section')) {
      expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3000);
      expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
      for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
    }
    expect(blocksOf('context')[0].elements).toHaveLength(10);
    expect(JSON.stringify([...blocksOf('section'), ...blocksOf('context')]), 'cut between entities').not.toMatch(
      /&(?!amp;|lt;|gt;)/,
    );
    expect(JSON.stringify(blocks), 'the way to answer is there').toContain('token-of-acknowledge');
  });

  test('X02 a new message says that it is resolved', async () => {
    await webhook().send(aResolved(), signal);
    expect(receiver.last.body.text).toBe('✅ Resolved: The agent research is silent');
    expect(JSON.stringify(receiver.last.body)).not.toContain('token-of');
  });

  test.each([
    [404, 'no_service', false, /was removed/],
    [403, 'action_prohibited', false, /administrator/],
    [410, 'channel_is_archived', false, /archived/],
    [400, 'invalid_payload', false, /invalid_payload/],
    [500, 'rollup_error', true, /rollup_error/],
    [200, '<html>login</html>', false, /not "ok"/],
  ])('X05 %i %s', async (status, body, retryable, says) => {
    receiver.behave = () => ({ status, body });
    await expect(webhook().send(aMessage(), signal)).rejects.toMatchObject({
      retryable,
      message: expect.stringMatching(says),
    });
  });
});

describe('X02 bot', () => {
  const answers = (said: object) => () => ({
    headers: { 'content-type': 'application/json' },
    body: { ok: true, ...said },
  });

  test('X02 posts, and remembers where', async () => {
    receiver.behave = answers({ channel: 'C1', ts: '1700000000.000100' });
    expect(await bot().send(aMessage(), signal)).toEqual({ reference: 'C1/1700000000.000100' });
    expect(receiver.last.path).toBe('/chat.postMessage');
    expect(receiver.last.headers.authorization).toBe('Bearer xoxb-1234567890-abc');
    expect(receiver.last.body).toMatchObject({
      channel: 'C1',
      metadata: { event_payload: { key: '20261126-093015-k7qx/1' } },
    });
  });

  test('X02 writes to a person where it has their id', async () => {
    receiver.behave = answers({ channel: 'D7', ts: '2.0' });
    const person = { name: 'Ada', contacts: { slack: 'U012AB3CD' } };
    expect(await bot().send(aMessage({ person }), signal)).toEqual({ reference: 'D7/2.0' });
    expect(receiver.last.body.channel).toBe('U012AB3CD');
  });

  test('X02 brings the first message up to date, and answers in its thread', async () => {
    receiver.behave = answers({ channel: 'C1', ts: '3.0' });
    expect(await bot().send(aResolved({ reference: 'C1/1.0' }), signal)).toEqual({ reference: 'C1/1.0' });
    expect(receiver.requests.map(({ path, body }) => [path, body.channel, body.ts ?? body.thread_ts])).toEqual([
      ['/chat.update', 'C1', '1.0'],
      ['/chat.postMessage', 'C1', '1.0'],
    ]);
    expect(receiver.last.body.reply_broadcast).toBe(false);
  });

  test('X05 a first message that is gone does not stop the answer; a server in trouble does', async () => {
    receiver.behave = ({ path }) =>
      path === '/chat.update'
        ? { body: { ok: false, error: 'message_not_found' } }
        : answers({ channel: 'C1', ts: '3.0' })();
    expect(await bot().send(aResolved({ reference: 'C1/1.0' }), signal)).toEqual({ reference: 'C1/1.0' });
    receiver.behave = () => ({ status: 503 });
    await expect(bot().send(aResolved({ reference: 'C1/1.0' }), signal)).rejects.toMatchObject({ retryable: true });
  });

  test.each([
    ['not_in_channel', false, /Invite it/],
    ['token_revoked', false, /Set a new one/],
    ['internal_error', true, /internal_error/],
    ['ratelimited', true, /ratelimited/],
  ])('X05 %s', async (error, retryable, says) => {
    receiver.behave = () => ({ body: { ok: false, error } });
    await expect(bot().send(aMessage(), signal)).rejects.toMatchObject({
      retryable,
      message: expect.stringMatching(says),
    });
  });
});
