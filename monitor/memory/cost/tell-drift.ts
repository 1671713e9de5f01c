/** Tells the Collector by how much a bill differed: a person who reconciles by a timer is then told by an alert. (B05) */
import { setTimeout as delay } from 'node:timers/promises';
import { costDrift, providerName } from '../../../instrumentation/src/catalog/llm.ts';
import type { Provider } from './reconcile/told.ts';

export interface ProviderDrift {
  readonly provider: Provider;
  /** Of the bill, in 1. */
  readonly ratio: number;
}

export interface TellOptions {
  /** Of the Collector, e.g. `http://127.0.0.1:4318`. */
  readonly collector: string;
  /** ms since 1970. */
  readonly now: number;
  /** How often it is tried. Default 4. */
  readonly tries?: number;
  /** Before it is tried again, in milliseconds, each time longer. Default 2000. */
  readonly pauseMs?: number;
}

/** @throws Error where the Collector does not take it: what was found is as good without */
export async function tellDrift(drifts: readonly ProviderDrift[], options: TellOptions): Promise<void> {
  if (drifts.length === 0) return;
  const { collector, now, tries = 4, pauseMs = 2_000 } = options;
  const body = JSON.stringify(metrics(drifts, now));
  for (let tried = 1; ; tried++) {
    try {
      return await post(`${collector}/v1/metrics`, body);
    } catch (cause) {
      if (tried >= tries)
        throw new Error(
          `Cannot tell the drift of ${drifts.map(({ provider }) => provider).join(', ')}: ${(cause as Error).message}. Look at the Collector, then reconcile again: no alert is told, and none ends.`,
          { cause },
        );
      await delay(pauseMs * tried);
    }
  }
}

async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: Error) => {
    const why = (cause.cause as Error | undefined)?.message ?? cause.message;
    throw new Error(`${new URL(url).origin} does not answer (${why})`, { cause });
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${new URL(url).origin} answered ${answer.status}`);
}

/** As OTLP by HTTP has it. A run ends and its series with it: what counts is the value. */
function metrics(drifts: readonly ProviderDrift[], now: number) {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  return {
    resourceMetrics: [
      {
        // One instance, or each run would leave series of its own, of which the highest would count.
        resource: { attributes: [text('service.name', service), text('service.instance.id', service)] },
        scopeMetrics: [
          {
            scope: { name: service },
            metrics: [
              {
                ...{ name: costDrift.name, unit: costDrift.unit, description: costDrift.means },
                gauge: {
                  dataPoints: drifts.map(({ provider, ratio }) => ({
                    timeUnixNano: `${now}000000`,
                    ...{ asDouble: ratio, attributes: [text(providerName.name, provider)] },
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  };
}

const service = 'fleetscope-reconciliation';
