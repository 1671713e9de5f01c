/** How every channel of HTTP fails: what is tried again, what is not, and that nothing leaks. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChannelError, Message } from './channel.ts';
import type { ChannelConfig } from './channel-config.ts';
import { openChannel } from './open-channel.ts';
import { aMessage } from './testing/messages.ts';
import { type Behaviour, Receiver } from './testing/receiver.ts';

const secret = 'T0000-very-hidden-B0000';
const sending = { timeoutMs: 10_000, giveUpMs: 60_000, ratePerMinute: 60 };
const address = { env: 'TEST_ADDRESS' };
const token = { env: 'TEST_TOKEN' };

const configs: Record<string, (url: string) => ChannelConfig> = {
  'slack webhook': () => ({ kind: 'slack', webhook: address, ...sending }),
  'slack bot': (apiUrl) => ({ kind: 'slack', bot: { token, channel: 'C1', apiUrl }, ...sending }),
  discord: () => ({ kind: 'discord', webhook: address, ...sending }),
  pagerduty: (apiUrl) => ({ kind: 'pagerduty', routingKey: token, apiUrl, ...sending }),
  webhook: () => ({
    kind: 'webhook',
    url: address,
    headers: { authorization: token },
    signingSecret: token,
    ...sending,
  }),
};

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.open();
  vi.stubEnv('TEST_ADDRESS', `${receiver.url}/services/${secret}`);
  vi.stubEnv('TEST_TOKEN', secret);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver[Symbol.asyncDispose]();
});

describe.each(Object.entries(configs))('X05 %s', (_, config) => {
  async function failure(behave: Behaviour, signal = AbortSignal.timeout(5000), message: Message = aMessage()) {
    receiver.behave = behave;
    const error = await openChannel('it', config(receiver.url))
      .send(message, signal)
      .then(
        (answer) => expect.unreachable(`was sent: ${JSON.stringify(answer)}`),
        (caught: ChannelError) => caught,
      );
    expect(error.name).toBe('ChannelError');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(secret);
    return error;
  }

  test('X05 an error of the receiver is tried again', async () => {
    const error = await failure(() => ({ status: 500, body: 'oops' }));
    expect(error).toMatchObject({ retryable: true, retryAfterMs: undefined });
    expect(error.message).toContain('500');
  });

  test('X05 too many are tried again when the receiver says', async () => {
    const error = await failure(() => ({ status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' }));
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 7000 });
  });

  test('X05 what is refused is not tried again', async () => {
    const error = await failure(() => ({ status: 400, body: `no: ${secret}` }));
    expect(error).toMatchObject({ retryable: false });
    expect(error.message).toContain('400');
  });

  test('X05 no answer in time is tried again', async () => {
    const error = await failure(() => undefined, AbortSignal.timeout(30));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toContain('no answer in time');
  });

  test('X05 an answer that never ends is not waited for', async () => {
    const endless: Behaviour = (_request, response) => {
      response.writeHead(500).write('x');
      return 'itself';
    };
    expect(await failure(endless, AbortSignal.timeout(30))).toMatchObject({ retryable: true });
  });

  test('X05 nobody there is tried again', async () => {
    await receiver[Symbol.asyncDispose]();
    const error = await failure(() => undefined);
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toMatch(/ECONNREFUSED 127\.0\.0\.1/);
    receiver = await Receiver.open();
  });

  test('X05 a redirect is not followed', async () => {
    const error = await failure(() => ({ status: 302, headers: { location: `${receiver.url}/elsewhere` } }));
    expect(error).toMatchObject({ retryable: false });
    expect(receiver.requests).toHaveLength(1);
  });

  test('X05 of an answer of 10 MB a beginning is read', async () => {
    let written = 0;
    const huge: Behaviour = (_request, response) => {
      response.writeHead(503);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = () => {
        while (written < 10_000_000 && !response.destroyed) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
      return 'itself';
    };
    const error = await failure(huge);
    expect(error).toMatchObject({ retryable: true });
    expect(error.message.length).toBeLessThan(400);
    expect(written).toBeLessThan(10_000_000);
  });

  test('X05 garbage is no success that says more than it knows', async () => {
    receiver.behave = () => ({ status: 200, body: '\u0000{"ok"' });
    const sent = await openChannel('it', config(receiver.url))
      .send(aMessage(), AbortSignal.timeout(5000))
      .catch((error: ChannelError) => error);
    // Slack says in its answer whether it took it; the others by the status.
    if (config(receiver.url).kind === 'slack') expect(sent).toMatchObject({ name: 'ChannelError' });
    else expect(Object.keys(sent)).not.toContain('name');
  });

  test('X05 a secret that is not set is named, and not tried', async () => {
    vi.stubEnv('TEST_ADDRESS', undefined);
    vi.stubEnv('TEST_TOKEN', undefined);
    const error = await failure(() => ({ status: 200 }));
    expect(error).toMatchObject({ retryable: false });
    expect(error.message).toMatch(/^The channel "it" is not configured\. Set the variable TEST_(ADDRESS|TOKEN)\.$/);
    expect(receiver.requests).toEqual([]);
  });

  test('X05 a secret that is no address or no header is not tried again', async () => {
    vi.stubEnv('TEST_ADDRESS', `not an address ${secret}`);
    vi.stubEnv('TEST_TOKEN', `${secret}\nx: y`);
    receiver.behave = () => ({ status: 400 });
    expect(await failure(() => ({ status: 400 }))).toMatchObject({ retryable: false });
  });
});
