/** What several pages say of an incident in the same words. */

import type { Severity } from '../../../routes.ts';
import type { Instant } from '../../clock.ts';
import type { Incident } from '../../incident/incident.ts';
import { type Html, html } from './html.ts';
import { lasting, when } from './words.ts';

export function badge(severity: Severity): Html {
  return html`<span class="badge ${severity}">${severity}</span>`;
}

/** Who has it, since when: one phrase. */
export function situation(incident: Incident, now: Instant): Html {
  const { state, acknowledged, resolved, snoozedUntil, assignee, openedAt } = incident;
  if (state === 'resolved' && resolved)
    return html`<span class="state ok">Resolved ${when(resolved.at, now)} by ${resolved.by}</span>`;
  if (state === 'snoozed' && snoozedUntil !== undefined)
    return html`<span class="state">Snoozed, wakes ${when(snoozedUntil, now)}</span>`;
  if (state === 'acknowledged')
    return html`<span class="state">${assignee ?? acknowledged?.by ?? 'Somebody'} has it${acknowledged && html`, acknowledged ${when(acknowledged.at, now)}`}</span>`;
  const whose = assignee ? html`given to ${assignee}, not acknowledged` : html`nobody has it`;
  return html`<span class="state alarm">Open for ${lasting(openedAt, now)}, ${whose}</span>`;
}
