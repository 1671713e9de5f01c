import { availableParallelism, cpus, loadavg } from 'node:os';
import { CanarySender } from '../doctor/canary.ts';
import { type Freshness, freshness } from '../doctor/freshness.ts';
import { type Component, type Profile, profiles } from '../stack.ts';
import { type BlockSize, measureBlock } from './scale-blocks.ts';
import {
  type Cost,
  type Idle,
  measureCost,
  measureIdle,
  type Signal,
  signals,
  templatesOf,
  toCollector,
} from './scale-costs.ts';
import { climb, measurePast, type Past, type Step } from './scale-limits.ts';
import { measureOpening, measureQueries, type QueryReport, type Times } from './scale-queries.ts';
import { measureRestarts, type Restart } from './scale-restarts.ts';
import { measureRules, type RuleTimes } from './scale-rules.ts';
import { drive } from './scale-send.ts';
import { type ScaleStack, startScaleStack } from './scale-stack.ts';
import type { ScaleUnits } from './scale-units.ts';

export interface ScaleReport {
  readonly machine: {
    readonly cores: number;
    readonly model: string;
    readonly node: string;
    readonly platform: string;
    /** Processes that wanted to run, before and after. */
    readonly load: number[];
    readonly seconds: number;
    readonly profile: Profile;
    readonly versions: Readonly<Partial<Record<Component, string>>>;
  };
  readonly idle: Idle;
  readonly idleRssMib: Readonly<Partial<Record<Component, number>>>;
  readonly costs: Readonly<Record<Signal, Cost>>;
  readonly series: { readonly count: number; readonly bytes: number };
  readonly block: BlockSize;
  readonly past: readonly Past[];
  readonly limits: Readonly<Record<Signal, readonly Step[]>>;
  readonly fresh: readonly Freshness[];
  readonly rules: readonly RuleTimes[];
  /** How dashboards open while there is no more than a machine of one's own has. */
  readonly local: { readonly series: number; readonly opening: Times };
  readonly queries: QueryReport;
  readonly restarts: readonly Restart[];
}

export interface ScaleOptions {
  /** A little of everything, to see that it works. Its numbers mean nothing. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

/** Units a second while costs are measured: far below what is held, so that no process waits for another. */
const rates: Record<Signal, number> = { samples: 10_000, logs: 2000, spans: 1000 };
/** Instances that push metrics: a hundred thousand series and a little more. */
const instances = 75;
/** The same of a fleet at home. */
const localInstances = 4;

/** Runs the whole bench: ten minutes, most of them load. The servers are charged by CPU time, so others on the machine matter little. */
export async function benchScale({ quick, progress }: ScaleOptions): Promise<ScaleReport> {
  const [before, startedAt] = [loadavg()[0] as number, performance.now()];
  progress('start of the stack');
  await using stack = await startScaleStack();
  progress('without load');
  const idleUsage = stack.usage();
  const idle = await measureIdle(stack, quick ? 3 : 12);
  progress('dashboards of a small fleet');
  const local = await measureLocal(stack, quick);
  const costs = {} as Record<Signal, Cost>;
  const load = (signal: Signal) => ({
    unitsPerSecond: quick ? rates[signal] / 5 : rates[signal],
    seconds: quick ? 2 : 20,
  });
  for (const signal of ['spans', 'logs'] as const) {
    progress(`costs: ${signal}`);
    const sender = toCollector(stack, signal);
    costs[signal] = await measureCost(
      stack,
      sender,
      signal,
      { ...load(signal), templates: templatesOf(signal, 20) },
      idle,
    );
    sender.close();
  }
  progress('costs: samples');
  const { cost, series } = await measureSamples(stack, idle, quick ? 4 : instances, load('samples'));
  costs.samples = cost;
  const rules: RuleTimes[] = [];
  for (const groups of quick ? [2] : [1, 200]) {
    progress(`rules: in ${groups} groups`);
    rules.push(await measureRules(stack, { rules: quick ? 100 : 10_000, groups, evaluations: quick ? 1 : 2 }));
  }
  progress('freshness under load');
  const fresh = await underLoad(stack, quick ? 2 : 20, quick ? 2 : 12);
  const past = await measurePast(stack, idle, quick ? { samples: 2000, logs: 400, spans: 200 } : rates, {
    ...{ seconds: quick ? 1 : 10, progress },
  });
  const limits = {} as Record<Signal, Step[]>;
  for (const signal of signals) {
    const climbing = { first: rates[signal] * 2, steps: quick ? 1 : 4, seconds: quick ? 1 : 8, progress };
    limits[signal] = await climb(stack, signal, climbing);
  }
  const spans = [costs.spans.sent.units, ...limits.spans.map(({ acknowledgedPerSecond }) => acknowledgedPerSecond * 8)];
  const queries = await measureQueries(stack, {
    ...{ spans: Math.round(spans.reduce((sum, each) => sum + each, 0)), uids: quick ? ['fleet'] : undefined },
    ...{ users: quick ? 2 : 20, seconds: quick ? 2 : 20, progress },
  });
  const restarted: Component[] = ['collector', 'prometheus', 'loki', 'tempo', 'alertmanager', 'escalation', 'monitor'];
  const restarts = await measureRestarts(stack, quick ? ['alertmanager'] : restarted, progress);
  progress('a block of two hours');
  const block = await measureBlock(stack.programs.prometheus?.program ?? '', quick ? 40 : 4);
  return {
    machine: {
      ...{ cores: availableParallelism(), model: cpus()[0]?.model ?? 'unknown', node: process.versions.node },
      ...{ platform: process.platform, load: [before, loadavg()[0] as number], profile: stack.place.profile },
      seconds: (performance.now() - startedAt) / 1000,
      versions: Object.fromEntries(Object.entries(stack.programs).map(([name, { version }]) => [name, version])),
    },
    ...{ idle, idleRssMib: Object.fromEntries(stack.components.map((name) => [name, idleUsage[name].rssMib])) },
    ...{ costs, series, block, past, limits, fresh, rules, local, queries, restarts },
  };
}

/** Half a minute of everything, gently. */
async function measureLocal(stack: ScaleStack, quick: boolean): Promise<ScaleReport['local']> {
  const templates = Object.fromEntries(
    signals.map((signal) => [signal, templatesOf(signal, localInstances)]),
  ) as Record<Signal, ReturnType<typeof templatesOf>>;
  await Promise.all(
    signals.map(async (signal) => {
      const sender = toCollector(stack, signal);
      const unitsPerSecond = rates[signal] / 10;
      await drive(sender, { templates: templates[signal], unitsPerSecond, seconds: quick ? 2 : 30 });
      sender.close();
    }),
  );
  await stack.drained();
  const series = templates.samples.reduce((sum, { units }) => sum + units, 0);
  return { series, opening: await measureOpening(stack, quick ? ['fleet'] : undefined) };
}

/** New series cost more than new samples: all of them are there before the costs are looked at, and their memory is their own figure. */
async function measureSamples(
  stack: ScaleStack,
  idle: Idle,
  count: number,
  load: { unitsPerSecond: number; seconds: number },
) {
  const templates = templatesOf('samples', count);
  const sender = toCollector(stack, 'samples');
  const before = stack.usage().prometheus.rssMib;
  for (const template of templates) await sender.send(template.next());
  await stack.drained();
  const made = templates.reduce((sum, { units }) => sum + units, 0);
  const cost = await measureCost(stack, sender, 'samples', { ...load, templates }, idle);
  sender.close();
  const grown = (stack.usage().prometheus.rssMib - before) * 2 ** 20;
  return { cost, series: { count: made, bytes: grown / made } };
}

/** Canaries, while all signals come at the rates of the costs. */
async function underLoad(stack: ScaleStack, canaries: number, seconds: number): Promise<Freshness[]> {
  const loads = signals.map(async (signal) => {
    const sender = toCollector(stack, signal);
    const templates = templatesOf(signal, signal === 'samples' ? 20 : 10);
    await drive(sender, { templates, unitsPerSecond: rates[signal] / 2, seconds });
    sender.close();
  });
  const sender = new CanarySender(stack.targets.otlp, 10_000);
  const found = await freshness(sender, stack.targets, { canaries, timeoutMs: 30_000 });
  await sender.close();
  await Promise.all(loads);
  return found;
}

/** What the plan rests on. */
export function unitsOf(report: ScaleReport): ScaleUnits {
  const { costs, series, block, rules, queries, idle, idleRssMib } = report;
  const each = <Of>(of: (cost: Cost) => Of) => ({
    samples: of(costs.samples),
    logs: of(costs.logs),
    spans: of(costs.spans),
  });
  return {
    ...{ cpuMicros: each(({ cpuMicros }) => cpuMicros), idleCores: idle, idleRssMib },
    ...{ rates: each(({ sent }) => sent.units / sent.seconds), rssMib: each(({ rssMib }) => rssMib) },
    ...{ bytesPerSeries: series.bytes, textBytesPerLine: costs.logs.sent.textBytes / costs.logs.sent.units },
    ...{ bytesIn: each(({ sent }) => sent.bytes / sent.units), bytesOut: each(({ networkBytes }) => networkBytes) },
    storedBytes: { samples: block.bytesPerSample, logs: costs.logs.diskBytes, spans: costs.spans.diskBytes },
    aheadBytes: costs.samples.diskBytes,
    ruleCpuMicros: rules.at(-1)?.cpuMicros ?? Number.NaN,
    ...{ queryCpuMicros: queries.users.cpuMicros, queriesOfADashboard: queries.queriesOfADashboard },
    answerBytes: queries.users.answerBytes,
  };
}

/** Of the profile that was measured, MiB. */
export function memoryLimit(report: ScaleReport, component: Component): number {
  return profiles[report.machine.profile][component];
}
