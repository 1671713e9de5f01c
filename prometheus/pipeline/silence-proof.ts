/** Proves that a service of ours is missed: nothing says that it is not up, it only falls silent. */
import { processMemory } from '../../instrumentation/src/catalog/runtime.ts';
import { collector, prometheus } from '../../queries/stack-metrics.ts';
import { environment } from '../kit/labels.ts';
import type { Phase, Proof } from '../kit/proof.ts';
import { grows, series, stays, type World } from '../kit/world.ts';

/** There, the last time at a quarter of a minute, then not; and what must not be taken for that. */
export function silenceProof(service: string, over: number): Proof {
  const own = { service_name: service };
  const alive = stays(series(processMemory, own), 1e8);
  const again = stays(series(processMemory, { ...own, instance: 'e-2', service_instance_id: 'e-2' }), 1e8);
  const other = stays(series(processMemory), 1e8);
  const up = (value: number) => stays(series(prometheus.up, { job: 'collector', instance: 'collector' }), value);
  const sent = (perMinute: number, queued: number): World => [
    ...up(1),
    ...grows(series(collector.sent.metrics), perMinute),
    ...stays(series(collector.queueSize, { data_type: 'metrics' }), queued),
  ];
  const tooLate = Math.floor(over / 60 + 0.25) + 0.75;
  const never = { notFrom: 0 };
  const told = 'at the end';
  const long: Phase = [alive, 30];
  return {
    before: [[alive, 10.25]],
    bad: [],
    good: again,
    recovered: alive,
    labels: { [environment]: 'production', ...own },
    value: (tooLate + 1) * 60,
    trueAfter: tooLate,
    falseAfter: 1,
    settles: tooLate,
    also: [
      {
        title: 'is told soon after it was there for the first time',
        phases: [
          [alive, 2.75],
          [[], over / 60 + 1.25],
        ],
        told,
      },
      { title: 'is told for hours', phases: [long, [[], 300]], told, step: '1m' },
      {
        title: 'is no longer told after a quarter of a day',
        phases: [long, [[], 420]],
        told: { notFrom: 30 + 365 },
        step: '1m',
      },
      {
        title: 'is not told of another service',
        phases: [
          [other, 30],
          [[], 30],
        ],
        told: never,
      },
      { title: 'is not told of a restart', phases: [long, [[], 1], [again, 30]], told: never },
      {
        title: 'is not told while the Collector is gone',
        phases: [
          [[...alive, ...up(1)], 30],
          [up(0), 30],
        ],
        told: never,
      },
      {
        title: 'is not told while metrics wait in the Collector',
        phases: [
          [[...alive, ...sent(100, 0)], 30],
          [sent(0, 1), 30],
        ],
        told: never,
      },
      {
        title: 'is told when the Collector has nothing to hand on',
        phases: [
          [[...alive, ...sent(100, 0)], 30],
          [sent(0, 0), 30],
        ],
        told,
      },
    ],
  };
}
