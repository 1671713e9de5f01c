/** What `npm run incidents` can do. Each command gives what machines get, and what people read. */
import type * as v from 'valibot';
import { headsOf } from '../audit/log-files.ts';
import { verify } from '../audit/verify.ts';
import type * as schema from '../http/api-schema.ts';
import type { AuditRecord } from '../store/store.ts';
import type { ApiClient } from './api-client.ts';
import { findIncident } from './find-incident.ts';
import { incidentText, listRows, timelineRows, verdictText } from './print.ts';

export interface Command {
  /** As commander reads it: `note <id> <text>`. */
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  run(given: Given): Promise<Outcome>;
}

export interface Given {
  readonly client: ApiClient;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | true | undefined>>;
  /** Who does it. */
  readonly actor: string;
  readonly now: number;
  /** Rows as columns. */
  readonly table: (rows: string[][]) => string;
  /** Prints a line now. */
  readonly line: (text: string) => void;
}

export interface Outcome {
  readonly json?: unknown;
  readonly text?: string;
  /** Something is not as it should be: exit 1. */
  readonly findings?: boolean;
}

type Incident = v.InferOutput<typeof schema.incident>;
type List = v.InferOutput<typeof schema.incidentList>;
type Timeline = v.InferOutput<typeof schema.timeline>;

export const commands: readonly Command[] = [
  {
    usage: 'list',
    description: 'incidents that are not resolved, newest first',
    options: [
      ['--all', 'resolved ones too'],
      ['--team <team>', 'of one team'],
      ['--severity <severity>', 'critical, high, warning or info'],
      ['--limit <n>', 'at most so many, up to 1000; default: 50'],
    ],
    async run({ client, options: { all, team, severity, limit = '50' }, now, table }) {
      const asked = { state: all ? undefined : 'open,acknowledged,snoozed', team, severity, limit };
      const fields = Object.entries(asked).filter((field): field is [string, string] => typeof field[1] === 'string');
      const list = await client.get<List>(`/api/incidents?${new URLSearchParams(fields)}`);
      const rest = list.next ? `\n\nThere are more. The next ones: --limit, or ${client.url}/incidents` : '';
      const text = list.incidents.length > 0 ? `${table(listRows(list.incidents, now))}${rest}` : 'Nothing is open.';
      return { json: list, text: all && list.incidents.length === 0 ? 'There are no incidents.' : text };
    },
  },
  {
    usage: 'show <id>',
    description: 'all about one; an id may be shortened to its end',
    async run({ client, args: [id = ''], now, table }) {
      const json = await client.get<Incident>(`/api/incidents/${await findIncident(client, id)}`);
      return { json, text: incidentText(json, now, table) };
    },
  },
  answer('ack <id>', 'you have it: nobody else is called', 'acknowledge', () => ({})),
  answer('resolve <id>', 'it is over', 'resolve', () => ({})),
  answer('snooze <id> <duration>', 'silent for a time, e.g. 2h; at most 7d', 'snooze', ([duration]) => ({
    for: duration,
  })),
  answer('assign <id> <person>', 'it is given to somebody', 'assign', ([to]) => ({ to })),
  answer('note <id> <text...>', 'what whoever looks next should know', 'note', (words) => ({ text: words.join(' ') })),
  answer('approve <id> <remedy>', 'a remedy that waits for a yes, by its number', 'approve', () => ({})),
  answer('refuse <id> <remedy>', 'that remedy is not to be done', 'refuse', () => ({})),
  {
    usage: 'timeline <id>',
    description: 'who did what, when and why',
    async run({ client, args: [id = ''], table }) {
      const json = await client.get<Timeline>(`/api/incidents/${await findIncident(client, id)}/timeline`);
      return { json, text: table(timelineRows(json.entries)) };
    },
  },
  {
    usage: 'audit',
    description: 'the audit trail, one JSON a line',
    options: [
      ['--verify', 'whether it is whole; nothing else is printed'],
      ['--from <n>', 'from this number on; default: 1'],
      ['--log <folder>', 'of the daily log, which shows a trail that was cut or written anew'],
    ],
    async run({ client, options: { verify: check, from = '1', log }, line }) {
      if (!check) {
        for await (const record of client.lines(`/api/audit?from=${encodeURIComponent(from)}`))
          line(JSON.stringify(record));
        return {};
      }
      if (from !== '1') throw new RangeError('Cannot verify from the middle: a chain begins at 1. Leave --from out.');
      const heads = typeof log === 'string' ? await headsOf(log) : [];
      const verdict = await verify(client.lines<AuditRecord>('/api/audit'), heads);
      return { json: verdict, text: verdictText(verdict, typeof log === 'string'), findings: !verdict.ok };
    },
  },
];

/** A command that changes one incident. */
function answer(usage: string, description: string, path: string, body: (rest: readonly string[]) => object): Command {
  return {
    usage,
    description,
    async run({ client, args: [id = '', ...rest], actor }) {
      const hook = usage.includes('<remedy>') ? `hooks/${encodeURIComponent(rest[0] ?? '')}/` : '';
      const at = `/api/incidents/${await findIncident(client, id)}/${hook}${path}`;
      const json = await client.post<Incident>(at, { actor, via: 'cli', ...body(rest) });
      return { json, text: `${json.id} is ${json.state}: ${json.title}` };
    },
  };
}
