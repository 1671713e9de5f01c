import type { Instant } from '../../clock.ts';
import type { Incident } from '../../incident/incident.ts';
import type { AuditRecord } from '../../store/store.ts';
import { alertItem, deliveryItem, noteItem, remedyItem, trailItem } from './detail-items.ts';
import { type Html, html } from './html.ts';
import { badge, situation } from './incident-parts.ts';
import { layout } from './layout.ts';
import { utc, when } from './words.ts';

export interface DetailPage {
  readonly root: string;
  readonly who: string;
  readonly now: Instant;
  readonly incident: Incident;
  readonly history: readonly AuditRecord[];
  readonly people: readonly string[];
  readonly next?: { readonly at: Instant; readonly tells: string } | undefined;
  /** What has just been done, in a word. */
  readonly done?: string | undefined;
}

/** What a phone loads is small, however long an incident goes on; the API has it all. */
const most = { alerts: 8, remedies: 10, notes: 10, messages: 20, history: 40 };

export function detailPage(page: DetailPage): string {
  const { root, who, now, incident, history, next, done } = page;
  const { id, title, severity, team, openedAt, alerts, hookRuns, notes, deliveries } = incident;
  const waiting = hookRuns.filter(({ state }) => state === 'proposed');
  const others = hookRuns.filter(({ state }) => state !== 'proposed');
  return layout({
    ...{ title, root, who },
    body: html`${done && html`<p class="notice" role="status">${done}</p>`}
<section class="card ${severity}">
<p class="facts">${badge(severity)} ${situation(incident, now)}</p>
<h1 class="title">${title}</h1>
<p class="muted">${team} · opened ${utc(openedAt)} · ${id}</p>
${incident.state === 'open' && next && html`<p class="muted">Next: ${next.tells} ${when(next.at, now)}</p>`}
${incident.state !== 'resolved' && answers(page)}
</section>
${list('Remedies', [...waiting, ...others.reverse()], most.remedies, (run) => remedyItem(root, id, run, now))}
${list('Alerts', alerts, most.alerts, (alert) => alertItem(alert, now))}
${list('Notes', notes.toReversed(), most.notes, (note) => noteItem(note, now))}
${list('Messages', deliveries.toReversed(), most.messages, (delivery) => deliveryItem(delivery, now))}
${list('Timeline', history.toReversed(), most.history, (entry) => trailItem(entry, now), 'trail')}`,
  });
}

/** A part of the page, or nothing where there is nothing. */
function list<T>(title: string, all: readonly T[], most: number, item: (one: T) => Html, name = 'list card') {
  if (all.length === 0) return undefined;
  const hidden = all.length - most;
  return html`<section><h2>${title}</h2><ul class="${name}">
${all.slice(0, most).map(item)}
${hidden > 0 && html`<li class="muted">and ${hidden} more, by the API</li>`}
</ul></section>`;
}

function answers({ root, incident, people, who }: DetailPage): Html {
  const { id, state, assignee } = incident;
  const to = (name: string) => `${root}incidents/${id}/${name}`;
  const taken = state === 'acknowledged';
  return html`<div class="actions more">
${!taken && html`<form method="post" action="${to('acknowledge')}"><button class="primary">Acknowledge</button></form>`}
<form method="post" action="${to('resolve')}"><button${taken && html` class="primary"`}>Resolve</button></form>
</div>
<div class="more">
<details><summary>Add a note</summary><form method="post" action="${to('note')}" class="stack">
<label for="text">What whoever looks next should know</label><textarea id="text" name="text" required maxlength="4000"></textarea>
<button>Add the note</button></form></details>
<details><summary>Give it to somebody</summary><form method="post" action="${to('assign')}" class="stack">
<label for="to">Who</label><input id="to" name="to" list="people" value="${assignee ?? who}" required maxlength="80" autocomplete="off">
<datalist id="people">${people.map((name) => html`<option value="${name}"></option>`)}</datalist>
<button>Give it</button></form></details>
<details><summary>Snooze</summary><form method="post" action="${to('snooze')}" class="stack">
<label for="for">Silent for</label><select id="for" name="for">${snoozes.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select>
<button>Snooze</button></form></details>
</div>`;
}

const snoozes = [
  ['30m', '30 minutes'],
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['12h', '12 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
] as const;
