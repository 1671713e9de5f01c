/** `node --import @fleetscope/instrumentation/register main.ts`: the escalation service as a process. Its settings: settings.ts. */
import { join } from 'node:path';
import { run } from '../../service/run.ts';
import { listenOn, needed, secret } from '../../service/settings.ts';
import { tlsOf } from '../../service/tls.ts';
import { grafanaAddress } from './http/grafana-link.ts';
import { defaultStore, openService } from './service.ts';

const shippedPolicy = join(import.meta.dirname, 'policy', 'default-policy.yml');

await run('FLEETSCOPE_ESCALATION_LISTEN', async ({ env, listen: { bind, port }, notice, onBroken }) => {
  const data = needed(env, 'FLEETSCOPE_ESCALATION_DATA', 'a folder that outlives the process');
  const tls = tlsOf(env);
  return openService({
    ...{ bind, port, notice, onBroken },
    ...(tls && { tls: { ...tls, alerts: listenOn(env, 'FLEETSCOPE_ESCALATION_ALERTS_LISTEN') } }),
    publicUrl: env.FLEETSCOPE_ESCALATION_URL || `http://${bind.includes(':') ? `[${bind}]` : bind}:${port}`,
    ...(env.FLEETSCOPE_GRAFANA_URL && { grafanaUrl: grafanaAddress(env.FLEETSCOPE_GRAFANA_URL) }),
    policyFile: env.FLEETSCOPE_ESCALATION_POLICY || shippedPolicy,
    store: env.FLEETSCOPE_ESCALATION_STORE || defaultStore(data),
    ...(env.FLEETSCOPE_ESCALATION_ALERTMANAGER && { alertmanager: env.FLEETSCOPE_ESCALATION_ALERTMANAGER }),
    logs: env.FLEETSCOPE_ESCALATION_LOGS || join(data, 'logs', 'alerts'),
    tokens: {
      webhook: secret(env, 'FLEETSCOPE_ESCALATION_WEBHOOK_TOKEN_FILE'),
      api: secret(env, 'FLEETSCOPE_ESCALATION_API_TOKEN_FILE'),
    },
    signingKey: secret(env, 'FLEETSCOPE_ESCALATION_SIGNING_KEY_FILE'),
  });
});
