import { availableParallelism } from 'node:os';
import { type FleetCall, measureFleetCalls } from './fleet-calls.ts';
import type { Load } from './load.ts';
import { type LoadPlan, measureLoad, measureStart, type Rounds, type Subject } from './measure.ts';
import { startSink } from './sink.ts';
import { ratios, type Summary, summarize } from './statistics.ts';
import { type ModuleSystem, moduleSystems, type Service, services, type Variant, variants } from './variants.ts';

/** One variant in one situation. `ratio` is against `none` in the same round. */
export interface Row {
  service: Service;
  modules: ModuleSystem;
  situation: 'start' | 'saturation' | 'calm';
  variant: string;
  numbers: Record<string, { value: Summary; ratio: Summary }>;
}

export interface Report {
  machine: { cores: number; node: string; platform: string };
  quick: boolean;
  rows: Row[];
  calls: FleetCall[];
  /** Bytes of telemetry that the services sent: a bench of an instrumentation that sends nothing is none. */
  received: Record<'traces' | 'metrics' | 'logs', number>;
}

export interface Options {
  presets: readonly string[];
  /** One short round of everything, to see that it works. Its numbers mean nothing. */
  quick: boolean;
  /** Rounds at saturation; a quarter as many at 50 requests/s, and as many starts. */
  rounds: number;
  progress(text: string): void;
}

const calmPerSecond = 50;

/** Runs the whole bench. Takes about a quarter of an hour with 16 rounds, half a minute when `quick`. */
export async function benchInstrumentation({ presets, quick, rounds, progress }: Options): Promise<Report> {
  const sink = await startSink();
  const rows: Row[] = [];
  try {
    for (const service of services) {
      for (const modules of quick ? (['cjs'] as const) : moduleSystems) {
        const subject: Subject = { service, modules, variants: variants(presets), endpoint: sink.endpoint, progress };
        const add = (situation: Row['situation'], measured: Map<Variant, Rounds>) =>
          rows.push(...rowsOf({ service, modules, situation }, measured));
        add('start', await measureStart(subject, quick ? 1 : rounds));
        const loaded = await measureLoad(subject, planOf(service, quick, rounds));
        for (const [situation, measured] of loaded) add(situation as Row['situation'], measured);
      }
    }
    progress('fleet calls');
    const calls = await measureFleetCalls(sink.endpoint, quick);
    const machine = { cores: availableParallelism(), node: process.versions.node, platform: process.platform };
    return { machine, quick, rows, calls, received: await sink.received() };
  } finally {
    await sink.stop();
  }
}

function planOf(service: Service, quick: boolean, rounds: number): LoadPlan {
  const amount = { realistic: 150, bare: 8_000 }[service];
  const situation = (name: Row['situation'], load: Omit<Load, 'connections'>, rounds: number) => ({
    name,
    load: { connections: 10, ...load },
    rounds,
  });
  if (quick) {
    const situations = [
      situation('saturation', { amount: amount / 5 }, 1),
      situation('calm', { amount: 20, perSecond: calmPerSecond }, 1),
    ];
    return { situations, generations: 1, warmUp: 100, drainMs: 100 };
  }
  return {
    situations: [
      situation('saturation', { amount }, Math.ceil(rounds / 2)),
      situation('calm', { amount: 150, perSecond: calmPerSecond }, Math.ceil(rounds / 8)),
    ],
    generations: 2,
    warmUp: 20_000,
    // The longest that anything waits in a batch is five seconds.
    drainMs: 5500,
  };
}

function rowsOf(where: Pick<Row, 'service' | 'modules' | 'situation'>, measured: Map<Variant, Rounds>): Row[] {
  const [none = {}] = [...measured.values()];
  return [...measured].map(([{ name }, rounds]) => ({
    ...where,
    variant: name,
    numbers: Object.fromEntries(
      Object.entries(rounds).map(([number, values]) => [
        number,
        { value: summarize(values), ratio: summarize(ratios(values, none[number] ?? [])) },
      ]),
    ),
  }));
}
