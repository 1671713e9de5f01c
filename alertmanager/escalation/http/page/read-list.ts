import * as v from 'valibot';
import { type Severity, severities, teams } from '../../../routes.ts';
import type { Incident } from '../../incident/incident.ts';
import { worstFirst } from '../../policy/severity.ts';
import type { Store } from '../../store/store.ts';
import { incidentIdPattern } from '../incident-id.ts';
import type { ListPage } from './list-page.ts';

/** A phone loads so many in under 50 kB. */
const pageSize = 40;

/** What an address asks for. What it cannot mean is left out: a filter of a bookmark may be gone. */
const asked = v.object({
  show: v.fallback(v.picklist(['open', 'resolved']), 'open'),
  team: v.fallback(v.optional(v.picklist(Object.keys(teams))), undefined),
  severity: v.fallback(v.optional(v.picklist(Object.keys(severities) as Severity[])), undefined),
  before: v.fallback(v.optional(v.pipe(v.string(), v.regex(incidentIdPattern))), undefined),
});

type Read = Pick<ListPage, 'show' | 'team' | 'severity' | 'incidents' | 'open' | 'before' | 'more'>;

export async function readList(query: unknown, store: Pick<Store, 'list' | 'openBySeverity'>): Promise<Read> {
  const { show, team, severity, before } = v.parse(asked, query);
  const filter = { ...(team && { team }), ...(severity && { severity }), ...(before && { before }) };
  const found =
    show === 'resolved'
      ? await store.list({ ...filter, states: ['resolved'], limit: pageSize + 1 })
      : await worst(store, { ...(team && { team }) }, severity ? [severity] : worstFirst);
  const incidents = found.slice(0, pageSize);
  const more = found.length > pageSize;
  return { show, team, severity, incidents, more, before: incidents.at(-1)?.id, open: await store.openBySeverity() };
}

/** What nobody has, first; of these the most urgent; of these the newest. One more than a page, if there are. */
async function worst(
  store: Pick<Store, 'list'>,
  filter: { team?: string },
  among: readonly Severity[],
): Promise<Incident[]> {
  const found: Incident[] = [];
  for (const state of ['open', 'acknowledged', 'snoozed'] as const) {
    for (const severity of among) {
      const limit = pageSize + 1 - found.length;
      if (limit <= 0) return found;
      found.push(...(await store.list({ ...filter, states: [state], severity, limit })));
    }
  }
  return found;
}
