/** How much is held for a while, and what the same costs without the Collector. */
import { setTimeout as delay } from 'node:timers/promises';
import { readPipeline } from '../doctor/pipeline.ts';
import { mulberry32 } from '../monitor/analysis/mulberry32.ts';
import { listen, url } from '../place.ts';
import type { Component } from '../stack.ts';
import { type Idle, type Signal, templatesOf, toCollector } from './scale-costs.ts';
import { line, services } from './scale-load.ts';
import { remoteWrite } from './scale-samples.ts';
import { asRemoteWrite, drive, grpcSender, httpSender, type Sender } from './scale-send.ts';
import type { ScaleStack } from './scale-stack.ts';
import { Template } from './scale-template.ts';

/** One step of the climb. */
export interface Step {
  readonly perSecond: number;
  readonly acknowledgedPerSecond: number;
  /** Of the Collector, when the step ended, MiB. */
  readonly queuedMib: number;
  readonly drainedSeconds: number;
  readonly held: boolean;
}

/** A queue that grew has more than this to send when the sender stops. */
const heldDrainSeconds = 2;

/** From `first` on twice as much with each step, until one is not held: queues grow, or requests wait or are refused. */
export async function climb(
  stack: ScaleStack,
  signal: Signal,
  {
    first,
    steps,
    seconds,
    progress,
  }: { first: number; steps: number; seconds: number; progress: (text: string) => void },
): Promise<Step[]> {
  const sender = toCollector(stack, signal);
  const templates = templatesOf(signal, signal === 'samples' ? 60 : 20);
  const climbed: Step[] = [];
  try {
    for (let perSecond = first; climbed.length < steps; perSecond *= 2) {
      progress(`limits: ${perSecond} ${signal} a second`);
      const sent = await drive(sender, { templates, unitsPerSecond: perSecond, seconds });
      const { exporters } = await readPipeline(stack.targets);
      const queuedMib = Object.values(exporters).reduce((sum, { queued }) => sum + queued, 0) / 2 ** 20;
      const drainedSeconds = await stack.drained(120_000);
      const held =
        sent.units >= 0.97 * sent.planned && sent.refusals.length === 0 && drainedSeconds <= heldDrainSeconds;
      climbed.push({ perSecond, acknowledgedPerSecond: sent.units / sent.seconds, queuedMib, drainedSeconds, held });
      if (!held) break;
    }
  } finally {
    sender.close();
  }
  return climbed;
}

/** The same signal past the Collector: what a naive set-up would do, and saves. */
export interface Past {
  readonly signal: Signal;
  readonly way: string;
  readonly perSecond: number;
  /** µs of a unit of all servers together. */
  readonly cpuMicros: number;
  /** Bytes of a unit on the wire. */
  readonly networkBytes: number;
}

interface Way {
  readonly signal: Signal;
  readonly way: string;
  readonly to: Component;
  readonly sender: Sender;
  readonly templates: readonly Template[];
}

export async function measurePast(
  stack: ScaleStack,
  idle: Idle,
  rates: Readonly<Record<Signal, number>>,
  { seconds, progress }: { seconds: number; progress: (text: string) => void },
): Promise<Past[]> {
  const found: Past[] = [];
  for (const { signal, way, to, sender, templates } of waysPast(stack)) {
    progress(`past the Collector: ${way}`);
    // New series and streams are made in a first round, which does not count.
    for (const template of templates) await sender.send(template.next());
    await delay(1000);
    const [before, startedAt] = [stack.usage(), Date.now()];
    const sent = await drive(sender, { templates, unitsPerSecond: rates[signal], seconds });
    sender.close();
    if (sent.refusals.length > 0) throw new Error(`Cannot measure ${way}: ${sent.refusals[0]}`);
    await delay(2000);
    const [after, took] = [stack.usage(), (Date.now() - startedAt) / 1000];
    const used = after[to].cpuSeconds - before[to].cpuSeconds - idle[to] * took;
    found.push({
      ...{ signal, way, perSecond: rates[signal], cpuMicros: (1e6 * used) / sent.units },
      networkBytes: sent.bytes / sent.units,
    });
  }
  return found;
}

function waysPast({ place }: ScaleStack): Way[] {
  const prometheus = url(place, 'prometheus', 'http');
  return [
    {
      ...{ signal: 'samples', way: 'OTLP to Prometheus', to: 'prometheus' },
      sender: httpSender(`${prometheus}/api/v1/otlp/v1/metrics`),
      templates: templatesOf('samples', 20),
    },
    {
      ...{ signal: 'samples', way: 'remote write to Prometheus', to: 'prometheus' },
      sender: httpSender(`${prometheus}/api/v1/write`, asRemoteWrite),
      templates: Array.from({ length: 20 }, (_, seed) => remoteWrite(seed)),
    },
    {
      ...{ signal: 'logs', way: 'push API of Loki', to: 'loki' },
      sender: httpSender(`${url(place, 'loki', 'http')}/loki/api/v1/push`, pushed),
      templates: Array.from({ length: 20 }, (_, seed) => pushRequest(seed)),
    },
    {
      ...{ signal: 'spans', way: 'OTLP to Tempo', to: 'tempo' },
      sender: grpcSender(listen(place, 'tempo', 'otlp'), 'traces'),
      templates: templatesOf('spans', 20),
    },
  ];
}

const linesOfAPush = 200;

/** Lines for Loki's own API; their times are put in when they are sent. */
function pushRequest(seed: number): Template {
  const random = mulberry32(seed + 3000);
  const lines = Array.from({ length: linesOfAPush }, () => line(random));
  const values = lines.map(({ text, says }) => [
    ...['', text],
    Object.fromEntries(Object.entries(says).map(([key, value]) => [key.replaceAll('.', '_'), `${value}`])),
  ]);
  const stream = { service_name: services[seed % services.length], service_namespace: 'apart' };
  const body = JSON.stringify({ streams: [{ stream, values }] });
  return new Template(
    linesOfAPush,
    () => Buffer.from(body),
    lines.reduce((sum, { text }) => sum + text.length, 0),
  );
}

function pushed(bytes: Buffer) {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  let at = 0n;
  const body = Buffer.from(bytes.toString().replaceAll('["",', () => `["${nowNs + at++}",`));
  return { body, headers: { 'content-type': 'application/json' } };
}
