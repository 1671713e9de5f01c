/** What one unit of each signal costs in each process: it is driven alone for a while, and what the processes do anyway is taken off. */
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from '../place.ts';
import type { Component } from '../stack.ts';
import { logs, spans } from './scale-load.ts';
import { samples } from './scale-samples.ts';
import { type Drive, drive, grpcSender, type Sender, type Sent } from './scale-send.ts';
import { type Backend, backends, folderBytes, type ScaleStack } from './scale-stack.ts';
import type { Template } from './scale-template.ts';

export const signals = ['samples', 'logs', 'spans'] as const;
export type Signal = (typeof signals)[number];

/** CPU seconds of each process in a second without load. */
export type Idle = Readonly<Record<Component, number>>;

export interface Cost {
  readonly sent: Sent;
  /** µs of a unit, by process, without what it does anyway. */
  readonly cpuMicros: Readonly<Partial<Record<Component, number>>>;
  /** At the end. */
  readonly rssMib: Readonly<Partial<Record<Component, number>>>;
  /** Bytes that left the Collector for a unit, by where to, with what came back. */
  readonly networkBytes: Readonly<Partial<Record<Backend, number>>>;
  /** Bytes of a unit on the disk of its store, written ahead and flushed. */
  readonly diskBytes: number;
  /** Until the queues were empty. */
  readonly drainedSeconds: number;
}

const made: Record<Signal, (seed: number) => Template> = { samples, logs, spans };
const otlp = { samples: 'metrics', logs: 'logs', spans: 'traces' } as const;
const stores = { samples: 'prometheus', logs: 'loki', spans: 'tempo' } as const satisfies Record<Signal, Backend>;

/** So many different requests, made once. */
export function templatesOf(signal: Signal, count: number): Template[] {
  return Array.from({ length: count }, (_, seed) => made[signal](seed));
}

export function toCollector({ place }: ScaleStack, signal: Signal): Sender {
  return grpcSender(listen(place, 'collector', 'grpc'), otlp[signal]);
}

export async function measureIdle(stack: ScaleStack, seconds: number): Promise<Idle> {
  const before = stack.usage();
  await delay(seconds * 1000);
  const after = stack.usage();
  return Object.fromEntries(
    stack.components.map((name) => [name, (after[name].cpuSeconds - before[name].cpuSeconds) / seconds]),
  ) as Record<Component, number>;
}

export async function measureCost(
  stack: ScaleStack,
  sender: Sender,
  signal: Signal,
  load: Drive,
  idle: Idle,
): Promise<Cost> {
  const [before, bytesBefore, diskBefore, startedAt] = [
    stack.usage(),
    passed(stack),
    diskOf(stack, signal),
    Date.now(),
  ];
  const sent = await drive(sender, load);
  if (sent.units === 0) throw new Error(`Cannot measure ${signal}: nothing was taken. ${sent.refusals[0] ?? ''}`);
  const drainedSeconds = await stack.drained();
  await flush(stack, signal);
  const [after, seconds] = [stack.usage(), (Date.now() - startedAt) / 1000];
  const bytesAfter = passed(stack);
  const perUnit = <Name extends string>(names: readonly Name[], used: (name: Name) => number) =>
    Object.fromEntries(names.map((name) => [name, used(name) / sent.units])) as Record<Name, number>;
  return {
    ...{ sent, drainedSeconds },
    cpuMicros: perUnit(
      stack.components,
      (name) => 1e6 * Math.max(0, after[name].cpuSeconds - before[name].cpuSeconds - idle[name] * seconds),
    ),
    rssMib: Object.fromEntries(stack.components.map((name) => [name, after[name].rssMib])),
    networkBytes: perUnit(backends, (name) => bytesAfter[name] - bytesBefore[name]),
    diskBytes: (diskOf(stack, signal) - diskBefore) / sent.units,
  };
}

function passed({ relays }: ScaleStack): Record<Backend, number> {
  return Object.fromEntries(
    backends.map((name) => {
      const { out, back } = relays[name].bytes();
      return [name, out + back];
    }),
  ) as Record<Backend, number>;
}

/** What is kept for long: chunks and index, blocks. Of Prometheus the log of what is not a block yet: see scale-blocks.ts. */
function diskOf({ place }: ScaleStack, signal: Signal): number {
  const data = place.data(stores[signal]);
  if (signal === 'logs') return folderBytes(`${data}/chunks`);
  return folderBytes(signal === 'spans' ? `${data}/blocks` : `${data}/wal`);
}

/** A flush that has written nothing for so long has nothing to write. */
const flushMs = 25_000;

/** So that the writing of blocks and chunks is paid for by what was sent. */
async function flush(stack: ScaleStack, signal: Signal): Promise<void> {
  const { targets } = stack;
  if (signal === 'samples') return delay(1000);
  const url = signal === 'logs' ? `${targets.loki}/flush` : `${targets.tempo}/flush`;
  const response = await fetch(url, { method: signal === 'logs' ? 'POST' : 'GET' });
  if (!response.ok) throw new Error(`Cannot flush ${signal}: ${url} answers ${response.status}.`);
  await response.body?.cancel();
  await settled(() => diskOf(stack, signal));
}

/** Until a folder has grown and then keeps its size for a while: a block is written in the background. */
async function settled(size: () => number): Promise<void> {
  const before = size();
  const deadline = Date.now() + flushMs;
  for (let [last, since] = [before, Date.now()]; Date.now() < deadline; await delay(250)) {
    const now = size();
    if (now !== last) [last, since] = [now, Date.now()];
    if (last > before && Date.now() - since > 3000) return;
  }
}
