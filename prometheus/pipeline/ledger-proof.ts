/** Worlds of the run ledger: at work, behind, asleep. */
import { lastWrite } from '../../instrumentation/src/catalog/monitor.ts';
import { workflowExecute } from '../../instrumentation/src/catalog/workflows.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { sendersPerQueue, sendersToLedger } from '../../stack.ts';
import type { Proof } from '../kit/proof.ts';
import { grows, type Phase, rises, series, stays, type World } from '../kit/world.ts';
import { ledgerExporter, storeExporters } from './stores.ts';

/** Requests under way at every look, and those of another exporter. */
export function behindProof(over: number): Proof {
  const labels = { job: 'collector', instance: 'collector-1', data_type: 'traces' };
  const busy = (senders: number, exporter: string = ledgerExporter) =>
    stays(series(collector.inFlight, { ...labels, exporter }), senders);
  const never = { notFrom: 0 };
  return {
    bad: busy(sendersToLedger),
    good: [...busy(over), ...busy(sendersPerQueue, storeExporters.traces)],
    recovered: busy(over),
    value: over + 1,
    trueAfter: 0,
    falseAfter: 1,
    settles: 5,
    also: [
      {
        title: 'is not told while one of them rests now and then',
        phases: Array.from({ length: 10 }, (): Phase[] => [
          [busy(sendersToLedger), 4],
          [busy(over), 1],
        ]).flat(),
        told: never,
      },
      {
        title: 'is told soon after one of them rested for the last time',
        phases: [
          [busy(over), 10],
          [busy(sendersToLedger), 16],
        ],
        told: 'at the end',
      },
    ],
  };
}

/** It wrote until then, and workflows go on. */
export function notWritingProof(over: number): Proof {
  const workflows = (perMinute: number, name: string = workflowExecute.name, start = 0): World =>
    grows(series(collector.spanCalls, { span_name: name }), perMinute, start);
  const counted = (value: number) => stays(series(collector.spanCalls, { span_name: workflowExecute.name }), value);
  const wrote = 20;
  const writes = rises(series(lastWrite), 60);
  const stopped = stays(series(lastWrite), 60 * wrote);
  const late = Math.floor(over / 60);
  const never = { notFrom: 0 };
  const before: Phase = [[...writes, ...workflows(1)], wrote];
  return {
    before: [before],
    bad: [...stopped, ...workflows(1)],
    good: [...rises(series(lastWrite), 60, 60 * wrote - over + 60), ...workflows(1)],
    recovered: [...rises(series(lastWrite), 60, 60 * (wrote + late)), ...workflows(1)],
    value: 60 * (late + 1 + 2),
    trueAfter: late + 1,
    falseAfter: 1,
    settles: late + 1,
    also: [
      {
        title: 'is not told where no workflow runs',
        phases: [before, [[...stopped, ...workflows(0)], 60]],
        told: never,
      },
      {
        title: 'is not told of spans that are no workflow',
        phases: [before, [[...stopped, ...workflows(1, 'GET /')], 60]],
        told: never,
      },
      {
        title: 'is told where the first workflow comes after a long rest',
        phases: [
          [stays(series(lastWrite), 0), 60],
          [[...stays(series(lastWrite), 0), ...workflows(0, workflowExecute.name, 1)], 5],
        ],
        told: 'at the end',
      },
      {
        title: 'is not told where the Collector began anew and no workflow runs',
        phases: [before, [[...stopped, ...counted(1)], 60]],
        told: never,
      },
      {
        title: 'is told of workflows that were not seen for over an hour',
        phases: [before, [stopped, 100], [[...stopped, ...counted(wrote)], 5]],
        told: 'at the end',
      },
      { title: 'is not told where nothing says when it wrote', phases: [before, [workflows(1), 60]], told: never },
    ],
  };
}
