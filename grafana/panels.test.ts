import { expect, test } from 'vitest';
import { agentName, outcome } from '../instrumentation/src/catalog/attributes.ts';
import { agentTaskDuration, agentTasksStarted } from '../instrumentation/src/catalog/tasks.ts';
import type { Metric } from '../queries/metric.ts';
import { promql as house, promqlOver } from '../queries/promql.ts';
import { buckets, percentiles, quantileOf, straight } from './lines.ts';
import { ofSeries, open } from './links.ts';
import { noDataYet, type Panel } from './panel.ts';
import { bars, gauge, heatmap, mishaps, pie, stacked, stat, timeline, timeseries } from './panels.ts';
import { now } from './series.ts';

const own = { labels: ['agent', 'job'], means: 'for this test', from: ['collector'] };
const started: Metric = { name: 'tasks_started_total', type: 'counter', ...own };
const failed: Metric = { name: 'tasks_failed_total', type: 'counter', absentUntil: 'a task fails', ...own };
const promql = promqlOver([started, failed]);
const rate = promql`sum by (agent) (rate(${started}[$__rate_interval]))`;
const failures = promql`sum(${failed})`;
const reading = { read: 'For this test.', unit: 'short' } as const;
const steps = { green: 0, red: 1 };
const said = { ...reading, empty: 'nothing yet.' };

interface Built {
  type: string;
  description: string;
  targets: { expr: string; exemplar?: boolean; format?: string; interval?: string }[];
  links?: { title: string; url: string }[];
  options: { legend: { displayMode: string; showLegend: boolean } };
  fieldConfig: {
    defaults: { noValue: string; links?: { url: string }[]; thresholds: { steps: object[] } };
    overrides: { matcher: { options: string }; properties: { id: string; value: unknown }[] }[];
  };
}

const built = (panel: Panel, variables: string[] = []) => panel.build(variables) as Built;

test('every kind of panel becomes its own type in Grafana', () => {
  const panels = [
    stat('One', rate, reading),
    gauge('Two', rate, { ...reading, steps, max: 1 }),
    timeseries('Three', rate, reading),
    stacked('Four', rate, reading),
    mishaps('Five', rate, reading),
    timeline('Six', rate, { ...reading, steps }),
    bars('Seven', rate, reading),
    pie('Eight', { '{{agent}}': rate }, reading),
    heatmap('Nine', buckets(agentTaskDuration), said),
  ];
  expect(panels.map((panel) => built(panel).type)).toEqual([
    ...['stat', 'gauge', 'timeseries', 'timeseries', 'timeseries', 'state-timeline', 'bargauge', 'piechart', 'heatmap'],
  ]);
});

test('D19 a panel that may be empty has to say why, and says it', () => {
  expect(() => stat('Failed', failures, reading)).toThrow(
    'Cannot show "Failed" without "empty": it has no data until a task fails. Say so for its reader.',
  );
  const shown = built(stat('Failed', failures, { ...reading, empty: 'no task has failed.' }));
  expect(shown.description).toBe('For this test.\n\nMay be empty: no task has failed.');
  expect(shown.fieldConfig.defaults.noValue).toBe('no task has failed.');
  expect(built(stat('Started', rate, reading)).fieldConfig.defaults.noValue).toBe(noDataYet);
  expect(noDataYet).toContain('npm run doctor');
});

test('B03 a legend on a label that the query sums away is refused', () => {
  expect(() => built(timeseries('Rate', { '{{agent}}': rate }, reading))).not.toThrow();
  expect(() => built(timeseries('Rate', { '{{job}}': rate }, reading))).toThrow(
    /Cannot label "Rate" with \{\{job\}\}: .* answers with agent\./,
  );
});

test('a link keeps the time range and the variables, and sets the one that was clicked on', () => {
  const stays = built(stat('Rate', rate, { ...reading, to: 'errors' }), ['environment', 'agent']);
  const url = `/d/errors?\${__url_time_range}&\${environment:queryparam}&\${agent:queryparam}`;
  expect(stays.links).toEqual([{ title: 'Open Errors', url, targetBlank: false }]);
  expect(stays.fieldConfig.defaults.links).toEqual(stays.links);
  const sets = open('agent-detail', { agent: ofSeries(agentName) });
  const chosen = built(timeseries('Rate', rate, { ...reading, to: sets }), ['environment', 'agent']);
  expect(chosen.fieldConfig.defaults.links?.[0]?.url).toBe(
    `/d/agent-detail?\${__url_time_range}&\${environment:queryparam}&var-agent=\${__field.labels.agent_name}`,
  );
  expect(chosen.links ?? []).toEqual([]);
});

test('D19 latency over time has exemplars, and numbers of now have none', () => {
  const lines = built(timeseries('Duration', percentiles(agentTaskDuration), said));
  expect(lines.targets.map(({ exemplar }) => exemplar)).toEqual([true, true, true]);
  expect(built(heatmap('Duration', buckets(agentTaskDuration), said)).targets).toMatchObject([
    { exemplar: true, format: 'heatmap' },
  ]);
  expect(built(stat('p95', quantileOf('p95', agentTaskDuration), said)).targets[0]?.exemplar).toBeUndefined();
  expect(() => heatmap('Duration', rate, reading)).toThrow(/has no buckets. Keep "le"/);
});

test('quantiles are those of the histogram, by label if asked', () => {
  expect(Object.keys(percentiles(agentTaskDuration))).toEqual(['p50', 'p95', 'p99']);
  const byAgent = percentiles(agentTaskDuration, 'outcome="success"', { of: ['p95'], by: agentName });
  expect(byAgent['{{agent_name}}']?.text).toBe(
    'histogram_quantile(0.95, sum by (le, agent_name) (rate(agent_task_duration_seconds_bucket{outcome="success"}[$__rate_interval])))',
  );
  expect(() => percentiles(agentTaskDuration, 'outcome="ok"')).toThrow(/"ok" is none of its values/);
});

test('what is scraped is looked at as often as it is scraped; what services push, as they push', () => {
  const pushed = house`sum(rate(${agentTasksStarted}[$__rate_interval]))`;
  expect(built(timeseries('Stack', rate, reading)).targets[0]?.interval).toBe('15s');
  expect(built(timeseries('Fleet', pushed, said)).targets[0]?.interval).toBeUndefined();
});

test('a name that means the same looks the same, and a boundary is dashed', () => {
  const by = house`sum by (${outcome}) (rate(${agentTaskDuration}_count[$__rate_interval]))`;
  const looks = (series: Parameters<typeof timeseries>[1]) =>
    Object.fromEntries(
      built(timeseries('Tasks', series, said)).fieldConfig.overrides.map(({ matcher, properties }) => [
        matcher.options,
        properties,
      ]),
    );
  const colour = (properties: { id: string; value: unknown }[] = []) =>
    properties.flatMap(({ id, value }) => (id === 'color' ? [(value as { fixedColor: string }).fixedColor] : []))[0];
  expect(colour(looks({ '{{outcome}}': by }).success)).toBe(colour(looks({ Success: by }).Success));
  expect(colour(looks({ '{{outcome}}': by }).failure)).toBe('red');
  expect(looks({ Budget: straight(23) }).Budget).toContainEqual({
    id: 'custom.lineStyle',
    value: { fill: 'dash', dash: [10, 10] },
  });
  expect(looks({ Anything: by })).toEqual({});
});

test('the names of lines stand in a list, with the number of one that is now alone, and one line has none', () => {
  const legend = (series: Parameters<typeof timeseries>[1]) =>
    built(timeseries('Rate', series, reading)).options.legend;
  expect(legend({ '{{agent}}': rate })).toMatchObject({ displayMode: 'list', calcs: [] });
  expect(legend({ One: rate, Two: now(rate) })).toMatchObject({ calcs: ['lastNotNull'] });
  expect(legend({ One: rate, Two: rate })).toMatchObject({ displayMode: 'list', showLegend: true });
  expect(legend(rate)).toMatchObject({ showLegend: false });
});

test('without steps of ours nothing is coloured by value', () => {
  expect(built(stat('Rate', rate, reading)).fieldConfig.defaults.thresholds.steps).toEqual([
    { color: 'blue', value: null },
  ]);
  expect(built(stat('Rate', rate, { ...reading, steps })).fieldConfig.defaults.thresholds.steps).toEqual([
    { color: 'green', value: null },
    { color: 'red', value: 1 },
  ]);
});
