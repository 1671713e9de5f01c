import { queueDepth, queueWaitTime } from '../catalog/messages.ts';
import { harmless } from './guard.ts';
import { observe } from './observed.ts';
import { record } from './record.ts';

/** Watches a queue: its depth is read whenever metrics are collected. (T08) */
export function queue(name: string, depth: () => number) {
  const labels = { 'queue.name': name };
  const watch = observe(queueDepth, () => [[depth(), labels]]);
  return {
    /** One is taken out; since when it waited, in ms since 1970. */
    taken: harmless((sinceMs: number) => record(queueWaitTime, Math.max(0, Date.now() - sinceMs) / 1000, labels)),
    stop: watch.stop,
  };
}
