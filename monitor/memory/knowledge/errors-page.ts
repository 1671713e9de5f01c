/** The encyclopedia of errors: one table, and one page for each fingerprint, where people write what only they know. Pure. (M05, B11) */
import { code, ids, plain, table } from '../../markdown.ts';
import { count, errorText, money } from '../../words.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Block } from './blocks.ts';
import { cut } from './cut.ts';
import { type KnownError, notKnown } from './known-error.ts';
import type { KnownFacts } from './known-facts.ts';

export const errorsPath = 'docs/ENCOUNTERED_ERRORS.md';

/** Of the page of one error, from the root of the repository: what `runbook_url` of an alert about it leads to. */
export function errorPagePath(fingerprint: string): string {
  return `docs/errors/${fingerprint}.md`;
}

/** What a page is named by becomes part of a path. */
export function hasPage(fingerprint: string): boolean {
  return /^[\da-z]{1,64}$/i.test(fingerprint);
}

export const errorsHeading = `# Encountered errors

Errors of failed work, by fingerprint: the same trouble has the same one. Each has a page, and people write there what is known of it.`;

/** A table is read; the rest is found by its page. */
const mostRows = 200;

export function errorsPage({ until, past }: KnownFacts, errors: readonly KnownError[]): Block[] {
  const of = (status: KnownError['status']) => errors.filter((error) => error.status === status).length;
  const counts = `${errors.length} known: ${of('returned')} returned, ${of('open')} open, ${of('quiet')} quiet, ${of('resolved')} resolved.`;
  const rest = errors.length - mostRows;
  const rows = errors
    .slice(0, mostRows)
    .map((error) => [
      ...[
        link(error, 'errors/'),
        plain(cut(errorText(error), 120)),
        `${error.status} since ${error.since}${by(error)}`,
      ],
      ...[`${error.times}`, `${error.days.length}`, error.first_at.slice(0, 10), error.last_at.slice(0, 10)],
      money(error.cost_micro_usd),
    ]);
  return [
    {
      name: 'state',
      text: `${counts} From ${count(past.length, 'day')} until ${until} ${ids([`day:${until}`])}.`,
    },
    {
      name: 'errors',
      text: [
        errors.length === 0
          ? 'None was seen.'
          : table(['Fingerprint', 'Error', 'Status', 'Times', 'Days', 'First seen', 'Last seen', 'Cost'], rows),
        ...(rest > 0 ? [`… and ${rest} more, each with a page in [errors](errors).`] : []),
      ].join('\n\n'),
    },
  ];
}

/** @param folder from the document to the pages. */
export function link({ fingerprint }: Pick<KnownError, 'fingerprint'>, folder: string): string {
  return hasPage(fingerprint) ? `[${code(fingerprint)}](${folder}${fingerprint}.md)` : code(fingerprint);
}

/** Only what can be no markup: hexadecimal digits. */
export function by({ told: { fix_commit } }: KnownError): string {
  return fix_commit === null ? '' : ` (fix ${code(fix_commit.slice(0, 12))})`;
}

export function errorHeading({ fingerprint }: KnownError): string {
  return `# Error ${fingerprint}

[All errors](../ENCOUNTERED_ERRORS.md). Write cause, resolution, workaround and the commit that mends it where it says "${notKnown}": what you write stays. \`resolved\` as the status, or a fix commit, says that it is over; if it comes again it is *returned*.`;
}

/** Blocks of the page of one error. */
export function errorPage(error: KnownError): Block[] {
  return [
    { name: 'facts', text: facts(error) },
    { name: 'cause', text: `## Cause\n\n${notKnown}` },
    { name: 'resolution', text: `## Resolution\n\n${notKnown}` },
    { name: 'workaround', text: `## Workaround\n\n${notKnown}` },
    // What the machine thinks of it stands above: whoever writes here is not to wait for it.
    { name: 'status', text: `## Status, by people\n\n${notKnown}` },
    { name: 'fix-commit', text: `## Fix commit\n\n${notKnown}` },
    { name: 'course', text: course(error) },
  ];
}

function facts(error: KnownError): string {
  return table(
    ['', ''],
    [
      ['Error', plain(cut(errorText(error), 1000))],
      ['Status', `${error.status} since ${error.since}${by(error)}`],
      ['Seen', `${count(error.times, 'time')} on ${count(error.days.length, 'day')}`],
      ['First seen', error.first_at],
      ['Last seen', error.last_at],
      ['Cost', money(error.cost_micro_usd)],
      ['Agents', error.agents.map(plain).join(', ') || '-'],
      ['Evidence', ids([`error:${error.fingerprint}`, ...error.sessions])],
    ],
  );
}

/** The last occurrence that a page tells of. */
export function lastSeenIn(page: string): string | undefined {
  return /^\| Last seen \| (\S+) \|$/m.exec(page)?.[1];
}

/** Older weeks are one row. */
const weeksShown = 12;

function course({ seen, silences, status, since }: KnownError): string {
  const weeks = [...Map.groupBy(seen, ({ date }) => weekOf(beginOf(date)))].reverse();
  const row = (name: string, days: KnownError['seen']) => {
    const costs = days.flatMap(({ error }) => error.cost_micro_usd ?? []);
    const times = days.reduce((sum, { error }) => sum + error.times, 0);
    const cost = costs.length === 0 ? null : costs.reduce((sum, one) => sum + one, 0);
    return [name, `${days.length}`, `${times}`, money(cost)];
  };
  const older = weeks.slice(weeksShown).flatMap(([, days]) => days);
  const rows = [
    ...weeks.slice(0, weeksShown).map(([week, days]) => row(week, days)),
    ...(older.length > 0 ? [row('before', older)] : []),
  ];
  const lines = silences.map(({ after, until, confidence }) =>
    until === null
      ? `- Not seen since ${after} (confidence ${confidence.toFixed(2)} that it is no chance).`
      : `- Gone after ${after}, back on ${until} (confidence ${confidence.toFixed(2)} that it had been gone).`,
  );
  const back =
    status === 'returned' ? `It came back on ${since}.` : 'It is not known to have come back after it was over.';
  const came =
    silences.some(({ until }) => until !== null) && status !== 'returned' ? 'It has come back before.' : back;
  return [
    '## Course',
    table(['Week', 'Days', 'Times', 'Cost'], rows),
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    came,
  ].join('\n\n');
}
