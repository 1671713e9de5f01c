/** Every route of the API, in one table: the server serves it, /openapi.json describes it. */
import { Readable } from 'node:stream';
import type * as v from 'valibot';
import type { Instant } from '../clock.ts';
import type { AlertsReceived, Event, Via } from '../incident/event.ts';
import type { Incident } from '../incident/incident.ts';
import * as schema from './api-schema.ts';
import { incidentView, summaryView, timelineView, withTimes } from './api-view.ts';
import type { ServerDeps } from './deps.ts';
import { incidentIdPattern } from './incident-id.ts';
import { Problem } from './problem.ts';

export interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: v.GenericSchema;
  readonly body?: v.GenericSchema;
  readonly answer: v.GenericSchema;
  /** `application/json` unless said. */
  readonly type?: string;
  run(input: Input, deps: ServerDeps): Promise<unknown>;
}

interface Input<Q = unknown, B = unknown> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
}

export const operations: readonly Operation[] = [
  operation({
    ...{ method: 'GET', path: '/api/incidents', id: 'listIncidents', summary: 'Incidents, newest first, by pages.' },
    query: schema.listQuery,
    answer: schema.incidentList,
    async run({ query: { state, limit = 50, ...filter } }, { store }) {
      if (filter.before !== undefined) idOf({ id: filter.before });
      // One more than asked for tells whether there is a next page.
      const found = await store.list({
        ...defined(filter),
        ...(state && { states: state }),
        limit: Math.min(limit + 1, 1000),
      });
      const incidents = found.slice(0, limit).map(summaryView);
      const more = found.length > limit || (limit === 1000 && found.length === limit);
      return { incidents, ...(more && { next: incidents.at(-1)?.id }) };
    },
  }),
  operation({
    ...{
      method: 'GET',
      path: '/api/incidents/:id',
      id: 'getIncident',
      summary: 'One incident with all that it knows.',
    },
    answer: schema.incident,
    run: async ({ params }, { store }) => incidentView(await found(idOf(params), store)),
  }),
  operation({
    ...{ method: 'GET', path: '/api/incidents/:id/timeline', id: 'getTimeline' },
    summary: 'Who did what, when and why, oldest first.',
    answer: schema.timeline,
    run: async ({ params }, { store }) => timelineView(await store.historyOf((await found(idOf(params), store)).id)),
  }),
  change('acknowledge', 'Somebody has it: nobody else is told.', schema.actorBody, (by) => ({
    kind: 'acknowledge',
    ...by,
  })),
  change('resolve', 'It is over.', schema.actorBody, (by) => ({ kind: 'resolve', ...by })),
  change('assign', 'It is given to somebody.', schema.assignBody, (by, { to }) => ({ kind: 'assign', to, ...by })),
  change('snooze', 'Silent for a time (`for`, at most 7d) or until a moment.', schema.snoozeBody, (by, body, now) => ({
    kind: 'snooze',
    until: snoozeEnd(body, now),
    ...by,
  })),
  change('note', 'What whoever looks next should know.', schema.noteBody, (by, { text }) => ({
    kind: 'note',
    text,
    ...by,
  })),
  change('hooks/:number/approve', 'A remedy that waits for a yes is started.', schema.actorBody, (by, _, __, key) => ({
    ...{ kind: 'approveHook', key, ...by },
  })),
  change(
    'hooks/:number/refuse',
    'A remedy that waits for a yes is not started.',
    schema.actorBody,
    (by, _, __, key) => ({
      ...{ kind: 'refuseHook', key, ...by },
    }),
  ),
  operation({
    ...{ method: 'GET', path: '/api/audit', id: 'getAudit', type: 'application/x-ndjson' },
    summary: 'The audit trail from a number on, one JSON a line, in the order of its chain.',
    query: schema.auditQuery,
    answer: schema.auditRecord,
    run: async ({ query: { from = 1 } }, { store }) => Readable.from(lines(store.audit(from))),
  }),
  operation({
    ...{
      method: 'GET',
      path: '/api/status',
      id: 'getStatus',
      summary: 'What is open, by which policy, and how sending goes.',
    },
    answer: schema.status,
    run: async (_, { store, now, policyInfo, dispatcherState }) => ({
      now: new Date(now()).toISOString(),
      open: await store.openBySeverity(),
      policy: withTimes(policyInfo()),
      dispatcher: dispatcherState(),
    }),
  }),
];

/** @throws Problem 404 for what is no id, without asking the store. */
export function idOf({ id = '' }: Readonly<Record<string, string>>): string {
  if (!incidentIdPattern.test(id))
    throw new Problem(404, 'Cannot find the incident: ids look like 20261126-093015-k7qx. List them: /api/incidents.');
  return id;
}

export async function found(id: string, store: ServerDeps['store']): Promise<Incident> {
  const incident = await store.byId(id);
  if (!incident) throw new Problem(404, `Cannot find the incident ${id}: there is none. List them: /api/incidents.`);
  return incident;
}

/** What is too long or over already the incident refuses. @throws Problem 400 unless it is one of the two. */
export function snoozeEnd(asked: { for?: number | undefined; until?: string | undefined }, now: Instant): Instant {
  if ((asked.for === undefined) === (asked.until === undefined))
    throw new Problem(400, 'Cannot snooze: give "for", e.g. "2h", or "until", a time; one of the two.');
  return asked.for === undefined ? Date.parse(asked.until as string) : now + asked.for;
}

/** The key of a hook run, by the number in the address. */
export function hookKey(id: string, number: string): string {
  if (!/^\d{1,6}$/.test(number))
    throw new Problem(404, 'Cannot find the remedy: its number is wrong. Look at the incident.');
  return `${id}/hook/${number}`;
}

function operation<Q extends v.GenericSchema, B extends v.GenericSchema>(
  given: Omit<Operation, 'query' | 'body' | 'run'> & {
    query?: Q;
    body?: B;
    run(input: Input<v.InferOutput<Q>, v.InferOutput<B>>, deps: ServerDeps): Promise<unknown>;
  },
): Operation {
  return given as unknown as Operation;
}

type By = { readonly by: string; readonly via: Via };
type Asked = Exclude<Event, AlertsReceived>;

/** POST /api/incidents/:id/<name>: an event for one incident; the answer is the incident then. */
function change<B extends v.GenericSchema<unknown, { actor: string; via?: 'api' | 'cli' | undefined }>>(
  name: string,
  summary: string,
  body: B,
  event: (by: By, body: v.InferOutput<B>, now: Instant, key: string) => Asked,
): Operation {
  const [what = '', , verb] = name.split('/');
  return operation({
    method: 'POST',
    path: `/api/incidents/:id/${name}`,
    id: verb ? `${verb}Hook` : `${what}Incident`,
    summary,
    body,
    answer: schema.incident,
    async run({ params, body }, { desk, now }) {
      const id = idOf(params);
      const { actor, via = 'api' } = body as { actor: string; via?: Via };
      const key = params.number === undefined ? '' : hookKey(id, params.number);
      return incidentView(await desk.apply(id, event({ by: actor, via }, body, now(), key)));
    },
  });
}

async function* lines(records: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

/** Without the undefined ones: an absent filter is absent. */
function defined<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
