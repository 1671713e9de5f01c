/** What a storm is made of: alerts, a policy whose steps come within seconds, and what is looked at afterwards. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Incident } from '../../alertmanager/escalation/incident/incident.ts';
import type { PolicyInput } from '../../alertmanager/escalation/policy/policy-file.ts';
import type { Store } from '../../alertmanager/escalation/store/store.ts';
import type { Severity } from '../../alertmanager/routes.ts';
import type { ServiceProcess } from '../../bench/escalation-process.ts';
import type { Group } from '../../bench/escalation-sender.ts';

/** By severity: which channels each step tells, and after how many seconds. */
const ladders: Record<Severity, readonly (readonly [seconds: number, ...channels: string[]])[]> = {
  critical: [
    [0, 'slack', 'discord'],
    [4, 'pagerduty'],
    [8, 'webhook'],
  ],
  high: [
    [0, 'slack'],
    [6, 'pagerduty'],
  ],
  warning: [[0, 'discord']],
  info: [[0, 'webhook']],
};

export const stormSteps = Object.fromEntries(
  Object.entries(ladders).map(([severity, steps]) => [severity, steps.map(([, ...channels]) => channels)]),
) as unknown as Record<Severity, readonly (readonly string[])[]>;

export function stormPolicy(receivers: string): { policy: PolicyInput; env: Record<string, string> } {
  const sending = { timeout: '5s', giveUpAfter: '30s', ratePerMinute: 60_000 };
  const stepsOf = (severity: Severity) => ({
    repeat: '2h',
    steps: ladders[severity].map(([seconds, ...tell]) => ({ after: `${seconds}s`, level: 'L1' as const, tell })),
  });
  return {
    policy: {
      sameIncident: '2h',
      channels: {
        slack: { kind: 'slack', webhook: { env: 'STORM_SLACK' }, ...sending },
        discord: { kind: 'discord', webhook: { env: 'STORM_DISCORD' }, ...sending },
        pagerduty: {
          ...{ kind: 'pagerduty', routingKey: { env: 'STORM_PAGERDUTY' }, apiUrl: `${receivers}/pagerduty` },
          ...sending,
        },
        webhook: { kind: 'webhook', url: `${receivers}/webhook`, ...sending },
        log: { kind: 'log' },
      },
      teams: { fleet: {}, platform: {}, security: {}, finops: {} },
      severities: {
        critical: stepsOf('critical'),
        high: stepsOf('high'),
        warning: stepsOf('warning'),
        info: stepsOf('info'),
      },
    },
    env: {
      STORM_SLACK: `${receivers}/slack/a-long-secret-token`,
      STORM_DISCORD: `${receivers}/discord/a-long-secret-token`,
      STORM_PAGERDUTY: 'a-routing-key-of-32-characters-x',
    },
  };
}

const mix: readonly Severity[] = ['critical', 'warning', 'info', 'high', 'warning'];

/** One in seven is over soon: `lasting` is false. */
export function stormGroups(count: number, alerts: number): (Group & { lasting: boolean })[] {
  return Array.from({ length: count }, (_, number) => ({
    ...{ number, alerts, severity: mix[number % mix.length] as Severity, lasting: number % 7 !== 0 },
  }));
}

interface Summary {
  readonly id: string;
  readonly dueAt: string | null;
}

/** Nothing is to be done within the next minute. */
export async function settled(service: ServiceProcess): Promise<boolean> {
  const { dispatcher } = await service.get<{ dispatcher: { atWork: number } }>('/api/status');
  if (dispatcher.atWork > 0) return false;
  for (let before: string | undefined = ''; before !== undefined; ) {
    const page: { incidents: Summary[]; next?: string } = await service.get(
      `/api/incidents?limit=1000${before && `&before=${before}`}`,
    );
    if (page.incidents.some(({ dueAt }) => dueAt !== null && Date.parse(dueAt) < Date.now() + 60_000)) return false;
    before = page.next;
  }
  return true;
}

export async function allIncidents(store: Store): Promise<Incident[]> {
  const all: Incident[] = [];
  for (let page = await store.list({ limit: 1000 }); page.length > 0; ) {
    all.push(...page);
    page = await store.list({ limit: 1000, before: (page.at(-1) as Incident).id });
  }
  return all;
}

/** Number and hash of each line of the daily logs, in their order. */
export async function loggedRecords(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { number: number; hash: string })
    .map(({ number, hash }) => `${number} ${hash}`);
}
