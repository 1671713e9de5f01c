import { type Severity, severities, teams } from '../../../routes.ts';
import type { Instant } from '../../clock.ts';
import type { Incident } from '../../incident/incident.ts';
import { type Html, html } from './html.ts';
import { badge, situation } from './incident-parts.ts';
import { layout } from './layout.ts';
import { when } from './words.ts';

export interface ListPage {
  readonly root: string;
  readonly who: string;
  readonly now: Instant;
  readonly show: 'open' | 'resolved';
  readonly team?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly incidents: readonly Incident[];
  /** How many are not resolved, whatever the filter. */
  readonly open: Readonly<Record<Severity, number>>;
  /** Where the next page begins. */
  readonly before?: string | undefined;
  /** There are more than the page shows. */
  readonly more: boolean;
  readonly nextStep: (incident: Incident) => { readonly at: Instant; readonly tells: string } | undefined;
}

export function listPage(page: ListPage): string {
  const { root, who, show, incidents, open, before, more } = page;
  const total = Object.values(open).reduce((sum, count) => sum + count, 0);
  return layout({
    ...{ root, who, title: total > 0 ? `${total} open incidents` : 'No open incidents' },
    // What is looked at in the night is not older than half a minute. A page that was turned stays.
    ...(show === 'open' && { refreshSeconds: 30 }),
    body: html`<h1>${headline(total, open)}</h1>
<nav class="tabs" aria-label="Which incidents">
${tab(page, 'open', 'Open')}${tab(page, 'resolved', 'Resolved')}
</nav>
${
  incidents.length === 0
    ? html`<p class="card empty"><b>${show === 'open' ? 'Nothing is open' : 'Nothing was resolved yet'}</b><span class="muted">${filtered(page) ? 'with this filter.' : 'Alerts that need somebody will be here.'}</span></p>`
    : html`<ul class="rows">${incidents.map((incident) => row(page, incident))}</ul>`
}
${more && show === 'open' && html`<p class="hint more">There are more: filter by team or severity.</p>`}
${more && show === 'resolved' && html`<p class="actions more"><a class="button" href="${root}incidents?${query(page, { before })}">Older</a></p>`}
${filter(page)}`,
  });
}

function headline(total: number, open: Readonly<Record<Severity, number>>): string {
  if (total === 0) return 'All quiet';
  const parts = (Object.keys(severities) as Severity[]).filter((severity) => open[severity] > 0);
  return `${total} open: ${parts.map((severity) => `${open[severity]}\u00a0${severity}`).join(', ')}`;
}

function row({ root, now, nextStep }: ListPage, incident: Incident): Html {
  const { id, title, severity, state, team, alerts } = incident;
  const next = state === 'open' ? nextStep(incident) : undefined;
  const firing = alerts.filter(({ status }) => status === 'firing').length;
  return html`<li><a class="row ${severity}${state === 'open' ? '' : ' calm'}" href="${root}incidents/${id}">
<span class="facts">${badge(severity)}<span class="muted">${team}${firing > 1 && html`, ${firing} alerts`}</span></span>
<strong>${title}</strong>
${situation(incident, now)}
${next && html`<span class="muted">Next: ${next.tells} ${when(next.at, now)}</span>`}
</a></li>`;
}

function tab(page: ListPage, show: ListPage['show'], words: string): Html {
  const current = page.show === show;
  return html`<a href="${page.root}incidents?${query(page, { show })}"${current && html` aria-current="page"`}>${words}</a>`;
}

function filter(page: ListPage): Html {
  const { root, show, team, severity } = page;
  const options = (names: readonly string[], chosen: string | undefined) =>
    names.map((name) => html`<option${name === chosen && html` selected`}>${name}</option>`);
  return html`<details class="more"${filtered(page) && html` open`}><summary>Filter</summary>
<form class="stack" action="${root}incidents">
<input type="hidden" name="show" value="${show}">
<label for="team">Team</label>
<select id="team" name="team"><option value="">every team</option>${options(Object.keys(teams), team)}</select>
<label for="severity">Severity</label>
<select id="severity" name="severity"><option value="">every severity</option>${options(Object.keys(severities), severity)}</select>
<button>Show</button>
</form></details>`;
}

function filtered({ team, severity }: ListPage): boolean {
  return team !== undefined || severity !== undefined;
}

function query({ show, team, severity }: ListPage, more: { show?: string; before?: string | undefined }): string {
  const fields = { show, team, severity, ...more };
  return `${new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => !!field[1]))}`;
}
