/** PagerDuty's Events API v2. (developer.pagerduty.com/docs/events-api-v2-overview) */
import type { Severity } from '../../routes.ts';
import { readSecret } from '../secret.ts';
import { ask, checkStatus } from './ask.ts';
import type { Channel, Message } from './channel.ts';
import type { ConfigOf } from './channel-config.ts';
import { oneLine, plain, shorten, textOf } from './text.ts';

export function openPagerDuty({ routingKey, apiUrl }: ConfigOf<'pagerduty'>): Channel {
  return {
    async send(message, signal) {
      const event = { routing_key: readSecret(routingKey), ...eventOf(message) };
      const answer = await ask({ receiver: 'PagerDuty', url: `${apiUrl}/v2/enqueue`, body: event, signal });
      const said = answer.json as { message?: unknown; errors?: unknown } | undefined;
      const errors = Array.isArray(said?.errors) ? said.errors.join('; ') : said?.message;
      checkStatus('PagerDuty', answer, typeof errors === 'string' ? errors.slice(0, 300) : undefined);
      return { reference: message.incident.id };
    },
  };
}

const severities: Record<Severity, string> = { critical: 'critical', high: 'error', warning: 'warning', info: 'info' };
const actions = { alert: 'trigger', update: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const;
/** PagerDuty takes 1024 characters of summary, and 512 kB in all. */
const most = { summary: 1024, detail: 2000, details: 50 };

/** The incident's id is PagerDuty's key: a message that is sent twice is one alert there. */
function eventOf(message: Message) {
  const { incident, kind, links } = message;
  const event = { event_action: actions[kind], dedup_key: incident.id };
  if (kind === 'acknowledged' || kind === 'resolved') return event;
  const text = textOf(message);
  const [first] = incident.alerts;
  return {
    ...event,
    payload: {
      summary: shorten(oneLine(incident.title), most.summary),
      source: first?.labels.instance ?? first?.labels.service_name ?? first?.labels.agent_name ?? incident.team,
      severity: severities[incident.severity],
      timestamp: new Date(incident.openedAt).toISOString(),
      ...(first?.labels.service_name && { component: first.labels.service_name }),
      group: incident.team,
      ...(first?.labels.alertname && { class: first.labels.alertname }),
      custom_details: detailsOf(message),
    },
    links: text.links.map(({ name, url }) => ({ href: url, text: name })),
    client: 'Fleetscope',
    client_url: links.page,
  };
}

function detailsOf(message: Message): Record<string, string> {
  const text = textOf(message);
  const shared = text.labels.slice(0, most.details).map((label) => label.split(/=(.*)/s) as [string, string]);
  const details = {
    ...(text.summary && { summary: text.summary }),
    ...Object.fromEntries(text.facts.map((fact) => [fact.name, plain(fact)])),
    ...(text.alerts.length > 0 && { alerts: text.alerts.join('\n') }),
    ...Object.fromEntries(shared),
    delivery: text.key,
  };
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, shorten(value, most.detail)]));
}
