import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test, vi } from 'vitest';
import type { ChannelConfig, ConfigOf } from './channel-config.ts';
import { openChannel } from './open-channel.ts';
import { aMessage, anAlert, anIncident, aResolved } from './testing/messages.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closers.splice(0).map((close) => close()));
});

interface Mail {
  from: string;
  to: string[];
  raw: string;
  /** Unfolded. */
  headers: Record<string, string>;
}

/** A real SMTP server. `options` may refuse at any step. */
async function smtp(options: SMTPServerOptions = {}): Promise<Mail[]> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p@ss-word' ? done(null, { user: username }) : done(smtpError(535, 'Authentication failed')),
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw,
          headers: headersOf(raw),
        });
        done();
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  vi.stubEnv('TEST_SMTP', `smtp://mailer:p%40ss-word@127.0.0.1:${(server.server.address() as AddressInfo).port}`);
  return mails;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function headersOf(raw: string): Record<string, string> {
  const [head = ''] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*(.*)/s).slice(0, 2)));
}

const config: ConfigOf<'email'> = {
  kind: 'email',
  smtp: { env: 'TEST_SMTP' },
  from: 'Fleetscope <alerts@fleetscope.example>',
  to: 'ops@example.com',
  timeoutMs: 5000,
  giveUpMs: 60_000,
  ratePerMinute: 60,
};
const send = (message = aMessage(), given: Partial<ConfigOf<'email'>> = {}, signal = AbortSignal.timeout(5000)) =>
  openChannel('email', { ...config, ...given } as ChannelConfig).send(message, signal);

test('X02 a mail says it in its subject, as text and as HTML, and asks for no automatic reply', async () => {
  const mails = await smtp();
  expect(await send()).toEqual({ reference: '<20261126-093015-k7qx.1@fleetscope.example>' });
  expect(mails).toHaveLength(1);
  const [{ from, to, raw, headers }] = mails as [Mail];
  expect([from, to]).toEqual(['alerts@fleetscope.example', ['ops@example.com']]);
  expect(headers).toMatchObject({
    Subject: '[critical] The agent research is silent',
    'Message-ID': '<20261126-093015-k7qx.1@fleetscope.example>',
    'Auto-Submitted': 'auto-generated',
    'X-Fleetscope-Delivery': '20261126-093015-k7qx/1',
    Importance: 'High',
  });
  expect(headers.References).toBeUndefined();
  expect(raw).toContain('Content-Type: text/plain');
  expect(raw).toContain('Content-Type: text/html');
  expect(raw.replace(/=\r\n/g, '')).toContain('Acknowledge: https://fleetscope.example/a/token-of-acknowledge');
});

test('X02 a person is written to by their own address', async () => {
  const mails = await smtp();
  await send(aMessage({ person: { name: 'Ada', email: 'ada@example.com', contacts: { email: 'x@example.com' } } }));
  await send(aMessage({ person: { name: 'Ben', contacts: { email: 'ben@example.com' } } }));
  await send(aMessage({ person: { name: 'Cem', contacts: {} } }));
  expect(mails.flatMap(({ to }) => to)).toEqual(['ada@example.com', 'ben@example.com', 'ops@example.com']);
});

test('X02 nobody to write to is said, not tried', async () => {
  const mails = await smtp();
  const person = { name: 'Cem', contacts: {} };
  const { to: _, ...noMailbox } = config;
  const error = openChannel('email', noMailbox).send(aMessage({ person }), AbortSignal.timeout(5000));
  await expect(error).rejects.toMatchObject({
    retryable: false,
    message: expect.stringMatching(/Nobody to write to.*Cem/),
  });
  expect(mails).toEqual([]);
});

test('X02 what comes later is in the thread of the first mail', async () => {
  const mails = await smtp();
  const { reference } = await send();
  await send(aResolved({ reference: reference as string }));
  expect(mails[1]?.headers).toMatchObject({
    Subject: '[resolved] The agent research is silent',
    'Message-ID': '<20261126-093015-k7qx.2@fleetscope.example>',
    'In-Reply-To': '<20261126-093015-k7qx.1@fleetscope.example>',
    References: '<20261126-093015-k7qx.1@fleetscope.example>',
  });
  expect(mails[1]?.headers.Importance).toBeUndefined();
});

test('X02 an alert adds no header, no receiver and no markup', async () => {
  const mails = await smtp();
  const title = 'x\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>';
  const annotations = { description: '<img src=x onerror=alert(1)> & "more"' };
  await send(aMessage({ incident: anIncident({ title, alerts: [anAlert({ annotations })] }) }));
  const [{ headers, to, raw }] = mails as [Mail];
  expect(headers.Bcc).toBeUndefined();
  expect(to).toEqual(['ops@example.com']);
  expect(headers.Subject).toBe('[critical] x Bcc: evil@example.com <script>alert(1)</script>');
  const html = raw.slice(raw.indexOf('text/html'));
  expect(html).not.toMatch(/<script|<img/);
});

test.each([
  ['a mailbox that is full', 452, true],
  ['a mailbox that does not exist', 550, false],
])('X05 %s: %i', async (_, code, retryable) => {
  await smtp({ onRcptTo: (_address, _session, done) => done(smtpError(code, 'no')) });
  await expect(send()).rejects.toMatchObject({ name: 'ChannelError', retryable });
});

test('X05 a mail that is refused after it was read', async () => {
  await smtp({
    onData: (stream, _session, done) => {
      stream.resume().once('end', () => done(smtpError(451, 'try later')));
    },
  });
  await expect(send()).rejects.toMatchObject({ retryable: true, message: expect.stringMatching(/try later/) });
});

test('X05 a wrong password is not tried again, and not told', async () => {
  await smtp();
  vi.stubEnv('TEST_SMTP', process.env.TEST_SMTP?.replace('p%40ss-word', 'wrong-hidden'));
  const error = await send().catch((caught: Error) => caught);
  expect(error).toMatchObject({ name: 'ChannelError', retryable: false });
  expect(`${(error as Error).message} ${(error as Error).stack} ${(error as Error).cause}`).not.toContain(
    'wrong-hidden',
  );
});

test('X05 nobody there, or somebody silent, is tried again', async () => {
  const silent = createServer((socket) => void sockets.push(socket));
  const sockets: Socket[] = [];
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  vi.stubEnv('TEST_SMTP', `smtp://127.0.0.1:${port}`);
  await expect(send(aMessage(), { timeoutMs: 5000 }, AbortSignal.timeout(30))).rejects.toMatchObject({
    retryable: true,
    message: 'The mail server did not answer in time.',
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  await expect(send()).rejects.toMatchObject({ retryable: true, message: expect.stringMatching(/ECONNREFUSED/) });
});

test('X05 a password is not told in the clear to another machine', async () => {
  let told = false;
  const mails = await smtp({
    onAuth: ({ username }, _session, done) => {
      told = true;
      done(null, { user: username });
    },
  });
  // Not loopback by its name; it has no TLS to offer.
  vi.stubEnv('TEST_SMTP', process.env.TEST_SMTP?.replace('127.0.0.1', '0.0.0.0'));
  await expect(send()).rejects.toMatchObject({ name: 'ChannelError' });
  expect([told, mails]).toEqual([false, []]);
});

test('X05 what is no server for mail, or not set, is refused before anything is sent', async () => {
  vi.stubEnv('TEST_SMTP', 'https://mail.example');
  await expect(send()).rejects.toMatchObject({ retryable: false });
  vi.stubEnv('TEST_SMTP', undefined);
  await expect(send()).rejects.toMatchObject({
    retryable: false,
    message: expect.stringMatching(/Set the variable TEST_SMTP/),
  });
});
