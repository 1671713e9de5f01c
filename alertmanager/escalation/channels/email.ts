/** Mail by SMTP. One connection for each: the limit is one a second, and none stays open that nobody needs. */
import { createTransport } from 'nodemailer';
import { readReference, readSecret, redact, type SecretRef } from '../secret.ts';
import { type Channel, ChannelError, type Message } from './channel.ts';
import type { ConfigOf } from './channel-config.ts';
import { mailOf } from './mail.ts';
import { oneLine } from './text.ts';

/** `name`: of the channel in the policy. A person is written to by their `email`, or by what their contacts say under it. */
export function openEmail(name: string, config: ConfigOf<'email'>): Channel {
  return {
    async send(message, signal) {
      const transport = transportTo(readSecret(config.smtp), config.timeoutMs);
      const from = addressIn(config.from);
      const { messageId, ...mail } = mailOf(message, domainOf(from));
      const stopped = Promise.withResolvers<never>();
      const stop = () =>
        stopped.reject(new ChannelError('The mail server did not answer in time.', { retryable: true }));
      signal.addEventListener('abort', stop, { once: true });
      try {
        signal.throwIfAborted();
        const sending = transport.sendMail({
          ...mail,
          messageId,
          from: oneLine(from),
          to: receiverOf(name, config, message),
        });
        await Promise.race([sending, stopped.promise]);
        return { reference: messageId };
      } catch (error) {
        throw mailError(error);
      } finally {
        signal.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}

function transportTo(url: string, timeoutMs: number) {
  const { protocol, hostname, username } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', hostname: '', username: '' };
  if (!/^smtps?:$/.test(protocol))
    throw new ChannelError('The address of the mail server is none. Set smtps://user:password@host.', {
      retryable: false,
    });
  return createTransport({
    url,
    // A password is not told to whoever listens; on this machine there is nobody between.
    requireTLS: protocol === 'smtp:' && username !== '' && !/^(localhost|127\.|\[?::1)/.test(hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // What an alert says is text, never the name of a file or an address to fetch from.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function receiverOf(name: string, { to }: ConfigOf<'email'>, { person }: Message): string {
  const receiver = person?.email ?? person?.contacts[name] ?? (to && addressIn(to));
  if (!receiver)
    throw new ChannelError(
      `Nobody to write to by "${name}": it has no "to"${person ? `, and ${person.name} no email` : ''}. Set one.`,
      {
        retryable: false,
      },
    );
  return oneLine(receiver);
}

function addressIn(address: string | SecretRef): string {
  return typeof address === 'string' ? address : readReference(address);
}

/** `Fleetscope <alerts@example.com>` → `example.com`. */
function domainOf(from: string): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'fleetscope.invalid';
}

/** 4xx and a lost connection pass, 5xx do not, save 503. What cannot be a mail will not become one. (RFC 5321 4.2.1) */
function mailError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const { message, code, permanent } = error as Error & { code?: string; permanent?: boolean };
  const hopeless = permanent ?? ['EENVELOPE', 'EMESSAGE', 'ECONFIG', 'ENOAUTH', 'EREQUIRETLS'].includes(code ?? '');
  return new ChannelError(`Cannot send mail: ${redact(oneLine(message)).slice(0, 300)}.`, { retryable: !hopeless });
}
