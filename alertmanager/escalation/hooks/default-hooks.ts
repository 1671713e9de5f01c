/**
 * Remedies of the default policy. All of them are dry runs: an incident says what would have been done. Set `dryRun: false`
 * once what it says is right. The fleet is steered by `controlServer` of @fleetscope/instrumentation; the demo fleet writes
 * where its own listens, and with which token, into the files `data/control/url` and `data/control/token`. (X04)
 */
import type { SecretRef } from '../secret.ts';
import type { HookInput } from './hook-config.ts';

interface Control {
  /** Where it is written at which address the fleet's control server listens. */
  url: SecretRef;
  token: SecretRef;
}

export function defaultHooks(control: Control): Record<string, HookInput> {
  /** An order to the fleet. It forgets each after `forSeconds`, should nobody take it back. */
  const order = (path: string, body: NonNullable<HookInput & { kind: 'http' }>['body']) =>
    ({
      kind: 'http',
      url: { base: control.url, path: `/control/${path}` },
      headers: { authorization: { bearer: control.token } },
      body: { ...(body as object), by: 'incident {incident.id}', reason: '{incident.title}' },
      with: { 'incident.id': '[\\w\\-]+', 'incident.title': '.{1,300}' },
      lock: 'fleet-control',
    }) as const satisfies HookInput;

  return {
    // A fleet that fails at most of what it does spends money on nothing: let it finish what it has, and take no more.
    'pause-fleet': {
      ...order('pause', { forSeconds: 1800 }),
      on: { alertname: ['FleetErrorRateHigh'], labels: { severity: 'critical' } },
      ratePerHour: 2,
      onResolve: 'resume-fleet',
    },
    'resume-fleet': order('resume', {}),

    // Before the provider says no, or the month's money is gone in a day.
    'throttle-fleet': {
      ...order('throttle', { perMinute: 30, forSeconds: 3600 }),
      on: { alertname: ['ApiRateLimitNear', 'TokenUsageHigh', 'CostRunRateHigh'] },
      onResolve: 'unthrottle-fleet',
    },
    'unthrottle-fleet': order('throttle', { perMinute: null }),

    // Agents stop calling what mostly fails, and do without.
    'break-tool-circuit': {
      ...order('circuit-breaker', { name: '{gen_ai_tool_name}', state: 'open', forSeconds: 900 }),
      on: { alertname: ['ToolFailuresHigh'] },
      with: { 'incident.id': '[\\w\\-]+', 'incident.title': '.{1,300}', gen_ai_tool_name: '[\\w.\\-]{1,64}' },
      onResolve: 'close-tool-circuit',
    },
    'close-tool-circuit': {
      ...order('circuit-breaker', { name: '{gen_ai_tool_name}', state: 'closed' }),
      with: { 'incident.id': '[\\w\\-]+', 'incident.title': '.{1,300}', gen_ai_tool_name: '[\\w.\\-]{1,64}' },
    },

    // The usual model is late: ask the one that stands in for it.
    'use-fallback-model': {
      ...order('fallback', { name: 'model', module: 'gpt-4.1-mini', forSeconds: 1800 }),
      on: { remedy: 'performance_degradation', labels: { team: 'fleet' } },
      ratePerHour: 2,
      onResolve: 'use-usual-model',
    },
    'use-usual-model': order('fallback', { name: 'model', module: null }),

    // Work piles up: more of it at once, for an hour.
    'raise-capacity': {
      ...order('capacity', { limit: 400, forSeconds: 3600 }),
      on: { alertname: ['QueueBacklogHigh'] },
      onResolve: 'usual-capacity',
    },
    'usual-capacity': order('capacity', { limit: null }),

    // Gates that mostly fail stop everybody: ask only for what must hold, until somebody has looked.
    'reduce-gate-scope': {
      ...order('fallback', { name: 'gates', module: 'required-only', forSeconds: 3600 }),
      on: { alertname: ['GateFailuresHigh'] },
      approval: true,
      onResolve: 'full-gate-scope',
    },
    'full-gate-scope': order('fallback', { name: 'gates', module: null }),

    // Old build caches are what fills a disk first, and can be made again.
    'purge-caches': {
      kind: 'command',
      on: { alertname: ['StackDiskFilling'] },
      program: '/usr/bin/docker',
      arguments: ['builder', 'prune', '--force', '--filter', 'until=24h'],
      timeout: '2m',
      ratePerHour: 1,
      approval: true,
    },

    // A number that people have thought of, not one from an alert.
    'scale-up': {
      kind: 'command',
      on: { remedy: 'resource_exhaustion', labels: { alertname: 'ServiceUtilizationHigh' } },
      program: '/usr/local/bin/kubectl',
      arguments: ['scale', 'deployment/fleet', '--namespace=fleet', '--current-replicas=3', '--replicas=6'],
      environment: ['HOME', 'KUBECONFIG'],
      timeout: '30s',
      ratePerHour: 1,
      approval: true,
      onResolve: 'scale-down',
    },
    'scale-down': {
      kind: 'command',
      program: '/usr/local/bin/kubectl',
      arguments: ['scale', 'deployment/fleet', '--namespace=fleet', '--current-replicas=6', '--replicas=3'],
      environment: ['HOME', 'KUBECONFIG'],
      timeout: '30s',
    },

    // Something to come back to, when the incident is long over.
    'open-ticket': {
      kind: 'http',
      on: { remedy: 'high_error_rate', labels: { severity: 'critical' } },
      url: 'https://api.github.com/repos/your-organisation/your-repository/issues',
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        authorization: { bearer: { env: 'FLEETSCOPE_GITHUB_TOKEN' } },
      },
      body: {
        title: '{incident.title}',
        body: 'Opened by incident {incident.id}, severity {incident.severity}, team {incident.team}.',
        labels: ['incident'],
      },
      with: {
        'incident.id': '[\\w\\-]+',
        'incident.title': '.{1,300}',
        'incident.severity': '[a-z]+',
        'incident.team': '[a-z]+',
      },
      ratePerHour: 10,
    },
  };
}
