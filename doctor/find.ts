import type { TraceClass } from '../stack.ts';
import { getJson } from './ask.ts';
import { type Canary, canaryNames } from './canary.ts';
import type { Targets } from './targets.ts';

/** The ways to find a canary, each as a user would: by id, by search, by query. */
export const find = {
  'Tempo, by id': async ({ tempo }: Targets, { traceId }: Canary): Promise<boolean> => {
    try {
      await getJson(`${tempo}/api/traces/${traceId}`, undefined, whole);
      return true;
    } catch (error) {
      if (/answers 404/.test((error as Error).message)) return false;
      throw error;
    }
  },

  'Tempo, by search': async ({ tempo }: Targets, { id, endedAtMs }: Canary): Promise<boolean> => {
    const q = `{ resource.service.name = "${canaryNames.service}" && span.${canaryNames.attribute} = "${id}" }`;
    const [start, end] = around(endedAtMs);
    const found = (await getJson(
      `${tempo}/api/search?${new URLSearchParams({ q, start, end })}`,
      undefined,
      whole,
    )) as {
      traces?: unknown[];
    };
    return (found.traces?.length ?? 0) > 0;
  },

  Prometheus: async ({ prometheus }: Targets, { value }: Canary): Promise<boolean> => {
    const query = `max(${canaryNames.prometheusMetric}{service_name="${canaryNames.service}"})`;
    const found = (await getJson(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`)) as {
      data: { result: { value: [number, string] }[] };
    };
    return Number(found.data.result[0]?.value[1] ?? 0) >= value;
  },

  /** The line must carry the trace id, or the link from log to trace is broken. */
  Loki: async ({ loki }: Targets, { id, traceId, endedAtMs }: Canary): Promise<boolean> => {
    const query = `{service_name="${canaryNames.service}"} | ${canaryNames.lokiAttribute}="${id}" | trace_id="${traceId}"`;
    const [start, end] = around(endedAtMs);
    const found = (await getJson(`${loki}/loki/api/v1/query_range?${new URLSearchParams({ query, start, end })}`)) as {
      data: { result: unknown[] };
    };
    return found.data.result.length > 0;
  },

  /** Of no run, so that no list and no sum of the ledger shows it. */
  Ledger: async ({ monitor }: Targets, { traceId }: Canary): Promise<boolean> => {
    const { kept } = (await getJson(`${monitor}/-/canary/${traceId}`)) as { kept?: boolean };
    return kept === true;
  },
} as const;

export type Finding = keyof typeof find;

/** Of the class that every trace is in, where Tempo has classes; elsewhere it does not look at it. */
const whole = { 'X-Scope-OrgID': 'detailed' satisfies TraceClass };

/** Two minutes before and after, in whole seconds, as Tempo and Loki take them. */
function around(ms: number): [string, string] {
  return [String(Math.floor(ms / 1000) - 120), String(Math.ceil(ms / 1000) + 120)];
}
