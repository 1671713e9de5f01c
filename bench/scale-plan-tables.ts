/** A plan for people. */
import { disks, parts } from '../stack.ts';
import { table } from './markdown.ts';
import { assumed, type Plan, type PlanInput } from './scale-plan.ts';
import type { ScaleUnits } from './scale-units.ts';

export function planTables(plan: Plan, input: PlanInput, units: ScaleUnits): string {
  const { objectGb, network, monthly } = plan;
  const total = Object.values(monthly).reduce((sum, each) => sum + each, 0);
  return [
    table(
      ['part', 'replicas', 'cores each', 'memory each, MiB', 'disk each, GiB'],
      plan.parts.map(({ part, replicas, each }) => [
        parts[part].title,
        ...[
          `${replicas}`,
          each.cores.toFixed(2),
          spaced(each.memoryMib),
          each.diskGib.toFixed(each.diskGib < 10 ? 1 : 0),
        ],
      ]),
    ),
    table(
      ['in all', ''],
      [
        ['cores', plan.cores.toFixed(1)],
        ['memory', `${plan.memoryGib.toFixed(1)} GiB`],
        ['disk', `${spaced(plan.diskGib)} GiB`],
        [
          'store of objects: metrics, logs, traces',
          [objectGb.metrics, objectGb.logs, objectGb.traces].map((gb) => `${spaced(gb)} GB`).join(', '),
        ],
        [
          'network: in, between parts, to the store',
          [network.in, network.between, network.toObjects].map((mb) => `${mb.toFixed(1)} MB/s`).join(', '),
        ],
        ['queries a second', plan.queriesPerSecond.toFixed(1)],
        ['a full queue of metrics (profile `prod`) lasts', `${queueMinutes(plan, input, units).toFixed(0)} min`],
        ...Object.entries(monthly).map(([name, money]) => [`a month, at the price of \`${name}\``, money.toFixed(2)]),
        ...(total > 0 ? [['a month, what has a price', total.toFixed(2)]] : []),
      ],
    ),
    `Headroom: CPU ×${input.cpuHeadroom}, memory ×${input.memoryHeadroom}, disk ×${input.diskHeadroom}; ${spaced(input.series)} active series. Lines of logs: ${Object.entries(
      assumed.logShares,
    )
      .map(([name, share]) => `${100 * share} % ${name}`)
      .join(', ')}; traces with an error: ${100 * assumed.errorShare} %.`,
  ].join('\n\n');
}

/** Of one Prometheus' queue on all Collectors: until senders are refused. */
function queueMinutes({ parts }: Plan, { samplesPerSecond }: PlanInput, { bytesIn }: ScaleUnits): number {
  const collectors = parts.find(({ part }) => part === 'collector')?.replicas ?? 0;
  return (collectors * disks.prod.queue * 2 ** 20) / (samplesPerSecond * bytesIn.samples) / 60;
}

/** 100 000 */
export function spaced(number: number): string {
  return number.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
}
