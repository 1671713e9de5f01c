/** Where people reach Grafana: rules are written for one machine, and their links lead to its loopback. */

import { shownUrl } from '../../../service/shown-url.ts';

/** The address with which links to the dashboards begin. @throws RangeError where it is none of HTTP, or more than its beginning. */
export function grafanaAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new RangeError(
      `Cannot use FLEETSCOPE_GRAFANA_URL: "${shownUrl(text)}" is no address of HTTP. Give one, e.g. https://grafana.example.org.`,
    );
  const { username, password } = new URL(text);
  // A path is put behind it, and everybody who is told of an incident reads it.
  if (username || password || /[?#]/.test(text))
    throw new RangeError(
      `Cannot use FLEETSCOPE_GRAFANA_URL: "${shownUrl(text)}" was given with a user, "?" or "#". Leave these out, e.g. https://grafana.example.org/fleet.`,
    );
  return text.replace(/\/+$/, '');
}

/** The same annotations; a link to a dashboard on loopback leads to where Grafana is. One that was written by hand stays. */
export function linkedTo(
  grafana: string | undefined,
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { dashboard_url: link } = annotations;
  if (grafana === undefined || link === undefined || !URL.canParse(link)) return annotations;
  const { hostname, pathname, search } = new URL(link);
  if (hostname !== 'localhost' && hostname !== '127.0.0.1') return annotations;
  return { ...annotations, dashboard_url: `${grafana}${pathname}${search}` };
}
