import { isSet, redact, type SecretRef, SecretUnset } from '../secret.ts';
import { type Channel, ChannelError } from './channel.ts';
import type { ChannelConfig } from './channel-config.ts';
import { openDiscord } from './discord.ts';
import { openEmail } from './email.ts';
import { openLog } from './log.ts';
import { openPagerDuty } from './pagerduty.ts';
import { openSlack } from './slack.ts';
import { openWebhook } from './webhook.ts';

/** The channel of a policy by its name. Secrets are read with each message: a new one needs no restart. */
export function openChannel(name: string, config: ChannelConfig): Channel {
  const channel = open(name, config);
  return {
    async send(message, signal) {
      try {
        return await channel.send(message, signal);
      } catch (error) {
        throw channelError(name, error);
      }
    },
  };
}

/** False: its secret is not set, so nothing is ever sent by it. */
export function isConfigured(config: ChannelConfig): boolean {
  return secretsOf(config).every((ref) => isSet(ref));
}

function open(name: string, config: ChannelConfig): Channel {
  switch (config.kind) {
    case 'slack':
      return openSlack(name, config);
    case 'discord':
      return openDiscord(name, config);
    case 'email':
      return openEmail(name, config);
    case 'pagerduty':
      return openPagerDuty(config);
    case 'webhook':
      return openWebhook(name, config);
    case 'log':
      return openLog();
  }
}

/** Whatever went wrong, as the dispatcher and people need it. What nobody foresaw is tried again. */
function channelError(name: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  if (error instanceof SecretUnset)
    return new ChannelError(`The channel "${name}" is not configured. ${error.message}`, { retryable: false });
  return new ChannelError(`Cannot send by "${name}": ${redact((error as Error).message)}`, { retryable: true });
}

function secretsOf(config: ChannelConfig): SecretRef[] {
  switch (config.kind) {
    case 'slack':
      return [config.webhook, config.bot?.token].filter((ref) => ref !== undefined);
    case 'discord':
      return [config.webhook];
    case 'email':
      return [config.smtp, config.from].filter((ref) => typeof ref !== 'string');
    case 'pagerduty':
      return [config.routingKey];
    case 'webhook':
      return [config.url, config.signingSecret, ...Object.values(config.headers)].filter(
        (ref) => ref !== undefined && typeof ref !== 'string',
      );
    case 'log':
      return [];
  }
}
