/** Slack: an incoming webhook, or a bot. (docs.slack.dev/messaging) */
import { readSecret } from '../secret.ts';
import { type Answer, ask, checkStatus } from './ask.ts';
import { type Channel, ChannelError, type Message } from './channel.ts';
import type { ConfigOf } from './channel-config.ts';
import { type SlackMessage, slackMessage } from './slack-blocks.ts';

type Config = ConfigOf<'slack'>;
type Bot = NonNullable<Config['bot']>;

/** `name`: of the channel in the policy; a person's contact under it is Slack's id of a member, `U012AB3CD`. */
export function openSlack(name: string, config: Config): Channel {
  const { webhook, bot } = config;
  return {
    async send(message, signal) {
      const contact = message.person?.contacts[name];
      if (bot) return sendAsBot(bot, message, contact, signal);
      if (!webhook) throw new ChannelError('Slack has neither a webhook nor a bot.', { retryable: false });
      const answer = await ask({
        receiver: 'Slack',
        url: readSecret(webhook),
        body: { ...slackMessage(message, contact), unfurl_links: false },
        signal,
      });
      checkWebhook(answer);
      return {};
    },
  };
}

/**
 * The first message shows how it stands; what comes later is an answer in its thread, so that it is seen as well. What is
 * still open and worse is shown in the channel, too.
 */
async function sendAsBot(bot: Bot, message: Message, contact: string | undefined, signal: AbortSignal) {
  const [channel, ts] = message.reference?.split('/') ?? [];
  // A member's id instead of a channel's opens the conversation with them.
  if (!channel || !ts || message.kind === 'alert')
    return {
      reference: await post(bot, { ...slackMessage(message), channel: contact ?? bot.channel }, message, signal),
    };
  await bringUpToDate(bot, { ...slackMessage(message), channel, ts }, signal);
  const answer = { ...slackMessage(message), channel, thread_ts: ts, reply_broadcast: message.kind === 'update' };
  await post(bot, answer, message, signal);
  return { reference: `${channel}/${ts}` };
}

async function post(
  bot: Bot,
  body: SlackMessage & { channel: string },
  { key }: Message,
  signal: AbortSignal,
): Promise<string> {
  const metadata = { event_type: 'fleetscope_incident', event_payload: { key } };
  const said = await call(bot, 'chat.postMessage', { ...body, metadata, unfurl_links: false }, signal);
  return `${said.channel}/${said.ts}`;
}

/** Its first message may be gone, or too old to be changed: then the answer alone has to say it. */
async function bringUpToDate(bot: Bot, body: object, signal: AbortSignal): Promise<void> {
  try {
    await call(bot, 'chat.update', body, signal);
  } catch (error) {
    if (!(error instanceof ChannelError) || error.retryable) throw error;
  }
}

async function call({ token, apiUrl }: Bot, method: string, body: object, signal: AbortSignal) {
  const answer = await ask({
    receiver: 'Slack',
    url: `${apiUrl}/${method}`,
    headers: { authorization: `Bearer ${readSecret(token)}`, 'content-type': 'application/json; charset=utf-8' },
    body,
    signal,
  });
  checkStatus('Slack', answer);
  const said = answer.json as { ok?: boolean; error?: string; channel?: string; ts?: string } | undefined;
  if (typeof said?.ok !== 'boolean')
    throw new ChannelError('Slack answered 200, but no JSON of its API.', { retryable: true });
  if (!said.ok)
    throw new ChannelError(`Slack refused ${method}: ${said.error}${hintOf(said.error)}.`, {
      retryable: passes.has(said.error),
    });
  return said;
}

/** Troubles of Slack's own. (docs.slack.dev/reference/methods/chat.postMessage#errors) */
const passes = new Set<string | undefined>([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited',
  'team_added_to_org',
]);

/** A webhook answers in plain words. (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling-errors) */
function checkWebhook(answer: Answer): void {
  const word = answer.text.trim();
  if (answer.status === 200 && word !== 'ok')
    throw new ChannelError('Slack answered 200, but not "ok". Is the address an incoming webhook?', {
      retryable: false,
    });
  checkStatus('Slack', answer, /^[a-z_]{1,60}$/.test(word) ? `${word}${hintOf(word)}` : word.slice(0, 200));
}

function hintOf(word: string | undefined): string {
  const hint: Record<string, string> = {
    no_service: 'the webhook was removed or switched off. Make a new one',
    no_team: 'the workspace is gone. Make a webhook in another',
    no_active_hooks: 'the webhook is switched off. Make a new one',
    invalid_token: 'the webhook was revoked. Make a new one',
    action_prohibited: 'an administrator restricts who may post. Ask them',
    channel_is_archived: 'its channel is archived. Make a webhook for another',
    is_archived: 'its channel is archived. Name another',
    channel_not_found: 'there is no such channel. Name it by its id, and invite the bot',
    not_in_channel: 'the bot is not in the channel. Invite it',
    invalid_auth: 'the token is not valid. Set a new one',
    token_revoked: 'the token was revoked. Set a new one',
    account_inactive: 'the token belongs to a bot that is gone. Set a new one',
    missing_scope: 'the token lacks the scope chat:write. Add it, and install the app again',
  };
  return word && hint[word] ? ` (${hint[word]})` : '';
}
