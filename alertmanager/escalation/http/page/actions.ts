import * as v from 'valibot';
import type { Instant } from '../../clock.ts';
import { duration } from '../../duration.ts';
import type { AlertsReceived, Event } from '../../incident/event.ts';
import { noteText, person } from '../api-schema.ts';
import { hookKey, snoozeEnd } from '../operations.ts';
import { read } from '../read.ts';

interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly by: string;
  readonly id: string;
  /** Of the remedy. */
  readonly number: string;
  readonly now: Instant;
}

interface Action {
  readonly name: string;
  /** Below /incidents/:id */
  readonly path: string;
  /** What the page says then. */
  readonly done: string;
  event(form: Form): Exclude<Event, AlertsReceived>;
}

const via = 'page';

/** What the buttons of an incident do. */
export const actions: readonly Action[] = [
  {
    ...{ name: 'acknowledge', path: 'acknowledge', done: 'You have it. Nobody else is called, unless it lasts.' },
    event: ({ by }) => ({ kind: 'acknowledge', by, via }),
  },
  {
    ...{ name: 'resolve', path: 'resolve', done: 'Resolved. Everybody who was told is told so.' },
    event: ({ by }) => ({ kind: 'resolve', by, via }),
  },
  {
    ...{ name: 'note', path: 'note', done: 'The note is there.' },
    event: ({ by, fields }) => {
      const { text } = given({ text: noteText }, fields);
      // A browser sends lines as mail does.
      return { kind: 'note', text: text.replaceAll('\r\n', '\n'), by, via };
    },
  },
  {
    ...{ name: 'assign', path: 'assign', done: 'It is given.' },
    event: ({ by, fields }) => ({ kind: 'assign', to: given({ to: person }, fields).to, by, via }),
  },
  {
    ...{ name: 'snooze', path: 'snooze', done: 'It is silent until then.' },
    event: ({ by, fields, now }) => ({
      kind: 'snooze',
      until: snoozeEnd(given({ for: duration }, fields), now),
      by,
      via,
    }),
  },
  {
    ...{ name: 'approve', path: 'hooks/:number/approve', done: 'The remedy is started.' },
    event: ({ by, id, number }) => ({ kind: 'approveHook', key: hookKey(id, number), by, via }),
  },
  {
    ...{ name: 'refuse', path: 'hooks/:number/refuse', done: 'The remedy is not started.' },
    event: ({ by, id, number }) => ({ kind: 'refuseHook', key: hookKey(id, number), by, via }),
  },
];

function given<E extends v.ObjectEntries>(entries: E, fields: Readonly<Record<string, string>>) {
  return read(v.object(entries), fields, 'the form', 'Go back and mend it.');
}
