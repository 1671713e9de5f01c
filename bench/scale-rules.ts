/** Ten thousand rules on the series of the load: in one group, one after the other, and in many groups, side by side. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getText } from '../doctor/ask.ts';
import { metrics } from '../instrumentation/src/catalog/catalog.ts';
import { prometheusName } from '../instrumentation/src/catalog/prometheus-name.ts';
import { intervalSeconds } from '../stack.ts';
import { yaml } from '../twin.ts';
import { services } from './scale-load.ts';
import { type ScaleStack, usageOf } from './scale-stack.ts';

export interface RuleTimes {
  readonly rules: number;
  readonly groups: number;
  /** Seconds of an evaluation: the longest group, and all groups added up. */
  readonly longestSeconds: number;
  readonly sumSeconds: number;
  readonly missed: number;
  readonly failures: number;
  /** CPU µs of one rule, once. */
  readonly cpuMicros: number;
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
}

/** Of every kind that the shipped ones are of, each about one service: sums, shares and percentiles, recorded and alerted on. */
export function manyRules(count: number): Rule[] {
  const counters = metrics.filter(({ kind, by }) => kind === 'counter' && by === 'fleet').map(prometheusName);
  const histograms = metrics.filter(({ kind, by }) => kind === 'histogram' && by === 'fleet').map(prometheusName);
  return Array.from({ length: count }, (_, i) => {
    const [service, turn] = [services[i % services.length] as string, Math.floor(i / services.length)];
    const own = (name: string) => `${name}{service_namespace="scale",service_name="${service}"}`;
    const counter = counters[turn % counters.length] as string;
    const other = counters[(turn * 7 + 3) % counters.length] as string;
    const histogram = histograms[turn % histograms.length] as string;
    const share = `sum(rate(${own(counter)}[5m])) / sum(rate(${own(other)}[5m]))`;
    const percentile = `histogram_quantile(0.95, sum by (le) (rate(${own(`${histogram}_bucket`)}[5m])))`;
    const name = `scale:rule_${i}`;
    const kinds: Rule[] = [
      { record: `${name}:rate5m`, expr: `sum by (service_name) (rate(${own(counter)}[5m]))` },
      { record: `${name}:ratio`, expr: share },
      { alert: `Scale${i}`, expr: `${share} > ${1e6 + turn}`, for: '2m' },
      { alert: `Scale${i}`, expr: `sum by (agent_name) (increase(${own(counter)}[5m])) > 1e9`, for: '5m' },
      { alert: `Scale${i}`, expr: `${percentile} > 1e9`, for: '2m' },
    ];
    return kinds[turn % kinds.length] as Rule;
  });
}

/** Puts the rules into the running Prometheus, watches them for so many evaluations, and takes them away. */
export async function measureRules(
  stack: ScaleStack,
  { rules, groups, evaluations }: { rules: number; groups: number; evaluations: number },
): Promise<RuleTimes> {
  const all = manyRules(rules);
  const size = Math.ceil(rules / groups);
  const file = join(stack.home, 'config', 'rules', 'scale-bench.yml');
  const made = Array.from({ length: groups }, (_, g) => ({
    ...{ name: `scale-${g}`, interval: `${intervalSeconds.evaluate}s` },
    rules: all.slice(g * size, (g + 1) * size),
  }));
  writeFileSync(file, yaml({ groups: made }));
  stack.supervisor.signal('prometheus', 'SIGHUP');
  // Every group has begun within one interval.
  await delay((intervalSeconds.evaluate + 3) * 1000);
  const before = await read(stack);
  if (before.groups !== groups)
    throw new Error(`Cannot measure rules: ${before.groups} of ${groups} groups are evaluated.`);
  const cpuBefore = usageOf(stack.pid('prometheus')).cpuSeconds;
  await delay(evaluations * intervalSeconds.evaluate * 1000);
  const after = await read(stack);
  const cpu = usageOf(stack.pid('prometheus')).cpuSeconds - cpuBefore;
  writeFileSync(file, yaml({ groups: [] }));
  stack.supervisor.signal('prometheus', 'SIGHUP');
  const evaluated = ((after.iterations - before.iterations) / groups) * rules;
  return {
    ...{ rules, groups, longestSeconds: after.longest, sumSeconds: after.sum },
    ...{ missed: after.missed, failures: after.failures },
    cpuMicros: (1e6 * cpu) / evaluated,
  };
}

async function read({ targets }: ScaleStack) {
  const text = await getText(`${targets.prometheus}/metrics`);
  const of = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{rule_group="[^"]*scale-bench\\.yml;[^"]*"\\} (\\S+)$`, 'gm'))].map(
      ([, n]) => Number(n),
    );
  const total = (name: string) => of(name).reduce((sum, value) => sum + value, 0);
  const durations = of('prometheus_rule_group_last_duration_seconds');
  return {
    ...{ groups: durations.length, longest: Math.max(0, ...durations) },
    sum: durations.reduce((sum, seconds) => sum + seconds, 0),
    iterations: total('prometheus_rule_group_iterations_total'),
    missed: total('prometheus_rule_group_iterations_missed_total'),
    failures: total('prometheus_rule_evaluation_failures_total'),
  };
}
