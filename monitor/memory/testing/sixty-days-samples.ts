/**
 * The sixty days as Prometheus has them: text for `promtool tsdb create-blocks-from openmetrics`. Counters tell of the same work as the ledger. Agents tell
 * them each five minutes, as seldom as a sample is still seen; what is told while Prometheus is away is lost, and goes on counting.
 */
import {
  approvalResponseTime,
  pendingApprovals,
  taskApprovalRequests,
} from '../../../instrumentation/src/catalog/approvals.ts';
import { agentCost, agentTokens, llmErrors, operationDuration } from '../../../instrumentation/src/catalog/llm.ts';
import type { Metric } from '../../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../../../instrumentation/src/catalog/prometheus-name.ts';
import {
  agentLastHeartbeat,
  agentTaskDuration,
  agentTaskRetries,
  agentTasksCompleted,
  agentTasksFailed,
  agentTasksStarted,
} from '../../../instrumentation/src/catalog/tasks.ts';
import { workflowRuns } from '../../../instrumentation/src/catalog/workflows.ts';
import { intervalSeconds } from '../../../stack.ts';
import { beginOf } from '../periods.ts';
import { type Day, dates, type Run, type Task } from './sixty-days.ts';
import { callOf } from './sixty-days-facts.ts';
import { gapDate, incidents } from './sixty-days-plants.ts';

const secondMs = 1000;
const dayMs = 86_400 * secondMs;
const pushMs = 300 * secondMs;

const beginMs = beginOf(dates[0] as string);
const endMs = beginMs + dates.length * dayMs;
/** What falls on the midnight is of the day that it ends. */
const isLost = (ms: number) => ms > beginOf(gapDate) && ms <= beginOf(gapDate) + dayMs;

/** Without a stamp: lost. */
const pushes = Array.from({ length: (endMs - beginMs) / pushMs + 1 }, (_, i) => {
  const ms = beginMs + i * pushMs;
  return { ms, stamp: isLost(ms) ? undefined : `${ms / secondMs}\n` };
});

/** A piece for each series. */
export function* openMetrics(days: readonly Day[]): Generator<string> {
  const heard = new Series();
  for (const { runs } of days) for (const run of runs) hear(heard, run);
  for (const [name, { metric, series }] of heard.metrics) {
    yield `# TYPE ${name.replace(/_total$/, '')} ${metric.kind === 'counter' ? 'counter' : metric.kind === 'histogram' ? 'histogram' : 'gauge'}\n`;
    for (const [text, changes] of series) yield coursed(text, changes, metric);
  }
  yield* own();
  yield '# EOF\n';
}

function hear(heard: Series, { workflow, tasks, toMs, approval }: Run): void {
  for (const task of tasks) hearTask(heard, task, workflow);
  const isFailed = tasks.filter(({ failure }) => failure).length > tasks.length / 2;
  const status = isFailed ? 'failed' : 'completed';
  heard.count(workflowRuns, { 'workflow.name': workflow, 'workflow.status': status }, toMs);
  if (!approval) return;
  const { askedMs, waitMs, decision } = approval;
  const kind = { 'approval.kind': 'deploy' };
  heard.count(taskApprovalRequests, kind, askedMs);
  heard.count(pendingApprovals, kind, askedMs);
  heard.count(pendingApprovals, kind, askedMs + waitMs, -1);
  heard.observe(approvalResponseTime, { ...kind, 'approval.decision': decision }, askedMs + waitMs, waitMs / secondMs);
}

function hearTask(heard: Series, task: Task, workflow: string): void {
  const { fromMs, toMs, agent, operation, model, tokens, modelMicroUsd, tool, retries, failure } = task;
  const who = { 'agent.name': agent, 'task.type': operation };
  heard.count(agentTasksStarted, who, fromMs);
  if (retries > 0) heard.count(agentTaskRetries, who, fromMs, retries);
  if (failure) heard.count(agentTasksFailed, { ...who, 'error.type': failure.type }, toMs);
  else heard.count(agentTasksCompleted, who, toMs);
  // How long it took until it failed nobody asks.
  if (!failure)
    heard.observe(agentTaskDuration, { 'agent.name': agent, outcome: 'success' }, toMs, (toMs - fromMs) / secondMs);
  heard.set(agentLastHeartbeat, { 'agent.name': agent }, toMs, toMs / secondMs);

  const [calledMs, answeredMs] = callOf(task);
  const asked = { 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': model };
  heard.observe(operationDuration, asked, answeredMs, (answeredMs - calledMs) / secondMs);
  if (failure?.isOfModel) heard.count(llmErrors, { ...asked, 'error.type': failure.type }, answeredMs);
  const spent = { 'agent.name': agent, 'workflow.name': workflow };
  if (modelMicroUsd > 0) heard.count(agentCost, { ...spent, ...asked }, answeredMs, modelMicroUsd);
  if (tool) heard.count(agentCost, { ...spent, 'gen_ai.tool.name': tool.name }, fromMs + 100, tool.microUsd);
  for (const [i, kind] of (['input', 'output'] as const).entries())
    if (modelMicroUsd > 0)
      heard.count(agentTokens, { 'agent.name': agent, ...asked, 'token.kind': kind }, answeredMs, tokens[i] as number);
}

interface Change {
  readonly ms: number;
  /** More by so much, or from then on. */
  readonly by: number;
}

/** Money is counted in whole micro-USD, so that no dust gathers over the weeks. */
const scales = new Map<Metric, number>([[agentCost, 1e-6]]);

class Series {
  readonly metrics = new Map<string, { readonly metric: Metric; readonly series: Map<string, Change[]> }>();

  count(metric: Metric, labels: Labels, ms: number, by = 1): void {
    this.#add(metric, '', labels, ms, by);
  }

  set(metric: Metric, labels: Labels, ms: number, to: number): void {
    this.#add(metric, '', labels, ms, to);
  }

  observe(metric: Metric, labels: Labels, ms: number, value: number): void {
    for (const le of metric.buckets ?? [])
      this.#add(metric, '_bucket', { ...labels, le: `${le}` }, ms, Number(value <= le));
    this.#add(metric, '_bucket', { ...labels, le: '+Inf' }, ms, 1);
    this.#add(metric, '_count', labels, ms, 1);
    this.#add(metric, '_sum', labels, ms, value);
  }

  #add(metric: Metric, suffix: string, labels: Labels, ms: number, by: number): void {
    const name = prometheusName(metric);
    const found = this.metrics.get(name) ?? { metric, series: new Map() };
    this.metrics.set(name, found);
    const text = `${name}${suffix}{${labelText({ ...labels, 'service.name': 'fleet', job: 'fleet' })}}`;
    const changes = found.series.get(text) ?? [];
    changes.push({ ms, by });
    found.series.set(text, changes);
  }
}

type Labels = Readonly<Record<string, string>>;

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${prometheusLabel(name)}="${value}"`)
    .join(',');
}

/** From the first push after its first change on, each push. */
function coursed(series: string, changes: Change[], metric: Metric): string {
  changes.sort((a, b) => a.ms - b.ms);
  const scale = scales.get(metric) ?? 1;
  let [text, sum, next] = ['', 0, 0];
  let line = '';
  const born = Math.ceil(((changes[0] as Change).ms - beginMs) / pushMs);
  for (const { ms, stamp } of pushes.slice(born)) {
    const seen = next;
    for (; next < changes.length && (changes[next] as Change).ms <= ms; next++) {
      const { by } = changes[next] as Change;
      sum = metric.kind === 'gauge' ? by : sum + by;
    }
    // Most of them are as they were.
    if (next > seen) line = `${series} ${Number((sum * scale).toPrecision(15))} `;
    if (stamp) text += line + stamp;
  }
  return text;
}

/** What Prometheus knows of itself: that it is there, and which alerts fire. */
function* own(): Generator<string> {
  yield '# TYPE up gauge\n';
  yield during('up{job="prometheus",instance="prometheus"}', intervalSeconds.scrape, beginMs, endMs);
  yield '# TYPE ALERTS gauge\n';
  yield during('ALERTS{alertname="Watchdog",alertstate="firing",severity="none"}', 60, beginMs, endMs);
  for (const [labels, all] of Map.groupBy(incidents, ({ alertname, severity, agent }) =>
    labelText({ alertname, alertstate: 'firing', severity, agent_name: agent }),
  ))
    for (const { from, to } of all)
      yield during(`ALERTS{${labels}}`, 60, Date.parse(from), to === undefined ? endMs : Date.parse(to));
}

function during(series: string, everySeconds: number, fromMs: number, toMs: number): string {
  let text = '';
  for (let ms = fromMs + everySeconds * secondMs; ms <= toMs; ms += everySeconds * secondMs)
    if (!isLost(ms)) text += `${series} 1 ${ms / secondMs}\n`;
  return text;
}
