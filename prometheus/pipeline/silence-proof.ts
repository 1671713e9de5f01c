/** Proves that a service of ours is missed: nothing says that it is not up, it only falls silent. */
import { processMemory } from '../../instrumentation/src/catalog/runtime.ts';
import { environment } from '../kit/labels.ts';
import type { Proof } from '../kit/proof.ts';
import { type Phase, series, stays } from '../kit/world.ts';
import { besideCollector } from './undelivered-proof.ts';

/** There, the last time at a quarter of a minute, then not; and what must not be taken for that. */
export function silenceProof(service: string, over: number): Proof {
  const own = { service_name: service };
  const alive = stays(series(processMemory, own), 1e8);
  const again = stays(series(processMemory, { ...own, instance: 'e-2', service_instance_id: 'e-2' }), 1e8);
  const other = stays(series(processMemory), 1e8);
  const tooLate = Math.floor(over / 60 + 0.25) + 0.75;
  const never = { notFrom: 0 };
  const told = 'at the end';
  const long: Phase = [alive, 30];
  const proof: Proof = {
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
    ],
  };
  return besideCollector(proof, alive, 30);
}
