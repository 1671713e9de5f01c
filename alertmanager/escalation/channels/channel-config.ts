/** A channel of the policy: where messages go, with which secret, how fast and for how long it is tried. */
import * as v from 'valibot';
import { duration } from '../duration.ts';
import { secretRef } from '../secret.ts';

const url = v.pipe(
  v.string(),
  v.url((issue) => `${issue.received} is no URL`),
  v.regex(/^https?:/i, (issue) => `${issue.received} is no URL of HTTP`),
);

const name = v.pipe(v.string(), v.nonEmpty());
/** An address, or where it is: only who runs it knows it. */
const address = v.union([name, secretRef]);

/** What every kind may set. */
function sending(defaults: { perMinute: number; timeout?: string }) {
  return {
    /** How long one attempt may take. */
    timeout: v.optional(v.pipe(duration, v.minValue(1), v.maxValue(120_000)), defaults.timeout ?? '10s'),
    /** For how long a message is tried before the next step comes at once. A minute: whoever is not reached by then is told otherwise. */
    giveUpAfter: v.optional(v.pipe(duration, v.minValue(1)), '60s'),
    /** What the receiver takes. More than that waits, the critical ones least. */
    ratePerMinute: v.optional(v.pipe(v.number(), v.minValue(1)), defaults.perMinute),
  };
}

/**
 * Slack, one of two ways. An incoming webhook can only post; a bot (scope `chat:write`) also brings the first message up to
 * date, answers in its thread, and writes to a person. One message a second each. (docs.slack.dev/apis/web-api/rate-limits)
 */
const slack = v.strictObject({
  kind: v.literal('slack'),
  webhook: v.optional(secretRef),
  bot: v.optional(
    v.strictObject({ token: secretRef, channel: name, apiUrl: v.optional(url, 'https://slack.com/api') }),
  ),
  ...sending({ perMinute: 60 }),
});

/** Discord's webhook: 30 requests a minute for each channel. */
const discord = v.strictObject({ kind: v.literal('discord'), webhook: secretRef, ...sending({ perMinute: 30 }) });

/** A mailbox; who is on call is written to by their own address. */
const email = v.strictObject({
  kind: v.literal('email'),
  /** `smtps://user:password@mail.example:465`, or `smtp://…:587`, which uses STARTTLS where it is offered. */
  smtp: secretRef,
  from: address,
  to: v.optional(address),
  ...sending({ perMinute: 60, timeout: '20s' }),
});

/** PagerDuty's Events API v2. `apiUrl` for the EU: `https://events.eu.pagerduty.com`. */
const pagerduty = v.strictObject({
  kind: v.literal('pagerduty'),
  routingKey: secretRef,
  apiUrl: v.optional(url, 'https://events.pagerduty.com'),
  ...sending({ perMinute: 120 }),
});

/** Anything that takes JSON. (webhook-document.ts) */
const webhook = v.strictObject({
  kind: v.literal('webhook'),
  url: v.union([url, secretRef]),
  headers: v.optional(v.record(v.pipe(v.string(), v.regex(/^[\w-]+$/)), v.union([v.string(), secretRef])), {}),
  /** Signs each request, so that the receiver knows who sent it. */
  signingSecret: v.optional(secretRef),
  ...sending({ perMinute: 600 }),
});

/** A line on standard output. Never fails: the last resort. */
const log = v.strictObject({ kind: v.literal('log'), ...sending({ perMinute: 100_000 }) });

export const channelConfig = v.pipe(
  v.variant('kind', [slack, discord, email, pagerduty, webhook, log]),
  v.check(
    (config) => config.kind !== 'slack' || (config.webhook === undefined) !== (config.bot === undefined),
    'Slack needs either "webhook" or "bot", and not both',
  ),
  v.transform(({ timeout, giveUpAfter, ...rest }) => ({ ...rest, timeoutMs: timeout, giveUpMs: giveUpAfter })),
);

export type ChannelConfig = v.InferOutput<typeof channelConfig>;
export type ConfigOf<Kind extends ChannelConfig['kind']> = Extract<ChannelConfig, { kind: Kind }>;
