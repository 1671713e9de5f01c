/** The variables that the escalation service is started with, wherever it runs. */
import { listen, type Place, url } from '../../place.ts';
import { telemetryEnv } from '../../service/settings.ts';
import { tlsEnv } from '../../service/tls.ts';
import { alertsPort } from '../../stack.ts';

/** The whole of it but where its logs go, and what only the user knows: `passedOn`. */
export function escalationEnv(place: Place): Record<string, string> {
  return {
    FLEETSCOPE_ESCALATION_LISTEN: listen(place, 'escalation', 'http'),
    FLEETSCOPE_ESCALATION_URL: `http://127.0.0.1:${place.port('escalation', 'http')}`,
    FLEETSCOPE_ESCALATION_ALERTMANAGER: url(place, 'alertmanager', 'http'),
    FLEETSCOPE_ESCALATION_DATA: place.data('escalation'),
    FLEETSCOPE_ESCALATION_WEBHOOK_TOKEN_FILE: place.secret('escalation-webhook-token'),
    FLEETSCOPE_ESCALATION_API_TOKEN_FILE: place.secret('escalation-api-token'),
    FLEETSCOPE_ESCALATION_SIGNING_KEY_FILE: place.secret('escalation-signing-key'),
    ...(place.tls && {
      ...tlsEnv(place),
      FLEETSCOPE_ESCALATION_ALERTS_LISTEN: `${place.bind}:${alertsPort}`,
    }),
    ...telemetryEnv(place, 'escalation'),
  };
}

/** What the shipped policy asks the environment for: where people are. Each is a secret or the path of a file with it. */
const channels = [
  'FLEETSCOPE_SLACK_WEBHOOK_URL',
  'FLEETSCOPE_DISCORD_WEBHOOK_URL',
  'FLEETSCOPE_SMTP_URL',
  'FLEETSCOPE_PAGERDUTY_ROUTING_KEY',
  'FLEETSCOPE_ONCALL_EMAIL',
  'FLEETSCOPE_WEBHOOK_URL',
  'FLEETSCOPE_GITHUB_TOKEN',
] as const;

/** Variables of the user that reach the service in a container as they are, where they are set. */
export const passedOn: readonly string[] = [
  ...channels.flatMap((name) => [name, `${name}_FILE`]),
  'FLEETSCOPE_ESCALATION_POLICY',
  'FLEETSCOPE_ESCALATION_STORE',
  'OTEL_RESOURCE_ATTRIBUTES',
];
