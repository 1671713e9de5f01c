/** Anything that takes JSON over HTTP: webhook-document.ts says what it gets. */
import { createHmac } from 'node:crypto';
import { readSecret, type SecretRef } from '../secret.ts';
import { ask, checkStatus } from './ask.ts';
import type { Channel } from './channel.ts';
import type { ConfigOf } from './channel-config.ts';
import { documentOf } from './webhook-document.ts';

/** `name`: of the channel in the policy; what a person is called by the receiver stands under it in their contacts. */
export function openWebhook(name: string, config: ConfigOf<'webhook'>, wallClock: () => number = Date.now): Channel {
  return {
    async send(message, signal) {
      const body = JSON.stringify(documentOf(message, message.person?.contacts[name]));
      const headers = Object.entries(config.headers).map(([header, value]) => [header, textOf(value)]);
      const answer = await ask({
        receiver: `The webhook ${name}`,
        url: textOf(config.url),
        headers: {
          ...Object.fromEntries(headers),
          'idempotency-key': message.key,
          ...(config.signingSecret &&
            signature(readSecret(config.signingSecret), body, Math.floor(wallClock() / 1000))),
        },
        body,
        signal,
      });
      checkStatus(`The webhook ${name}`, answer);
      return {};
    },
  };
}

/**
 * `x-fleetscope-signature: v1=<hex>`: HMAC-SHA256 over `<timestamp>.<body>`, the timestamp in seconds. A receiver refuses what
 * is older than a few minutes, so that nobody can send it again.
 */
function signature(secret: string, body: string, timestamp: number): Record<string, string> {
  const hash = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-fleetscope-timestamp': String(timestamp), 'x-fleetscope-signature': `v1=${hash}` };
}

function textOf(value: string | SecretRef): string {
  return typeof value === 'string' ? value : readSecret(value);
}
