/** From so much telemetry to replicas, CPU, memory, disk, network and money. Pure: measured costs times inputs, each factor by name. */
import { tracesPerMib } from '../collector/sampler.ts';
import { scale } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { diskPercent, keptDays } from '../prometheus/prometheus.ts';
import { errorWindow, intervalSeconds, longRetentionDays, type Part, retentionDays, sampledPercent } from '../stack.ts';
import type { ScaleUnits } from './scale-units.ts';

export interface PlanInput {
  readonly samplesPerSecond: number;
  /** Series that are written to now. Default: each has a sample with every scrape. */
  readonly series: number;
  /** Text of log lines. */
  readonly logBytesPerSecond: number;
  readonly lineBytes: number;
  readonly spansPerSecond: number;
  /** People with a dashboard open, and how often it asks again. */
  readonly users: number;
  readonly refreshSeconds: number;
  /** Of what they look at so much is different; a cache answers the rest. Without one: as many as users. */
  readonly views: number;
  readonly rules: number;
  /** An outage of the stores that the queues bridge, hours. */
  readonly outageHours: number;
  /** What is planned for one that is needed: bursts, compaction, the loss of a node. */
  readonly cpuHeadroom: number;
  readonly memoryHeadroom: number;
  readonly diskHeadroom: number;
  /** Cores that a pod gets at most, before there is another one; of a sampler MiB too. */
  readonly coresOfAPod: number;
  readonly mibOfASampler: number;
  readonly replicas: { readonly prometheus: number; readonly loki: number };
  readonly prices: Prices;
}

/** In whatever currency; undefined: not given, so nothing is said of it. */
export type Prices = Readonly<
  Partial<Record<'core-hour' | 'gib-hour' | 'disk-gb-month' | 'object-gb-month' | 'egress-gb', number>>
>;

/** One part, all its replicas together but for `each`. */
export interface PartPlan {
  readonly part: Part;
  readonly replicas: number;
  readonly cores: number;
  readonly each: { readonly cores: number; readonly memoryMib: number; readonly diskGib: number };
}

export interface Plan {
  readonly parts: readonly PartPlan[];
  readonly cores: number;
  readonly memoryGib: number;
  readonly diskGib: number;
  /** In the store of objects once the oldest begins to go, GB. */
  readonly objectGb: { readonly metrics: number; readonly logs: number; readonly traces: number };
  /** MB a second: from the services, between the parts, to the store of objects. */
  readonly network: { readonly in: number; readonly between: number; readonly toObjects: number };
  readonly queriesPerSecond: number;
  /** For each price that was given. */
  readonly monthly: Prices;
}

/** What is not measured but chosen, with its reason. */
export const assumed = {
  /** As in the lines of the bench: share of the lines by class. */
  logShares: { debug: 0.25, standard: 0.7, error: 0.05 },
  /** Of the traces: those that have an error. */
  errorShare: 0.03,
  /** Points of a downsampled series: count, sum, min, max, counter. (thanos, pkg/compact/downsample) */
  aggregates: 5,
  /** Hours of samples that Prometheus has written ahead, not yet in a block: 1.5 times its two hours. */
  aheadHours: 3,
  /** MiB of a stream in Loki's memory: a chunk of 1.5 MiB and the block that is filled. (loki, chunk_target_size, chunk_block_size) */
  streamMib: 1.75,
  streams: 300,
  /** Spans of a trace whose root comes last, after minutes of work: what `tracesPerMib` reckons with. (collector/sampler.ts) */
  spansOfATrace: 30,
  hoursOfAMonth: 730,
} as const;

export function plan(units: ScaleUnits, input: PlanInput): Plan {
  const { samplesPerSecond, spansPerSecond, replicas, cpuHeadroom, memoryHeadroom, diskHeadroom } = input;
  const lines = input.logBytesPerSecond / input.lineBytes;
  const rates = { samples: samplesPerSecond, logs: lines, spans: spansPerSecond };
  const queriesPerSecond = (input.users * units.queriesOfADashboard) / input.refreshSeconds;
  const computed = queriesPerSecond * (input.users > 0 ? Math.min(1, input.views / input.users) : 0);
  const cores = (signal: keyof typeof rates, part: 'collector' | 'tempo' | 'loki' | 'prometheus' | 'monitor') =>
    (rates[signal] * (units.cpuMicros[signal][part] ?? 0)) / 1e6;
  const idle = (part: keyof typeof units.idleCores) => units.idleCores[part] ?? 0;
  const grown = (signal: keyof typeof rates, part: 'collector' | 'tempo' | 'monitor', share: number) => {
    const base = units.idleRssMib[part] ?? 0;
    const more = Math.max(0, (units.rssMib[signal][part] ?? 0) - base);
    return (more * rates[signal] * share) / units.rates[signal];
  };
  const bytesIn = (signal: keyof typeof rates) => rates[signal] * units.bytesIn[signal];
  const rulesCores = (input.rules * units.ruleCpuMicros) / 1e6 / intervalSeconds.evaluate;
  const queryCores = (computed * units.queryCpuMicros) / 1e6;

  const part = (name: Part, used: number, needs: PartNeeds): PartPlan => {
    const { least, most, memory, disk, memoryMargin = memoryHeadroom, diskMargin = diskHeadroom } = needs;
    const needed = used * cpuHeadroom;
    const count = most ?? Math.max(least, Math.ceil(needed / input.coresOfAPod));
    return {
      ...{ part: name, replicas: count, cores: needed },
      each: { cores: needed / count, memoryMib: memory(count) * memoryMargin, diskGib: disk(count) * diskMargin },
    };
  };
  const collectorCores =
    cores('samples', 'collector') * replicas.prometheus + cores('logs', 'collector') + cores('spans', 'collector');
  const gib = (bytes: number) => bytes / 2 ** 30;
  // Each span waits for Tempo, for the sampling tier and for the ledger, which takes fewer; of some traces once more.
  const waitsForSpans = bytesIn('spans') * (3 + sampledPercent / 100);
  const queueGib = gib(
    (bytesIn('samples') * replicas.prometheus + bytesIn('logs') + waitsForSpans) * input.outageHours * 3600,
  );
  // As if each had to be waited for to the end: one whose root has come is let go much earlier.
  const undecided = (spansPerSecond * errorWindow.mostSeconds) / assumed.spansOfATrace;
  const samplersMib = undecided / tracesPerMib;
  const stored = storedPerDay(units, rates);
  const parts: PartPlan[] = [
    part('collector', collectorCores + 3 * idle('collector'), {
      least: 3,
      memory: (count) =>
        (units.idleRssMib.collector ?? 0) +
        (['samples', 'logs', 'spans'] as const).reduce((sum, signal) => sum + grown(signal, 'collector', 1 / count), 0),
      disk: (count) => queueGib / count,
    }),
    // Not measured: what the first tier does with a span is more than what this one does.
    part('sampler', cores('spans', 'collector'), {
      least: Math.max(2, Math.ceil(samplersMib / input.mibOfASampler)),
      memory: (count) => Math.max(units.idleRssMib.collector ?? 0, samplersMib / count),
      // `tracesPerMib` has it.
      memoryMargin: 1,
      disk: (count) => gib(bytesIn('spans') * assumed.errorShare * input.outageHours * 3600) / count,
    }),
    part('prometheus', (cores('samples', 'prometheus') + rulesCores + idle('prometheus')) * replicas.prometheus, {
      ...{ least: replicas.prometheus, most: replicas.prometheus },
      memory: () => (units.idleRssMib.prometheus ?? 0) + (input.series * units.bytesPerSeries) / 2 ** 20,
      disk: () => gib(samplesPerSecond * keptBytes(units, keptDays(kubernetes(scale)))),
      // Of a volume that is fuller it drops the oldest.
      diskMargin: Math.max(diskHeadroom, 100 / diskPercent),
    }),
    part('loki', (cores('logs', 'loki') + idle('loki')) * replicas.loki, {
      ...{ least: replicas.loki },
      memory: (count) => (units.idleRssMib.loki ?? 0) + (assumed.streams * assumed.streamMib * replicas.loki) / count,
      // Lines of an hour that are written ahead, and the index of the day.
      disk: (count) => (gib(bytesIn('logs') * 3600) * replicas.loki) / count,
    }),
    part('tempo', cores('spans', 'tempo') + idle('tempo'), {
      ...{ least: 1, most: 1 },
      memory: () => (units.idleRssMib.tempo ?? 0) + grown('spans', 'tempo', 1),
      // Blocks of an hour before they are in the store, and what is written ahead.
      disk: () => gib((bytesIn('spans') + spansPerSecond * units.storedBytes.spans) * 3600),
    }),
    part('monitor', cores('spans', 'monitor') + idle('monitor'), {
      ...{ least: 1, most: 1 },
      memory: () => (units.idleRssMib.monitor ?? 0) + grown('spans', 'monitor', 1),
      disk: () => 0,
    }),
    // Measured in the stores themselves: what asks for them, and in larger sizes reads for them, takes that from them.
    part('thanos-query', queryCores, { least: 2, memory: () => 512, disk: () => 0 }),
  ];
  const [coresOfAll, memoryGib, diskGib] = [
    parts.reduce((sum, { cores }) => sum + cores, 0),
    parts.reduce((sum, { replicas, each }) => sum + (replicas * each.memoryMib) / 1024, 0),
    parts.reduce((sum, { replicas, each }) => sum + replicas * each.diskGib, 0),
  ];
  const objectGb = objects(stored, input, units);
  const network = {
    in: (bytesIn('samples') + bytesIn('logs') + bytesIn('spans')) / 1e6,
    between: betweenBytes(units, rates, replicas) / 1e6 + (queriesPerSecond * units.answerBytes) / 1e6,
    toObjects: (stored.metrics * replicas.prometheus + stored.logs * replicas.loki + stored.traces) / 86_400 / 1e6,
  };
  const used = {
    'core-hour': coresOfAll * assumed.hoursOfAMonth,
    'gib-hour': memoryGib * assumed.hoursOfAMonth,
    'disk-gb-month': diskGib * 1.073741824,
    'object-gb-month': objectGb.metrics + objectGb.logs + objectGb.traces,
    'egress-gb': (queriesPerSecond * units.answerBytes * assumed.hoursOfAMonth * 3600) / 1e9,
  };
  const priced = (Object.keys(used) as (keyof typeof used)[]).filter((name) => input.prices[name] !== undefined);
  return {
    ...{ parts, cores: coresOfAll, memoryGib, diskGib, objectGb, network, queriesPerSecond },
    monthly: Object.fromEntries(priced.map((name) => [name, used[name] * (input.prices[name] as number)])),
  };
}

interface PartNeeds {
  readonly least: number;
  /** It cannot be spread: so many, whatever it needs. */
  readonly most?: number;
  /** Of one of so many, MiB and GiB. */
  readonly memory: (count: number) => number;
  readonly disk: (count: number) => number;
  /** What is planned for one that is needed. Default: the headroom of the input. */
  readonly memoryMargin?: number;
  readonly diskMargin?: number;
}

/** On the disk of one Prometheus that keeps so many days, for each sample a second: in blocks, and written ahead. */
export function keptBytes({ storedBytes, aheadBytes }: ScaleUnits, days: number): number {
  return storedBytes.samples * days * 86_400 + aheadBytes * assumed.aheadHours * 3600;
}

/** Bytes of one day in one copy. */
function storedPerDay({ storedBytes }: ScaleUnits, rates: Readonly<Record<'samples' | 'logs' | 'spans', number>>) {
  return {
    metrics: rates.samples * storedBytes.samples * 86_400,
    logs: rates.logs * storedBytes.logs * 86_400,
    traces: rates.spans * storedBytes.spans * 86_400,
  };
}

function objects(
  stored: ReturnType<typeof storedPerDay>,
  { series, replicas }: PlanInput,
  units: ScaleUnits,
): Plan['objectGb'] {
  const { metrics, traces } = longRetentionDays;
  const thinned = (everySeconds: number, days: number) =>
    ((series * 86_400) / everySeconds) * days * assumed.aggregates * units.storedBytes.samples;
  const logDays = Object.entries(assumed.logShares).reduce(
    (sum, [name, share]) => sum + share * retentionDays.logs[name as keyof typeof assumed.logShares],
    0,
  );
  const traceDays = traces.detailed + (sampledPercent / 100) * traces.sampled + assumed.errorShare * traces.error;
  return {
    metrics:
      (stored.metrics * replicas.prometheus * metrics.raw +
        thinned(300, metrics.fiveMinutes) +
        thinned(3600, metrics.hour)) /
      1e9,
    // As many copies as take a line: chunks that are cut at different moments are different ones.
    logs: (stored.logs * replicas.loki * logDays) / 1e9,
    traces: (stored.traces * traceDays) / 1e9,
  };
}

function betweenBytes(
  { bytesOut }: ScaleUnits,
  rates: Readonly<Record<'samples' | 'logs' | 'spans', number>>,
  replicas: PlanInput['replicas'],
): number {
  const copies = { prometheus: replicas.prometheus, loki: replicas.loki, tempo: 2, monitor: 1 };
  return (Object.keys(rates) as (keyof typeof rates)[]).reduce(
    (sum, signal) =>
      sum +
      Object.entries(bytesOut[signal]).reduce(
        (all, [to, bytes]) => all + rates[signal] * bytes * copies[to as keyof typeof copies],
        0,
      ),
    0,
  );
}
