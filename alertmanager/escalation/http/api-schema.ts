/** What the API takes and gives. The code reads by these schemas, and /openapi.json is written from them. */
import * as v from 'valibot';
import { type Severity, severities } from '../../routes.ts';
import { duration } from '../duration.ts';

const states = ['open', 'acknowledged', 'snoozed', 'resolved'] as const;
const severity = v.picklist(Object.keys(severities) as Severity[]);
const time = v.pipe(v.string(), v.isoTimestamp('is no time. Send one such as 2026-11-26T09:30:00Z.'));
const strings = v.record(v.string(), v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A person or a program that answers: no control characters, no blanks around. */
export const person = v.pipe(
  v.string(),
  v.maxLength(80, 'is longer than 80 characters.'),
  v.regex(/^[!-~\u00a1-\uffff]([ -~\u00a0-\uffff]*[!-~\u00a1-\uffff])?$/, 'is no name.'),
);
/** A note: lines of text. */
export const noteText = v.pipe(
  v.string(),
  v.maxLength(4000, 'is longer than 4000 characters.'),
  v.regex(/\S/, 'is empty.'),
);

const answer = { actor: person, via: v.optional(v.picklist(['api', 'cli'])) };
export const actorBody = v.object(answer);
export const assignBody = v.object({ ...answer, to: person });
export const noteBody = v.object({ ...answer, text: noteText });
/** One of the two. */
export const snoozeBody = v.object({ ...answer, for: v.optional(duration), until: v.optional(time) });

export const listQuery = v.object({
  state: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
      v.array(v.picklist(states)),
    ),
  ),
  team: v.optional(v.pipe(v.string(), v.maxLength(80))),
  severity: v.optional(severity),
  before: v.optional(v.pipe(v.string(), v.maxLength(40))),
  limit: v.optional(
    v.pipe(v.string(), v.transform(Number), v.number('is no number.'), v.integer(), v.minValue(1), v.maxValue(1000)),
  ),
});
export const auditQuery = v.object({
  from: v.optional(v.pipe(v.string(), v.transform(Number), v.number('is no number.'), v.integer(), v.minValue(1))),
});

const done = v.object({ by: v.string(), at: time });
const inShort = {
  id: v.string(),
  title: v.string(),
  team: v.string(),
  severity,
  state: v.picklist(states),
  openedAt: time,
  changedAt: time,
  acknowledged: v.optional(done),
  assignee: v.optional(v.string()),
  snoozedUntil: v.optional(time),
  resolved: v.optional(done),
  /** When something is done next without anybody's doing. */
  dueAt: v.nullable(time),
};

export const incidentSummary = v.object({ ...inShort, alerts: v.object({ firing: count, resolved: count }) });

export const incident = v.object({
  ...inShort,
  alerts: v.array(
    v.object({
      fingerprint: v.string(),
      status: v.picklist(['firing', 'resolved']),
      labels: strings,
      annotations: strings,
      startsAt: time,
      endsAt: v.optional(time),
      generatorUrl: v.optional(v.string()),
      lastSeenAt: time,
      times: count,
    }),
  ),
  ladder: v.object({ startedAt: time, taken: count }),
  reopenedAt: v.array(time),
  /** It comes and goes, and stays open until it has been quiet for a while. */
  flapping: v.optional(v.object({ since: time, quietSince: v.optional(time) })),
  deliveries: v.array(
    v.object({
      key: v.string(),
      message: v.string(),
      step: v.number(),
      channel: v.string(),
      person: v.optional(v.string()),
      state: v.picklist(['waiting', 'sending', 'sent', 'failed']),
      attempts: count,
      createdAt: time,
      attemptAt: time,
      sentAt: v.optional(time),
      reference: v.optional(v.string()),
      reason: v.optional(v.string()),
    }),
  ),
  hookRuns: v.array(
    v.object({
      key: v.string(),
      hook: v.string(),
      parameters: strings,
      state: v.picklist(['proposed', 'waiting', 'running', 'done', 'failed', 'refused']),
      dryRun: v.boolean(),
      createdAt: time,
      attemptAt: time,
      endedAt: v.optional(time),
      approvedBy: v.optional(v.string()),
      result: v.optional(v.string()),
    }),
  ),
  notes: v.array(v.object({ at: time, by: v.string(), text: v.string() })),
});

export const incidentList = v.object({
  incidents: v.array(incidentSummary),
  /** Give it as `before` for the next page; absent on the last. */
  next: v.optional(v.string()),
});

const entry = {
  id: v.string(),
  incident: v.string(),
  who: v.string(),
  what: v.string(),
  why: v.optional(v.string()),
  data: v.optional(v.record(v.string(), v.unknown())),
};
export const timeline = v.object({ entries: v.array(v.object({ ...entry, number: count, at: time })) });

/** One line of the audit stream, as it is in the chain: `at` in milliseconds since 1970. */
export const auditRecord = v.object({
  ...entry,
  number: count,
  at: v.number(),
  previous: v.string(),
  hash: v.string(),
});

export const status = v.object({
  now: time,
  /** Not resolved, by severity. */
  open: v.object({ critical: count, high: count, warning: count, info: count }),
  policy: v.object({
    loadedAt: time,
    source: v.string(),
    problem: v.optional(v.string()),
    people: v.array(v.string()),
  }),
  dispatcher: v.record(v.string(), v.unknown()),
});

export const refusal = v.object({ error: v.string() });
