import { expect, test } from 'vitest';
import type { Metric } from '../queries/metric.ts';
import { promqlOver } from '../queries/promql.ts';
import { dashboard, details, row, variable } from './dashboard.ts';
import { panelQueries } from './panel-queries.ts';
import { bars, mishaps, noDataYet, stat, timeline, timeseries } from './panels.ts';

const own = { labels: ['agent', 'job'], means: 'for this test', from: ['application'] };
const started: Metric = { name: 'tasks_started_total', type: 'counter', ...own };
const failed: Metric = { name: 'tasks_failed_total', type: 'counter', absentUntil: 'a task fails', ...own };
const promql = promqlOver([started, failed]);
const rate = promql`sum by (agent) (rate(${started}{agent=~"$agent"}[$__rate_interval]))`;
const failures = promql`sum(${failed})`;

const reading = { read: 'For this test.', unit: 'short' } as const;

interface Built {
  links: object[];
  templating: { list: object[] };
  panels: { title: string; type: string; description: string; targets: { refId: string }[]; panels: object[] }[];
}

const build = (...rows: Parameters<typeof dashboard>[3]) =>
  dashboard('fleet', 'Fleet', { question: 'Well?', variables: [variable('agent', started, 'agent')] }, rows) as Built;

test('a dashboard is the same, however often it is made', () => {
  const rows = () => [row('Now', [stat('Started', promql`sum(${started})`, reading)])];
  expect(JSON.stringify(build(...rows()))).toBe(JSON.stringify(build(...rows())));
});

test('one panel in two dashboards shares nothing between them', () => {
  const shared = stat('Started', promql`sum(${started})`, reading);
  const [a, b] = [build(row('A', [shared])), build(row('B', [shared]))];
  (a.panels[1] as { title: string }).title = 'Changed';
  expect(b.panels[1]?.title).toBe('Started');
});

test('every kind of panel becomes its own type in Grafana', () => {
  const { panels } = build(
    row('Open', [
      stat('One', promql`sum(${started})`, reading),
      timeseries('Two', { '{{agent}}': rate }, reading),
      mishaps('Three', { '{{agent}}': rate }, reading),
      timeline('Four', { '{{agent}}': rate }, { ...reading, steps: { red: 0, green: 1 } }),
      bars('Five', { '{{agent}}': rate }, reading),
    ]),
  );
  const types = panels.map(({ type }) => type);
  expect(types).toEqual(['row', 'stat', 'timeseries', 'timeseries', 'state-timeline', 'bargauge']);
});

test('D19 a panel that may be empty has to say why, and says it', () => {
  expect(() => stat('Failed', failures, reading)).toThrow(
    'Cannot show "Failed" without "empty": it has no data until a task fails. Say so for its reader.',
  );
  const shown = build(row('Now', [stat('Failed', failures, { ...reading, empty: 'no task has failed.' })]));
  expect(shown.panels[1]?.description).toBe('For this test.\n\nMay be empty: no task has failed.');
  expect(panelQueries(shown)).toMatchObject([{ panel: 'Failed', allowedEmpty: 'no task has failed.' }]);
});

test('B03 a legend on a label that the query sums away is refused', () => {
  const shown = (legend: string) => build(row('Now', [timeseries('Rate', { [legend]: rate }, reading)]));
  expect(() => shown('{{agent}}')).not.toThrow();
  expect(() => shown('{{job}}')).toThrow(/Cannot label "Rate" with \{\{job\}\}: .* answers with agent\./);
});

test('B03 a variable on a label that the metric has not is refused', () => {
  expect(() => variable('agent', started, 'agnet')).toThrow(
    /tasks_started_total has no label agnet; it has agent, job\./,
  );
  expect(build().templating.list).toMatchObject([
    {
      name: 'agent',
      type: 'query',
      multi: true,
      includeAll: true,
      query: { query: 'label_values(tasks_started_total, agent)' },
    },
  ]);
});

test('dashboards link to each other with the time range and the variables kept', () => {
  expect(build().links).toMatchObject([
    { type: 'dashboards', tags: ['fleetscope'], keepTime: true, includeVars: true },
  ]);
});

test('every query is listed, those of closed rows too, with what it takes to run it', () => {
  const listed = panelQueries(
    build(
      row('Open', [stat('Started', promql`sum(${started})`, reading)]),
      details('Closed', [timeseries('Rate', { 'of {{agent}}': rate, all: promql`sum(${started})` }, reading)]),
    ),
  );
  const sum = 'sum(tasks_started_total)';
  expect(listed).toEqual([
    { dashboard: 'fleet', panel: 'Started', refId: 'A', expr: sum, kind: 'instant', allowedEmpty: undefined },
    { dashboard: 'fleet', panel: 'Rate', refId: 'A', expr: rate.text, kind: 'range', allowedEmpty: undefined },
    { dashboard: 'fleet', panel: 'Rate', refId: 'B', expr: sum, kind: 'range', allowedEmpty: undefined },
  ]);
  expect(noDataYet).toContain('npm run doctor');
});
