/** Discord's webhooks. (discord.com/developers/docs/resources/webhook) */
import type { Instant } from '../clock.ts';
import { readSecret } from '../secret.ts';
import { type Answer, ask, checkStatus } from './ask.ts';
import { type Channel, ChannelError, type Message } from './channel.ts';
import type { ConfigOf } from './channel-config.ts';
import { colourOf, oneLine, shorten, type Text, textOf } from './text.ts';

/** `name`: of the channel in the policy; a person's contact under it is Discord's id of a member, a long number. */
export function openDiscord(name: string, { webhook }: ConfigOf<'discord'>): Channel {
  return {
    async send(message, signal) {
      const url = webhookUrl(readSecret(webhook));
      const contact = message.person?.contacts[name];
      const body = discordMessage(message, contact && /^\d+$/.test(contact) ? contact : undefined);
      // What is over, or in somebody's hands, is shown where it was told. What is new is told anew.
      if (message.reference && (message.kind === 'resolved' || message.kind === 'acknowledged')) {
        const answer = await ask({
          receiver: 'Discord',
          url: messageUrl(url, message.reference),
          method: 'PATCH',
          body,
          signal,
        });
        if (codeOf(answer) !== unknownMessage) {
          check(answer);
          return { reference: message.reference };
        }
      }
      const answer = await ask({ receiver: 'Discord', url: url.href, body, signal });
      check(answer);
      const { id } = (answer.json ?? {}) as { id?: unknown };
      return typeof id === 'string' ? { reference: id } : {};
    },
  };
}

/** A message that somebody deleted. */
const unknownMessage = 10008;
const unknownWebhook = 10015;

/** `wait`: Discord answers with the message, and says so when it did not save it. */
function webhookUrl(secret: string): URL {
  if (!URL.canParse(secret))
    throw new ChannelError('The webhook of Discord is no URL. Set the whole address.', { retryable: false });
  const url = new URL(secret);
  url.searchParams.set('wait', 'true');
  return url;
}

function messageUrl(webhook: URL, id: string): string {
  const url = new URL(webhook);
  url.pathname += `/messages/${encodeURIComponent(id)}`;
  return url.href;
}

function check(answer: Answer): void {
  const said = (answer.json ?? {}) as { message?: unknown; retry_after?: unknown };
  const hint = codeOf(answer) === unknownWebhook ? ' (the webhook was removed. Make a new one)' : '';
  const exact = typeof said.retry_after === 'number' ? Math.ceil(said.retry_after * 1000) : answer.retryAfterMs;
  checkStatus(
    'Discord',
    { ...answer, retryAfterMs: exact },
    typeof said.message === 'string' ? said.message + hint : undefined,
  );
}

function codeOf({ status, json }: Answer): number | undefined {
  return status >= 400 ? (json as { code?: number } | undefined)?.code : undefined;
}

/** All characters of an embed together: 6000; these leave room. (discord.com/developers/docs/resources/message#embed-object-embed-limits) */
const most = { title: 256, description: 3000, links: 2000, field: 200, fields: 10, footer: 500 };

function discordMessage(message: Message, mention: string | undefined) {
  const text = textOf(message);
  return {
    ...(mention && { content: `<@${mention}>` }),
    embeds: [
      {
        title: shorten(text.title, most.title),
        description: describe(text),
        color: colourOf(message),
        fields: text.facts.slice(0, most.fields).map(({ name, value }) => ({
          name,
          value: shorten(
            value.map((part) => (typeof part === 'number' ? localTime(part) : markdown(part))).join(''),
            most.field,
          ),
          inline: true,
        })),
        footer: { text: shorten(oneLine([...text.labels, text.key].reverse().join(' · ')), most.footer) },
        timestamp: new Date(message.incident.changedAt).toISOString(),
      },
    ],
    // An alert that holds "@everyone" wakes nobody.
    allowed_mentions: { parse: [], users: mention ? [mention] : [] },
  };
}

/** The links always fit: the words before them are cut. */
function describe({ summary, alerts, links }: Text): string {
  let written = '';
  for (const { name, url, primary } of links) {
    const target = url.replace(/[()<>\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
    const link = primary ? `**[${name}](${target})**` : `[${name}](${target})`;
    if (written.length + link.length < most.links) written += `${written && '  ·  '}${link}`;
  }
  const words = [summary, alerts.map((line) => `• ${line}`).join('\n')].filter((part) => part !== '').join('\n');
  const before = shorten(markdown(words), most.description - written.length - 2);
  return before === '' ? written : `${before}\n\n${written}`;
}

function markdown(text: string): string {
  return text.replace(/[\\*_~`|>[\]()<#]/g, '\\$&');
}

function localTime(at: Instant): string {
  return `<t:${Math.floor(at / 1000)}:f>`;
}
