/** Health, performance, costs: sums, computed where the documents are. */
import { CostSummary } from '../cost-summary.ts';
import { CourseSummary } from '../course.ts';
import type { Cost, CostBy, Course, Health, Performance, Sample, Stretch, Window } from '../store.ts';
import { exactly, healthOf, hoursIn, PerformanceSummary, Sums } from '../summary.ts';
import { and, began } from './filter.ts';
import type { Collections } from './schema.ts';
import { lengthAndMoney, moneyAndTokens, sumsBy } from './sums.ts';

export async function health({ orchestrations, executions }: Collections, sinceIso: string): Promise<Health> {
  const since = and(began({ sinceIso }));
  const [ofRuns, ofExecutions] = await Promise.all([
    sumsBy(orchestrations, since, {}, lengthAndMoney),
    sumsBy(executions, since, {}, []),
  ]);
  return healthOf(together(ofRuns), together(ofExecutions));
}

function together(found: readonly (readonly [unknown, Sums])[]): Sums {
  const all = new Sums();
  for (const [, sums] of found) all.add(sums);
  return all;
}

/** @param now ms since 1970: where a window without an end ends. @param most of so many, percentiles are exact. */
export async function performanceOf(
  { executions }: Collections,
  window: Window,
  now: number,
  agentName?: string,
  most = exactly,
): Promise<Performance[]> {
  // Whether percentiles are exact does not depend on whose are asked for.
  const few = (await executions.countDocuments(and(began(window)))) <= most;
  const match = and(agentName !== undefined && { agent_name: agentName }, began(window));
  const summary = new PerformanceSummary(few);
  if (few) {
    for await (const row of executions.find(match, { projection: sampled })) summary.count(row as unknown as Sample);
  } else {
    const by = { agent_name: '$agent_name', operation: '$operation' };
    for (const [key, sums] of await sumsBy(executions, match, { ...by, bucket: '$sums.bucket' }, lengthAndMoney)) {
      const { agent_name, operation, bucket } = key;
      const durations = JSON.stringify(bucket === null ? [] : [bucket, sums.total]);
      summary.add(Object.assign(sums, { agent_name: `${agent_name}`, operation: `${operation ?? ''}`, durations }));
    }
  }
  const first = await executions.findOne({}, { sort: { started_at: 1, _id: 1 }, projection: { started_at: 1 } });
  return summary.rows(hoursIn(window.sinceIso ?? first?.started_at, window.untilIso, now));
}

export async function courseOf(
  { executions }: Collections,
  stretch: Stretch,
  window: Window,
  agentName: string | undefined,
): Promise<Course[]> {
  const match = and(agentName !== undefined && { agent_name: agentName }, began(window));
  const summary = new CourseSummary(stretch);
  const by = { hour: '$sums.hour', bucket: '$sums.bucket' };
  for (const [{ hour, bucket }, sums] of await sumsBy(executions, match, by, ['sums.nano_usd']))
    summary.add(`${hour}`, sums, JSON.stringify(bucket === null ? [] : [bucket, sums.total]));
  return summary.rows();
}

export async function costs(
  { orchestrations, executions, steps }: Collections,
  by: CostBy,
  window: Window,
): Promise<Cost[]> {
  const summary = new CostSummary();
  const of = (condition: object | undefined) => and(condition, began(window));
  const [named, rest] = await Promise.all([
    by === 'workflow'
      ? sumsBy(orchestrations, of(undefined), { name: '$workflow_name' }, moneyAndTokens)
      : by === 'agent' || by === 'task'
        ? sumsBy(executions, of(undefined), { name: by === 'agent' ? '$agent_name' : '$operation' }, moneyAndTokens)
        : sumsBy(steps, of({ kind: by }), { name: '$name' }, moneyAndTokens, '$outcome'),
    sumsBy(steps, of(notNamed[by]), {}, moneyAndTokens, '$outcome'),
  ]);
  for (const [{ name }, sums] of named) summary.add(name === null ? null : `${name}`, sums);
  for (const [, sums] of rest) summary.addRest(sums);
  return summary.rows();
}

/** Steps whose money no name has. */
const notNamed: Readonly<Record<CostBy, object>> = {
  agent: { execution_id: null },
  task: { execution_id: null },
  workflow: { orchestration_id: null },
  model: { kind: { $ne: 'model' } },
  tool: { kind: { $ne: 'tool' } },
};

/** All of the window, or about `most` of them, drawn evenly: each has the same chance, whatever was written when. */
export async function samples({ executions }: Collections, window: Window, most: number): Promise<Sample[]> {
  // To MongoDB 0 is no limit.
  if (most < 1) return [];
  const total = await executions.countDocuments(and(began(window)));
  // Four deviations fewer than may be, so that the limit cuts nothing off the end.
  const share = total <= most ? undefined : Math.max(1, most - 4 * Math.sqrt(most)) / total;
  const drawn = share !== undefined && { 'sums.draw': { $lt: Math.floor(share * 2 ** 32) } };
  const found = executions.find(and(drawn, began(window)), { projection: sampled, limit: Math.floor(most) });
  return (await found.toArray()) as unknown as Sample[];
}

const sampled = {
  ...{ _id: 0, agent_name: 1, operation: 1, status: 1, started_at: 1, duration_ms: 1, cost_micro_usd: 1 },
} as const;
