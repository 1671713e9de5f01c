/** Two periods side by side: what became worse, and how sure that is. Pure. */
import type { AgentExecution } from '../ledger/record.ts';
import { difference, type Estimate, quantileEstimate, relativeChange, type Sorted, shareEstimate } from './interval.ts';

/** What is looked at of an execution. */
export type Sample = Pick<AgentExecution, 'agent_name' | 'operation' | 'status' | 'duration_ms' | 'cost_micro_usd'>;

export interface CompareOptions {
  /** That no regression is told where there is none, in the whole comparison together. Default: 0.95. */
  readonly confidence?: number;
  /** Fewer on either side are not compared. Default: 20. */
  readonly minimumSample?: number;
  /** Changes of time and money that nobody minds, as a share. Default: 0.1. */
  readonly tolerance?: number;
  /** Changes of the share that fails that nobody minds. Default: 0.01. */
  readonly errorTolerance?: number;
}

/**
 * - `regression`, `improvement`: the whole interval is on one side of no change, and the change is more than anybody minds.
 * - `steady`: neither, as far as one can see; the interval says how far that is.
 * - `too_few`: fewer than the minimum sample, or than the interval needs.
 */
export type Verdict = 'regression' | 'improvement' | 'steady' | 'too_few';

export interface Measured {
  readonly measure: 'p50_ms' | 'p95_ms' | 'error_rate' | 'p50_cost_micro_usd';
  readonly verdict: Verdict;
  readonly before: number | null;
  readonly after: number | null;
  readonly before_count: number;
  readonly after_count: number;
  /** `relative`: 0.5 is half as much again. `absolute`: of the error rate, 0.05 is five in a hundred more. */
  readonly unit: 'relative' | 'absolute';
  readonly change: number | null;
  /** The change lies between the two. Null: the sample does not bound it on that side. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface Compared {
  readonly agent_name: string;
  readonly operation: string | null;
  /** The worst of its measures. */
  readonly verdict: Verdict;
  readonly measures: readonly Measured[];
}

export interface Comparison {
  readonly confidence: number;
  /** Of one interval: with many comparisons, each has to be surer. */
  readonly interval_confidence: number;
  readonly minimum_sample: number;
  readonly regressions: number;
  /** Regressions first, then by name. */
  readonly groups: readonly Compared[];
  /** Worked in one of the periods only. */
  readonly only_before: readonly string[];
  readonly only_after: readonly string[];
}

const measures = 4;
const severity: readonly Verdict[] = ['regression', 'improvement', 'steady', 'too_few'];

/**
 * Regressions between two periods, per agent and operation: median and 95th percentile of the time of what ended well, the
 * share that failed, the median cost. Never by a bare difference: by an interval that a quiet pair of periods leaves around
 * zero. Executions count as independent; a few runs of very many executions look surer than they are. (R05)
 */
export function compare(before: Iterable<Sample>, after: Iterable<Sample>, options: CompareOptions = {}): Comparison {
  const { confidence = 0.95, minimumSample = 20, tolerance = 0.1, errorTolerance = 0.01 } = options;
  const [one, other] = [grouped(before), grouped(after)];
  const shared = [...one.keys()].filter((key) => other.has(key));
  const enough = shared.filter((key) => [one, other].every((side) => (side.get(key)?.ended ?? 0) >= minimumSample));
  const each = 1 - (1 - confidence) / Math.max(1, enough.length * measures);
  const judge = (was: Group, is: Group): Measured[] => {
    const limits = { minimumSample, tolerance };
    const at = (side: Side, of1: number) => quantileEstimate(side, of1, each);
    const relative = (measure: Measured['measure'], of1: number, from: Side, to: Side) =>
      measured(measure, 'relative', [at(from, of1), at(to, of1)], [from.length, to.length], limits);
    const failed = [was, is].map((side) => shareEstimate(side.failed, side.ended, each));
    return [
      relative('p50_ms', 0.5, was.durations, is.durations),
      relative('p95_ms', 0.95, was.durations, is.durations),
      measured('error_rate', 'absolute', failed, [was.ended, is.ended], { minimumSample, tolerance: errorTolerance }),
      relative('p50_cost_micro_usd', 0.5, was.costs, is.costs),
    ];
  };
  const groups = shared.map((key): Compared => {
    const [was, is] = [one.get(key) as Group, other.get(key) as Group];
    const found = judge(was, is);
    const verdict = severity.find((verdict) => found.some((measure) => measure.verdict === verdict)) as Verdict;
    return { agent_name: was.agent_name, operation: was.operation, verdict, measures: found };
  });
  return {
    ...{ confidence, interval_confidence: each, minimum_sample: minimumSample },
    regressions: groups.reduce((sum, group) => sum + group.measures.filter(isRegression).length, 0),
    groups: groups.sort(
      (a, b) => severity.indexOf(a.verdict) - severity.indexOf(b.verdict) || (nameOf(a) < nameOf(b) ? -1 : 1),
    ),
    only_before: [...one].flatMap(([key, group]) => (other.has(key) ? [] : [nameOf(group)])).sort(),
    only_after: [...other].flatMap(([key, group]) => (one.has(key) ? [] : [nameOf(group)])).sort(),
  };
}

type Side = Sorted;

interface Group {
  readonly agent_name: string;
  readonly operation: string | null;
  ended: number;
  failed: number;
  durations: Float64Array;
  costs: Float64Array;
}

/** By agent and operation; what still runs is left out. What failed early says nothing of how long work takes. */
function grouped(samples: Iterable<Sample>): Map<string, Group> {
  const groups = new Map<string, Group & { took: number[]; cost: number[] }>();
  for (const { agent_name, operation, status, duration_ms, cost_micro_usd } of samples) {
    if (status === 'in_progress') continue;
    const key = `${agent_name}\0${operation ?? '\0'}`;
    let group = groups.get(key);
    if (!group) {
      const none = new Float64Array();
      group = { agent_name, operation, ended: 0, failed: 0, durations: none, costs: none, took: [], cost: [] };
      groups.set(key, group);
    }
    group.ended += 1;
    if (status === 'failed') group.failed += 1;
    else if (duration_ms !== null) group.took.push(duration_ms);
    if (cost_micro_usd !== null) group.cost.push(cost_micro_usd);
  }
  for (const group of groups.values()) {
    // Not below a millisecond: a clock cannot tell what lies between, and a share of nothing is none.
    group.durations = Float64Array.from(group.took, (ms) => Math.max(1, ms)).sort();
    group.costs = Float64Array.from(group.cost).sort();
  }
  return groups;
}

function measured(
  measure: Measured['measure'],
  unit: Measured['unit'],
  [before, after]: readonly (Estimate | undefined)[],
  [before_count, after_count]: readonly [number, number],
  { minimumSample, tolerance }: { minimumSample: number; tolerance: number },
): Measured {
  const known = {
    ...{ measure, unit, before: before?.value ?? null, after: after?.value ?? null },
    ...{ before_count, after_count },
  };
  const isEnough = before_count >= minimumSample && after_count >= minimumSample;
  const change =
    before && after && isEnough ? (unit === 'relative' ? relativeChange : difference)(before, after) : undefined;
  if (!change) return { ...known, verdict: 'too_few', change: null, low: null, high: null };
  const { value, low, high } = change;
  // Less than nothing cannot be left: as a lower end that says nothing.
  const bounds = { change: value, low: unit === 'relative' && low <= -1 ? null : finite(low), high: finite(high) };
  // Twice as slow and half as slow are equally much.
  const isMuch = value > tolerance || value < (unit === 'relative' ? 1 / (1 + tolerance) - 1 : -tolerance);
  if (isMuch && low > 0) return { ...known, verdict: 'regression', ...bounds };
  if (isMuch && high < 0) return { ...known, verdict: 'improvement', ...bounds };
  const isUnbounded = bounds.high === null && bounds.low === null;
  return { ...known, verdict: isUnbounded ? 'too_few' : 'steady', ...bounds };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function isRegression({ verdict }: Measured): boolean {
  return verdict === 'regression';
}

function nameOf({ agent_name, operation }: Pick<Sample, 'agent_name' | 'operation'>): string {
  return operation === null ? agent_name : `${agent_name} ${operation}`;
}
