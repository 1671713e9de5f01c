/** What a policy looks like as a file: names, times as people write them, nothing that is unknown. read-policy.ts reads it. */
import { Temporal } from 'temporal-polyfill';
import * as v from 'valibot';
import { type Severity, severities } from '../../routes.ts';
import { channelConfig } from '../channels/channel-config.ts';
import { duration } from '../duration.ts';
import { hookConfig } from '../hooks/hook-config.ts';
import { levels } from './on-call.ts';
import { weekdays } from './quiet-hours.ts';

const text = v.pipe(v.string(), v.nonEmpty('is empty. Write something.'));
const severity = v.picklist(Object.keys(severities) as [Severity, ...Severity[]]);
const level = v.picklist(levels);

/** What others refer to it by, also in addresses and metrics. */
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][\w.-]{0,62}$/i, 'is no name. Write letters, digits, dots and dashes, 63 at most.'),
);

const timeZone = v.pipe(
  v.string(),
  v.check(isZone, 'is no time zone. Write one of the IANA list, such as "Europe/Berlin" or "UTC".'),
);

const timeOfDay = v.pipe(
  v.string('is no time of day. Write it as "22:00", with quotes.'),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day. Write it as "22:00", with quotes.'),
);

const localDateTime = v.pipe(
  v.string('is no local date and time. Write it as "2026-01-05T09:00", with quotes.'),
  v.check(isLocal, 'is no local date and time. Write it as "2026-01-05T09:00", without a zone.'),
);

const person = v.strictObject({
  /** As people see it. Default: the name in the policy. */
  name: v.optional(text),
  email: v.optional(v.pipe(v.string(), v.regex(/^\S+@\S+$/, 'is no email address.'))),
  contacts: v.optional(v.record(name, text), {}),
  timeZone: v.optional(timeZone),
});

const rotation = v.strictObject({
  people: v.pipe(v.array(name), v.minLength(1, 'is empty. Name somebody, or leave the level out.')),
  days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(366))),
  from: v.optional(localDateTime),
  timeZone: v.optional(timeZone),
});

const quietHours = v.strictObject({
  from: timeOfDay,
  to: timeOfDay,
  days: v.optional(v.array(v.picklist(weekdays))),
  timeZone: v.optional(timeZone),
});

const team = v.strictObject({
  levels: v.optional(
    v.strictObject({
      L1: v.optional(rotation),
      L2: v.optional(rotation),
      L3: v.optional(rotation),
      executive: v.optional(rotation),
    }),
    {},
  ),
  quietHours: v.optional(quietHours),
  channels: v.optional(v.record(name, name)),
});

const step = v.strictObject({
  after: duration,
  level,
  tell: v.pipe(v.array(name), v.minLength(1, 'is empty. Name a channel, or "human".')),
  evenAcknowledged: v.optional(v.boolean()),
});

const severityPolicy = v.strictObject({
  respectsQuietHours: v.optional(v.boolean(), false),
  repeat: v.optional(
    v.pipe(duration, v.minValue(60_000, 'is less than a minute. Nobody answers faster for being told so often.')),
  ),
  rises: v.optional(v.strictObject({ after: v.pipe(duration, v.minValue(1, 'is no time.')), to: severity })),
  steps: v.pipe(v.array(step), v.minLength(1, 'is empty. Somebody has to be told: name a step.')),
});

export const policyFile = v.strictObject({
  timeZone: v.optional(timeZone, 'UTC'),
  sameIncident: v.optional(duration, '10m'),
  flapping: v.optional(
    v.strictObject({ times: v.pipe(v.number(), v.integer(), v.minValue(1)), within: v.pipe(duration, v.minValue(1)) }),
    { times: 3, within: '1h' },
  ),
  channels: v.record(name, channelConfig),
  people: v.optional(v.record(name, person), {}),
  teams: v.record(name, team),
  severities: v.strictObject({
    critical: severityPolicy,
    high: severityPolicy,
    warning: severityPolicy,
    info: severityPolicy,
  }),
  hooks: v.optional(v.record(name, hookConfig), {}),
});

/** As it is written. */
export type PolicyInput = v.InferInput<typeof policyFile>;
export type PolicyOutput = v.InferOutput<typeof policyFile>;

function isZone(zone: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

function isLocal(written: string): boolean {
  try {
    // A zone or an offset would be read over.
    Temporal.PlainDateTime.from(written);
    return /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(written);
  } catch {
    return false;
  }
}
