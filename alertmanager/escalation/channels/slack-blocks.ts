/** A message as Slack's blocks, within their limits. (docs.slack.dev/reference/block-kit/blocks) */
import type { Instant } from '../clock.ts';
import type { Message } from './channel.ts';
import { oneLine, shorten, type Text, textOf, utc } from './text.ts';

const most = { header: 150, section: 3000, field: 2000, fields: 10, context: 10, url: 3000, notification: 300 };

export interface SlackMessage {
  /** What the notification on a phone shows. */
  readonly text: string;
  readonly blocks: readonly object[];
}

/** `mention`: Slack's id of a member, who is then notified. */
export function slackMessage(message: Message, mention?: string): SlackMessage {
  const text = textOf(message);
  const alerts = text.alerts.map((line) => `• ${line}`).join('\n');
  return {
    text: mrkdwn(text.title, most.notification),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shorten(text.title, most.header) } },
      ...(mention ? [section(`<@${mention}>`)] : []),
      ...(text.summary ? [section(mrkdwn(text.summary, most.section))] : []),
      { type: 'section', fields: fieldsOf(text) },
      ...(alerts ? [section(mrkdwn(alerts, most.section))] : []),
      section(linksOf(text)),
      { type: 'context', elements: contextOf(text) },
    ],
  };
}

/** Text that is only text: nobody is mentioned by an alert, nothing becomes a link. Never cut within an entity. */
function mrkdwn(text: string, most: number): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  let written = '';
  for (const character of text) {
    const next = entities[character] ?? character;
    if (written.length + next.length > most - 1) return `${written}…`;
    written += next;
  }
  return written;
}

/** `verbatim`: Slack looks for no names and channels in it. */
function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function fieldsOf({ facts }: Text) {
  return facts.slice(0, most.fields).map(({ name, value }) => {
    const written = value.map((part) => (typeof part === 'number' ? localTime(part) : mrkdwn(part, most.field / 4)));
    return { type: 'mrkdwn', text: `*${name}*\n${written.join('')}`, verbatim: true };
  });
}

/** The reader's own time. (docs.slack.dev/messaging/formatting-message-text#date-formatting) */
function localTime(at: Instant): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${utc(at)}>`;
}

/**
 * Links, not buttons: a button that opens a page also calls the app, and an app that does not answer leaves a warning sign
 * beside it, as if the acknowledgement had failed. (slackapi/node-slack-sdk#869)
 */
function linksOf({ links }: Text): string {
  const written: string[] = [];
  for (const { name, url, primary } of links) {
    // In a link these three end it.
    const target = url.replace(/[<>|]/g, (character) => encodeURIComponent(character));
    const link = primary ? `*<${target}|${name}>*` : `<${target}|${name}>`;
    if (target.length <= most.url && [...written, link].join('   ').length <= most.section) written.push(link);
  }
  return written.join('   ');
}

function contextOf({ labels, key }: Text) {
  return [...labels.slice(0, most.context - 1), key].map((line) => ({
    type: 'mrkdwn',
    text: mrkdwn(oneLine(line), 200),
    verbatim: true,
  }));
}
