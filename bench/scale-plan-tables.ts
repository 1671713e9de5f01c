/** A plan for people, and those that docs/scale.md has. */
import { sizes } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { keptDays } from '../prometheus/prometheus.ts';
import { disks, parts } from '../stack.ts';
import { table } from './markdown.ts';
import { bridgedMinutes, bridgingMib, daysThatLast, lastingSamples } from './scale-claims.ts';
import { p08, readInput, small } from './scale-input.ts';
import { assumed, type Plan, type PlanInput, plan } from './scale-plan.ts';
import type { ScaleUnits } from './scale-units.ts';

const firstPlan = '### The targets of P08';

/** The last part of the bench's tables: it rests on the committed costs and on stack.ts alone. */
export function plans(units: ScaleUnits): string {
  const input = readInput(p08, units);
  return [
    firstPlan,
    `\`npm run size -- ${p08}\``,
    planTables(plan(units, input), input, units),
    '### What the claims of Prometheus hold',
    claims(input, units),
    '### A small company',
    `\`npm run size -- ${small}\``,
    planTables(plan(units, readInput(small, units)), readInput(small, units), units),
  ].join('\n\n');
}

/** The document with the plans as they are now, without a run of the bench. @throws Error where it has none. */
export function withPlans(document: string, units: ScaleUnits): string {
  const [before, rest] = document.split(firstPlan);
  const end = rest?.indexOf('<!--') ?? -1;
  if (rest === undefined || end < 0)
    throw new Error(`Cannot write the plans: the document lacks "${firstPlan}" or the mark after it. Put them back.`);
  return `${before}${plans(units)}\n\n${rest.slice(end)}`;
}

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
        ...Object.entries(monthly).map(([name, money]) => [`a month, at the price of \`${name}\``, money.toFixed(2)]),
        ...(total > 0 ? [['a month, what has a price', total.toFixed(2)]] : []),
      ],
    ),
    `Headroom: CPU ×${input.cpuHeadroom}, memory ×${input.memoryHeadroom}, disk ×${input.diskHeadroom}; ${spaced(input.series)} active series. Lines of logs: ${Object.entries(
      assumed.logShares,
    )
      .map(([name, share]) => `${100 * share} % ${name}`)
      .join(', ')}; traces with an error: ${100 * assumed.errorShare} %.`,
    bridges(input, units),
  ].join('\n\n');
}

/** How long the queues of each size last, and how large they would have to be. */
function bridges(input: PlanInput, units: ScaleUnits): string {
  const planned = input.outageHours * 60;
  const minutes = (number: number) => {
    if (!Number.isFinite(number)) return '';
    return number < planned ? `**${number.toFixed(0)}**` : number.toFixed(0);
  };
  return [
    `A store may be away so many minutes before its queues are full; fewer than the ${planned} that are planned are bold, and \`needed\` is what each queue would have to be.`,
    table(
      ['size', 'Collectors', 'each queue, MiB', 'metrics', 'logs', 'traces', 'needed, MiB'],
      sizes.map((size) => {
        const { samples, logs, spans } = bridgedMinutes(size, input, units);
        return [
          ...[`\`${size.name}\``, `${size.replicas.collector}`, spaced(disks[size.profile].queue)],
          ...[samples, logs, spans].map(minutes),
          spaced(Math.ceil(bridgingMib(size, input, units))),
        ];
      }),
    ),
  ].join('\n\n');
}

function claims({ samplesPerSecond }: PlanInput, units: ScaleUnits): string {
  return table(
    [
      'size',
      'claim',
      'days to keep',
      'samples a second that last so long',
      `days of ${spaced(samplesPerSecond)} a second`,
    ],
    sizes.map((size) => [
      ...[`\`${size.name}\``, size.storage.prometheus ?? '', `${keptDays(kubernetes(size))}`],
      ...[spaced(lastingSamples(size, units)), daysThatLast(size, samplesPerSecond, units).toFixed(1)],
    ]),
  );
}

/** 100 000 */
export function spaced(number: number): string {
  return number.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
}
