/** Where people reach Grafana: rules are written for one machine, and their links lead to its loopback. */

/** The address with which links to the dashboards begin. @throws RangeError where it is none of HTTP. */
export function grafanaAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new RangeError(
      `Cannot use FLEETSCOPE_GRAFANA_URL: "${text}" is no address of HTTP. Give one, e.g. https://grafana.example.org.`,
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
