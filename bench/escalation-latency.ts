/** From a webhook to the first notification, at a steady rate: through the service, and through the least that could pass it on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Receiver } from '../alertmanager/escalation/channels/testing/receiver.ts';
import { benchPolicy } from './escalation-policy.ts';
import { ServiceProcess } from './escalation-process.ts';
import { groupLabel, post, type Target } from './escalation-sender.ts';
import { quantile, ratios, type Summary, summarize } from './statistics.ts';

export interface Latency {
  /** Alerts a second, each an incident of its own. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Milliseconds, by number (`told p99`), of each round. */
  readonly service: Readonly<Record<string, Summary>>;
  readonly floor: Readonly<Record<string, Summary>>;
  /** The service against the floor in the same round. */
  readonly ratio: Readonly<Record<string, Summary>>;
}

export interface LatencyPlan {
  readonly perSecond: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

type Numbers = Record<string, number>;

export async function measureLatency({ perSecond, seconds, rounds, progress }: LatencyPlan): Promise<Latency> {
  const told = new Map<number, (at: number) => void>();
  await using receiver = await Receiver.open(({ body }) => {
    receiver.requests.length = 0;
    told.get(Number(body.alerts[0].labels[groupLabel]))?.(performance.now());
    return { body: 'ok' };
  });
  await using service = await ServiceProcess.open(benchPolicy(receiver.url));
  await using floor = await startFloor(receiver.url);
  let first = 0;
  const round = async (target: Target, count: number) => {
    const numbers = await passThrough(target, first, count, perSecond, told);
    first += count;
    return numbers;
  };
  const measured: { service: Numbers[]; floor: Numbers[] } = { service: [], floor: [] };
  for (let number = 0; number <= rounds; number++) {
    // The first round only warms up what is compiled.
    const count = number === 0 ? perSecond * 3 : perSecond * seconds;
    progress(`latency: round ${number} of ${rounds}`);
    const [ours, theirs] = [await round(service, count), await round(floor, count)];
    if (number === 0) continue;
    measured.service.push(ours);
    measured.floor.push(theirs);
  }
  const names = Object.keys(measured.service[0] ?? {});
  const of = (which: 'service' | 'floor', name: string) => measured[which].map((numbers) => numbers[name] as number);
  const each = (summary: (name: string) => Summary) => Object.fromEntries(names.map((name) => [name, summary(name)]));
  return {
    ...{ perSecond, seconds },
    service: each((name) => summarize(of('service', name))),
    floor: each((name) => summarize(of('floor', name))),
    ratio: each((name) => summarize(ratios(of('service', name), of('floor', name)))),
  };
}

/** Whatever the service does, the next one is sent in time: who waits for answers measures too little. */
async function passThrough(
  target: Target,
  first: number,
  count: number,
  perSecond: number,
  told: Map<number, (at: number) => void>,
): Promise<Numbers> {
  const startedAt = performance.now();
  const times = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const number = first + index;
      await delay(startedAt + (index * 1000) / perSecond - performance.now());
      const arrived = new Promise<number>((resolve) => told.set(number, resolve));
      const sentAt = performance.now();
      await post(target, { number, severity: 'critical', alerts: 1 }, 'firing');
      const answered = performance.now() - sentAt;
      const toldAfter = (await arrived) - sentAt;
      told.delete(number);
      return { answered, told: toldAfter };
    }),
  );
  const [toldMs, answeredMs] = [times.map((each) => each.told), times.map(({ answered }) => answered)];
  return {
    'told p50': quantile(toldMs, 0.5),
    'told p99': quantile(toldMs, 0.99),
    'told, longest': Math.max(...toldMs),
    'answered p50': quantile(answeredMs, 0.5),
    'answered p99': quantile(answeredMs, 0.99),
  };
}

async function startFloor(receiver: string): Promise<Target & AsyncDisposable> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'escalation-floor-process.ts'), receiver], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [port] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    token: '',
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
