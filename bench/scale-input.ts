/** `samples=100000,log-bytes=2800000,…` as the plan wants it. */
import { intervalSeconds } from '../stack.ts';
import type { PlanInput, Prices } from './scale-plan.ts';
import type { ScaleUnits } from './scale-units.ts';

/** What may be given: the least it may be, its default, what it is. */
export const inputs = {
  samples: { least: 0, value: 0, means: 'samples a second' },
  series: { least: 0, value: undefined, means: `active series; default: samples × ${intervalSeconds.scrape}` },
  'log-bytes': { least: 0, value: 0, means: 'bytes of log text a second' },
  'line-bytes': { least: 1, value: undefined, means: 'bytes of a line; default: as measured' },
  spans: { least: 0, value: 0, means: 'spans a second' },
  users: { least: 0, value: 0, means: 'people with a dashboard open' },
  refresh: { least: 1, value: 30, means: 'seconds between two looks of each' },
  views: {
    least: 1,
    value: undefined,
    means: 'different dashboards and choices among them; default: each has another',
  },
  rules: { least: 0, value: 500, means: 'rules, evaluated every 15 s' },
  outage: { least: 0, value: 1, means: 'hours without stores that the queues bridge' },
  headroom: { least: 1, value: 2, means: 'times the CPU that is needed' },
  'memory-headroom': { least: 1, value: 1.5, means: 'times the memory' },
  'disk-headroom': { least: 1, value: 1.25, means: 'times the disk' },
  'pod-cores': { least: 0.1, value: 2, means: 'cores of a pod before there is another one' },
  'sampler-memory': { least: 128, value: 4096, means: 'MiB of a sampler before there is another one' },
  prometheus: { least: 1, value: 2, whole: true, means: 'that each take every sample' },
  loki: { least: 1, value: 3, whole: true, means: 'that take each line' },
  'core-hour': { least: 0, value: undefined, means: 'price of a core for an hour; none: nothing is said of it' },
  'gib-hour': { least: 0, value: undefined, means: 'price of a GiB of memory for an hour' },
  'disk-gb-month': { least: 0, value: undefined, means: 'price of a GB of disk for a month' },
  'object-gb-month': { least: 0, value: undefined, means: 'price of a GB in the store of objects for a month' },
  'egress-gb': { least: 0, value: undefined, means: 'price of a GB of answers to people' },
} as const satisfies Record<string, Given>;

interface Given {
  readonly least: number;
  readonly value: number | undefined;
  /** Of what there is no half. */
  readonly whole?: true;
  readonly means: string;
}

type Name = keyof typeof inputs;

/** @throws RangeError that names what is wrong. */
export function readInput(text: string, units: ScaleUnits): PlanInput {
  const given = new Map<Name, number>();
  for (const pair of text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)) {
    const [name = '', value = '', ...more] = pair.split('=');
    if (!Object.hasOwn(inputs, name))
      throw new RangeError(`Cannot plan with "${pair}": there are ${Object.keys(inputs).join(', ')}.`);
    const { least, whole }: Given = inputs[name as Name];
    const number = Number(value);
    const fits = (whole ? Number.isInteger : Number.isFinite)(number) && number >= least;
    if (value === '' || more.length > 0 || !fits) {
      const what = `a ${whole ? 'whole ' : ''}number of at least ${least}`;
      throw new RangeError(`Cannot plan with "${pair}": give ${what}, e.g. ${name}=${least || 100_000}.`);
    }
    given.set(name as Name, number);
  }
  const of = (name: Name) => given.get(name) ?? inputs[name].value ?? 0;
  const prices = Object.fromEntries(
    (['core-hour', 'gib-hour', 'disk-gb-month', 'object-gb-month', 'egress-gb'] as const).flatMap((name) =>
      given.has(name) ? [[name, of(name)]] : [],
    ),
  ) as Prices;
  return {
    samplesPerSecond: of('samples'),
    series: given.get('series') ?? of('samples') * intervalSeconds.scrape,
    logBytesPerSecond: of('log-bytes'),
    lineBytes: given.get('line-bytes') ?? units.textBytesPerLine,
    ...{ spansPerSecond: of('spans'), users: of('users'), refreshSeconds: of('refresh') },
    ...{ views: given.get('views') ?? of('users'), rules: of('rules') },
    ...{ outageHours: of('outage'), cpuHeadroom: of('headroom'), memoryHeadroom: of('memory-headroom') },
    ...{ diskHeadroom: of('disk-headroom'), coresOfAPod: of('pod-cores') },
    mibOfASampler: of('sampler-memory'),
    ...{ replicas: { prometheus: of('prometheus'), loki: of('loki') }, prices },
  };
}

/** The targets of P08. 10 GB of logs an hour; spans are not promised: as many as a thousand requests of five a second. */
export const p08 = 'samples=100000,log-bytes=2777778,spans=5000,users=1000,views=100,rules=10000';
export const small = 'samples=5000,log-bytes=50000,spans=200,users=20,prometheus=2,loki=3';
