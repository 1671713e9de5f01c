/** Every query of every dashboard, asked once as a reader would, then by many readers at once; and the search for traces. */
import { setTimeout as delay } from 'node:timers/promises';
import { getJson } from '../doctor/ask.ts';
import type { Asked } from '../grafana/live/open.ts';
import { panels } from '../grafana/live/panels.ts';
import { dashboardFiles } from '../grafana/panel-queries.ts';
import { services } from './scale-load.ts';
import type { ScaleStack } from './scale-stack.ts';
import { quantile } from './statistics.ts';

/** ms. */
export interface Times {
  readonly asked: number;
  readonly mean: number;
  readonly p95: number;
  readonly longest: number;
}

export interface QueryReport {
  readonly dashboards: number;
  /** Until the last panel of a dashboard is there. */
  readonly opening: Times;
  readonly query: Times;
  readonly failed: number;
  /** Queries and variables of one dashboard, on average, closed rows left out. */
  readonly queriesOfADashboard: number;
  readonly users: UserTimes;
  readonly traceSearch: Times;
  /** In Tempo, when it was searched. */
  readonly spans: number;
}

export interface UserTimes {
  readonly users: number;
  readonly refreshSeconds: number;
  readonly perSecond: number;
  readonly times: Times;
  readonly failed: number;
  /** CPU µs of one query, of all stores together, and bytes of an answer. */
  readonly cpuMicros: number;
  readonly answerBytes: number;
}

const stores = ['prometheus', 'loki', 'tempo'] as const;

export async function measureQueries(
  stack: ScaleStack,
  { spans, uids, users, seconds, progress }: QueryOptions,
): Promise<QueryReport> {
  const { tempo } = stack.targets;
  const opened = await openDashboards(stack, uids, (text) => progress(`queries: ${text}`));
  const first = opened.flatMap(({ results }) =>
    results.filter(({ query }) => !query.closed).map((each) => each.opened),
  );
  const asked = opened.flatMap(({ results }) =>
    results.flatMap(({ opened, all, one }) => [opened, ...(all ? [all] : []), ...one.flat()]),
  );
  progress(`queries: ${users} users at once`);
  const queriesOfADashboard = first.length / opened.length;
  return {
    dashboards: opened.length,
    opening: timesOf(opened.map(({ totalMs }) => totalMs)),
    query: timesOf(asked.filter(({ error }) => !error).map(({ ms }) => ms)),
    failed: asked.filter(({ error, address }) => error && address).length,
    queriesOfADashboard,
    users: await manyUsers(stack, first, { users, seconds, queriesOfADashboard }),
    traceSearch: await searchTraces(tempo, progress),
    spans,
  };
}

/** Until the last panel is there, of each dashboard, as it is now. */
export async function measureOpening(stack: ScaleStack, uids: QueryOptions['uids']): Promise<Times> {
  return timesOf((await openDashboards(stack, uids, () => {})).map(({ totalMs }) => totalMs));
}

async function openDashboards(stack: ScaleStack, uids: QueryOptions['uids'], onProgress: (text: string) => void) {
  const { prometheus, loki, tempo } = stack.targets;
  const { opened } = await panels({
    backends: { prometheus, loki, tempo },
    files: dashboardFiles(),
    ...{ uids, since: undefined, budgetMs: 1000, onProgress },
  });
  return opened;
}

export interface QueryOptions {
  readonly spans: number;
  /** Of the dashboards; undefined: all. */
  readonly uids: readonly string[] | undefined;
  readonly users: number;
  readonly seconds: number;
  readonly progress: (text: string) => void;
}

/** As the dashboards have it. */
const refreshSeconds = 30;

/** An open loop: the next query does not wait for the last one. */
async function manyUsers(
  stack: ScaleStack,
  first: readonly Asked[],
  { users, seconds, queriesOfADashboard }: { users: number; seconds: number; queriesOfADashboard: number },
): Promise<UserTimes> {
  const addresses = first.flatMap(({ address, error }) => (address && !error ? [address] : []));
  const perSecond = (users * queriesOfADashboard) / refreshSeconds;
  const [took, asking] = [[] as number[], [] as Promise<void>[]];
  let [failed, bytes] = [0, 0];
  const ask = async (address: string) => {
    const startedAt = performance.now();
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(30_000) });
      bytes += (await response.arrayBuffer()).byteLength;
      if (!response.ok) failed++;
    } catch {
      failed++; // It is counted, and took the whole half minute.
    }
    took.push(performance.now() - startedAt);
  };
  const used = () => stores.reduce((sum, name) => sum + stack.usage()[name].cpuSeconds, 0);
  const [before, startedAt, count] = [used(), performance.now(), Math.round(perSecond * seconds)];
  for (let i = 0; i < count; i++) {
    // A number without a common divisor: all dashboards at all times.
    asking.push(ask(addresses[(i * 7919) % addresses.length] as string));
    await delay(Math.max(0, startedAt + ((i + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(asking);
  return {
    ...{ users, refreshSeconds, perSecond, times: timesOf(took), failed },
    ...{ cpuMicros: (1e6 * (used() - before)) / count, answerBytes: bytes / count },
  };
}

async function searchTraces(tempo: string, progress: (text: string) => void): Promise<Times> {
  const took: number[] = [];
  const end = Math.ceil(Date.now() / 1000);
  for (let round = 0; round < 4; round++) {
    progress(`queries: search for traces, round ${round + 1} of 4`);
    const service = services[round * 5] as string;
    for (const q of [
      `{ resource.service.name = "${service}" }`,
      `{ resource.service.name = "${service}" && status = error }`,
      `{ name = "POST /api/tasks" && duration > 150ms }`,
      `{ span.gen_ai.request.model = "claude-sonnet-5" && span.gen_ai.usage.input_tokens > 7990 }`,
      `{ resource.service.name = "${service}" } && { span.app.tenant = "tenant-${round * 31}" }`,
    ]) {
      const startedAt = performance.now();
      await getJson(`${tempo}/api/search?${new URLSearchParams({ q, start: `${end - 3600}`, end: `${end}` })}`, 30_000);
      took.push(performance.now() - startedAt);
    }
  }
  return timesOf(took);
}

export function timesOf(ms: readonly number[]): Times {
  return {
    ...{ asked: ms.length, mean: ms.reduce((sum, each) => sum + each, 0) / ms.length },
    ...{ p95: quantile(ms, 0.95), longest: Math.max(...ms) },
  };
}
