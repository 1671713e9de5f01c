/** How long each server is away when it is restarted, under a light load of all signals, and how long its queue takes to empty. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Component, stack as facts } from '../stack.ts';
import { type Signal, signals, templatesOf, toCollector } from './scale-costs.ts';
import { drive } from './scale-send.ts';
import type { ScaleStack } from './scale-stack.ts';

export interface Restart {
  readonly component: Component;
  /** SIGTERM to the end of the process, and from its start until it is ready. */
  readonly stopSeconds: number;
  readonly readySeconds: number;
  /** From then on, until the Collector's queues were empty. */
  readonly drainSeconds: number;
  /** Requests that the Collector did not take meanwhile: their senders keep them and send again. */
  readonly refused: number;
}

const load: Record<Signal, number> = { samples: 2000, logs: 400, spans: 200 };

export async function measureRestarts(
  stack: ScaleStack,
  components: readonly Component[],
  progress: (text: string) => void,
): Promise<Restart[]> {
  const found: Restart[] = [];
  for (const component of components) {
    progress(`restarts: ${facts[component].title}`);
    const stopping = new AbortController();
    const loads = signals.map((signal) => steady(stack, signal, stopping.signal));
    await delay(1000);
    const startedAt = performance.now();
    await stack.supervisor.stopOne(component);
    const stoppedAt = performance.now();
    await stack.supervisor.startOne(component);
    const readyAt = performance.now();
    stopping.abort();
    const refused = (await Promise.all(loads)).reduce((sum, each) => sum + each, 0);
    const drainSeconds = await stack.drained(120_000);
    found.push({
      ...{ component, stopSeconds: (stoppedAt - startedAt) / 1000, readySeconds: (readyAt - stoppedAt) / 1000 },
      ...{ drainSeconds, refused },
    });
  }
  return found;
}

/** Until it is called off; a second at a time. @returns the requests that were refused. */
async function steady(stack: ScaleStack, signal: Signal, until: AbortSignal): Promise<number> {
  const sender = toCollector(stack, signal);
  const templates = templatesOf(signal, 4);
  let refused = 0;
  while (!until.aborted) {
    const sent = await drive(sender, { templates, unitsPerSecond: load[signal], seconds: 1 });
    refused += sent.refusals.length;
  }
  sender.close();
  return refused;
}
