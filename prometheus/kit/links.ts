import { type Place, url } from '../../place.ts';
import { stack } from '../../stack.ts';
import type { Alert } from './alert.ts';

/** Where people read this repository. Whoever copies it writes their own here: every runbook link follows. */
export const repositoryUrl = 'https://github.com/fleetscope/fleetscope/blob/main';

const runbooksFolder = 'docs/runbooks';

export function runbookUrl(alertname: string): string {
  return `${repositoryUrl}/${runbooksFolder}/${alertname}.md`;
}

/** Where the alert's `runbook_url` leads: to its runbook, or to the page of what it is about. */
export function pageUrl({ name, page }: Pick<Alert, 'name' | 'page'>): string {
  return page ? `${repositoryUrl}/${page.folder}/{{ $labels.${page.label} | urlquery }}.md` : runbookUrl(name);
}

/** The dashboard, filtered to what the alert is about, around the time it is read. `{{ }}` is filled in by Prometheus. */
export function dashboardUrl({ dashboard, variables = {} }: Alert, place: Place): string {
  const filters = Object.entries(variables).map(
    ([variable, label]) => `&var-${variable}={{ $labels.${label} | urlquery }}`,
  );
  return `${grafanaUrl(place)}/d/${dashboard}?from=now-1h&to=now${filters.join('')}`;
}

/** As a browser reaches it: Compose publishes on loopback. */
function grafanaUrl(place: Place): string {
  return place.kind === 'compose' ? `http://localhost:${stack.grafana.ports.http}` : url(place, 'grafana', 'http');
}
