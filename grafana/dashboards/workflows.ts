/** D06: do workflows get done, how fast, and what holds them up? People who wait for a result open this one first. */
import { errorType, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { destination, sender, sentMessages } from '../../instrumentation/src/catalog/messages.ts';
import {
  workflowApprovalWaitTime,
  workflowDuration,
  workflowExecute,
  workflowRuns,
  workflowStatus,
  workflowsActive,
  workflowTrigger,
} from '../../instrumentation/src/catalog/workflows.ts';
import { percent } from '../../prometheus/slo/burn.ts';
import { workflowSuccess } from '../../prometheus/slo/objectives.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, current, grown, percentiles, quantileOf, straight } from '../lines.ts';
import { ofCell, open } from '../links.ts';
import { bars, heatmap, mishaps, pie, stacked, stat, timeseries } from '../panels.ts';
import { logs, nodeGraph, traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment, workflow } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, workflow_name=~"$workflow"`;
const idle = 'no workflow has ended in this time. Start some: "npm run demo".';
const unasked = 'no workflow had to wait for a person in this time.';

const ended = grown(promql`${workflowRuns}{${chosen}}`);
const decided = grown(promql`${workflowRuns}{${chosen}, workflow_status=~"completed|failed"}`);
/** Until the first run fails there is no such series: as long as runs end, that is none, not unknown many. */
const failed = promql`${grown(promql`${workflowRuns}{${chosen}, workflow_status="failed"}`)} or 0 * ${ended}`;

const endedByName = grown(promql`${workflowRuns}{${chosen}}`, [workflowName]);
const failedByName = promql`${grown(promql`${workflowRuns}{${chosen}, workflow_status="failed"}`, [workflowName])} or 0 * ${endedByName}`;

const active = current(promql`${workflowsActive}{${chosen}}`);
const waited = grown(promql`${workflowApprovalWaitTime}_sum{${chosen}}`);
const took = grown(promql`${workflowDuration}_sum{${chosen}}`);

const now = row('Do workflows get done?', [
  stat('Succeed', promql`1 - (${failed}) / ${decided}`, {
    read: `Share of the runs ended in the time range that did not fail; those called off do not count. ${percent(workflowSuccess.objectiveBp)} is promised: SLA compliance says how much of the budget is left.`,
    unit: 'percentunit',
    decimals: 1,
    max: 1,
    steps: { red: 0, green: workflowSuccess.objectiveBp / 10_000 },
    empty: idle,
    width: 4,
    to: 'sla',
  }),
  stat('Runs failed', failed, {
    read: 'Runs of the time range that failed. Any but 0: the reasons stand below, the traces at the end of the page.',
    unit: 'short',
    decimals: 0,
    steps: { green: 0, yellow: 1 },
    empty: idle,
    width: 4,
    to: 'errors',
  }),
  stat('Runs ended', ended, {
    read: 'Runs that ended in the time range, however they did.',
    unit: 'short',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('Under way', promql`sum(${active})`, {
    read: 'Runs that have begun and not ended. A line that only rises is a fleet that takes on more than it finishes: open Live.',
    unit: 'short',
    trend: true,
    empty: 'no workflow has begun yet.',
    width: 4,
    to: 'live',
  }),
  stat('Duration, p95', quantileOf('p95', workflowDuration, chosen, undefined, '$__range'), {
    read: 'In the time range 95 of 100 runs took less, waits for people included.',
    unit: 's',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'performance',
  }),
  stat('Time waiting', promql`(${waited} or 0 * ${took}) / ${took}`, {
    read: 'Share of their time that the runs of the time range stood still for an approval. When it is high, faster agents change nothing: ask who approves.',
    unit: 'percentunit',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'sla',
  }),
]);

const trend = row('How does it change?', [
  stacked(
    'Runs a minute, by how they ended',
    { '{{workflow_status}}': grown(promql`${workflowRuns}{${chosen}}`, [workflowStatus], '$__interval') },
    {
      read: 'Each bar counts the runs that ended since the bar before it: a minute, more in a long time range. Red among the green: look for what else began then.',
      unit: 'short',
      every: '1m',
      empty: idle,
    },
  ),
  timeseries('Duration', percentiles(workflowDuration, chosen), {
    read: 'Half of the runs take less than p50, 95 of 100 less than p95. Only p99 rises: few runs are stuck. All rise: everybody waits for the same thing. A dot is one run: a click opens its trace.',
    unit: 's',
    empty: idle,
    to: 'performance',
  }),
  timeseries(
    'Under way, by workflow',
    { '{{workflow_name}}': promql`sum by (${workflowName}) (${active})` },
    {
      read: 'Runs at the same time. A step that does not come down again: runs of this workflow are stuck.',
      unit: 'short',
      empty: 'no workflow has begun yet.',
      to: 'live',
    },
  ),
]);

const which = row('Which workflow, and who asked for it?', [
  table(
    'Workflows',
    {
      Workflow: { label: workflowName, to: open('workflows', { workflow: ofCell }) },
      Ended: { query: endedByName, unit: 'short', decimals: 0, bar: true },
      Failed: { query: failedByName, unit: 'short', decimals: 0, steps: { green: 0, yellow: 1 } },
      'Share failed': { query: promql`(${failedByName}) / ${endedByName}`, unit: 'percentunit', decimals: 1 },
      p95: { query: quantileOf('p95', workflowDuration, chosen, workflowName, '$__range'), unit: 's', decimals: 1 },
      'Under way': {
        query: promql`sum by (${workflowName}) (${active})`,
        unit: 'short',
        decimals: 0,
      },
    },
    {
      read: 'One line per workflow, in the time range; those that fail most first. A click on a name narrows the page to it.',
      sort: 'Failed',
      width: 16,
      empty: idle,
    },
  ),
  pie(
    'Runs, by trigger',
    { '{{workflow_trigger}}': grown(promql`${workflowRuns}{${chosen}}`, [workflowTrigger]) },
    {
      read: 'What set the runs off. A share that changes by itself, a webhook that comes twice, say, is found here first.',
      unit: 'short',
      decimals: 0,
      width: 8,
      height: 8,
      empty: idle,
    },
  ),
]);

const cause = row('What holds them up?', [
  mishaps(
    'Failed runs, by error',
    {
      '{{error_type}}': grown(
        promql`${collector.spanCalls}{${here}, span_name="${workflowExecute.name}", status_code="STATUS_CODE_ERROR"}`,
        [errorType],
        '$__interval',
      ),
    },
    {
      read: 'Of all workflows, whichever is chosen above. One kind of error alone is one cause: open Errors for who else has it.',
      unit: 'short',
      every: '1m',
      empty: 'no run has failed.',
      to: 'errors',
    },
  ),
  timeseries(
    'Wait for an approval',
    {
      ...percentiles(workflowApprovalWaitTime, chosen, { of: ['p50', 'p95'] }),
      Target: straight(targets.approval.aimSeconds),
    },
    {
      read: 'How long runs stand still until a person has answered. The aim is a minute; SLA compliance shows who is asked and who answers.',
      unit: 's',
      empty: unasked,
      to: 'sla',
    },
  ),
  bars(
    'Time spent waiting, by workflow',
    {
      '{{workflow_name}}': promql`topk(10, ${grown(promql`${workflowApprovalWaitTime}_sum{${chosen}}`, [workflowName])} / ${grown(promql`${workflowDuration}_sum{${chosen}}`, [workflowName])})`,
    },
    {
      read: 'Share of a workflow’s time that went by waiting for people. The longest bar is where one approval less helps most.',
      unit: 'percentunit',
      decimals: 0,
      empty: unasked,
      to: 'sla',
    },
  ),
]);

const latest = row('What happened in the last that failed?', [
  traces('Failed runs', traceql`{ ${workflowExecute} && status = error && ${workflowName} =~ "$workflow" }`, {
    read: 'The newest runs that failed. A click on an id opens the trace: the red span furthest down is where it began.',
    empty: 'no run failed in this time.',
  }),
  logs(
    'What was logged of failures',
    logql`{service_name=~".+", deployment_environment_name=~"$environment"} | detected_level=~"error|fatal|critical"`,
    {
      read: 'Records of errors of all services, the newest first. Click on one for its fields and its trace.',
      empty: 'no error was logged in this time.',
      to: 'errors',
    },
  ),
]);

const together = details('Who works with whom?', [
  nodeGraph('Messages between agents', promql`${grown(promql`${sentMessages}{${here}}`, [sender, destination])} > 0`, {
    read: 'Each arrow: who handed work to whom in the time range, and how often. An arrow that is missing is work that nobody passed on.',
    from: 'message_sender',
    towards: 'messaging_destination_name',
    unit: 'short',
    height: 12,
    empty: 'no agent has sent a message in this time.',
  }),
  heatmap('Duration, spread', buckets(workflowDuration, chosen), {
    read: 'Two bands are two kinds of run: with and without a wait for people, say. A dot is one run: a click opens its trace.',
    unit: 's',
    width: 12,
    height: 12,
    empty: idle,
  }),
]);

export default twin(
  'json',
  dashboard(
    'workflows',
    { question: 'Do workflows get done, how fast, and what holds them up?', variables: [environment, workflow] },
    [now, trend, which, cause, latest, together],
  ),
);
