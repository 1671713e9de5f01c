import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { ObservableResult } from '@opentelemetry/api';
import type { ValueOf } from './catalog/attribute.ts';
import type { Metric } from './catalog/metric.ts';
import { memoryUsage, type resourceType, resourceUtilization } from './catalog/resources.ts';
import { processCpuTime, processDiskIo, processMemory } from './catalog/runtime.ts';
import { observe } from './fleet/observed.ts';
import { currentMeter } from './fleet/record.ts';

/** CPU, memory and disk of this process, read whenever metrics are collected. (T06, T08) */
export function recordProcess(): void {
  counted(processCpuTime, (result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  counted(processDiskIo, (result) => {
    const io = readDiskIo();
    if (!io) return;
    result.observe(io.read, { 'disk.io.direction': 'read' });
    result.observe(io.written, { 'disk.io.direction': 'write' });
  });
  const cpuShare = cpuShareSince();
  observe(processMemory, () => [[process.memoryUsage.rss(), {}]]);
  observe(memoryUsage, () => [[process.memoryUsage.rss(), { component: 'process' }]]);
  const share = (type: ValueOf<typeof resourceType>, value: number) => [value, { 'resource.type': type }] as const;
  observe(resourceUtilization, () => [
    share('cpu', cpuShare()),
    share('memory', process.memoryUsage.rss() / memoryLimit()),
  ]);
}

function counted({ name, unit, means }: Metric, read: (result: ObservableResult) => void): void {
  currentMeter().createObservableCounter(name, { unit, description: means }).addCallback(read);
}

/** CPU used since it was last asked, as a share of what the process may use. */
function cpuShareSince(): () => number {
  let last = { cpu: process.cpuUsage(), atMs: performance.now() };
  return () => {
    const now = { cpu: process.cpuUsage(), atMs: performance.now() };
    const usedMs = (now.cpu.user - last.cpu.user + now.cpu.system - last.cpu.system) / 1000;
    const share = usedMs / Math.max(1, now.atMs - last.atMs) / availableParallelism();
    last = now;
    return Math.min(1, share);
  };
}

/** That of the container, where there is one. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

/** What reached the disks, less what the page cache served; Linux only. */
function readDiskIo(): { read: number; written: number } | undefined {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const bytes = (field: string) => Number(new RegExp(`^${field}: (\\d+)$`, 'm').exec(text)?.[1]);
    return { read: bytes('read_bytes'), written: bytes('write_bytes') };
  } catch {
    // Another system, or not ours to read.
    return undefined;
  }
}
