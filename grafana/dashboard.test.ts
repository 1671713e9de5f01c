import { expect, test } from 'vitest';
import { logql } from '../queries/logql.ts';
import type { Metric } from '../queries/metric.ts';
import { promqlOver } from '../queries/promql.ts';
import { traceql } from '../queries/traceql.ts';
import { annotation } from './annotations.ts';
import { dashboard, details, row } from './dashboard.ts';
import { panelQueries } from './panel-queries.ts';
import { stat, timeseries } from './panels.ts';
import { now } from './series.ts';
import { logs, traces } from './signals.ts';
import { variable } from './variables.ts';

const own = { labels: ['agent', 'job'], means: 'for this test', from: ['application'] };
const started: Metric = { name: 'tasks_started_total', type: 'counter', ...own };
const promql = promqlOver([started]);
const all = promql`sum(${started})`;
const chosen = promql`sum by (agent) (rate(${started}{agent=~"$agent"}[$__rate_interval]))`;
const agent = variable('agent', 'Agent', promql`${started}`, 'agent');
const reading = { read: 'For this test.', unit: 'short' } as const;

interface Built {
  links: object[];
  templating: { list: object[] };
  annotations: { list: { name: string }[] };
  panels: { title: string; id: number; targets: object[] }[];
}

const build = (...rows: Parameters<typeof dashboard>[2]) => dashboard('fleet', { question: 'Well?' }, rows) as Built;

test('a dashboard is the same, however often it is made', () => {
  const rows = () => [row('Now', [stat('Started', all, reading)])];
  expect(JSON.stringify(build(...rows()))).toBe(JSON.stringify(build(...rows())));
});

test('one panel in two dashboards shares nothing between them', () => {
  const shared = stat('Started', all, reading);
  const [a, b] = [build(row('A', [shared])), build(row('B', [shared]))];
  (a.panels[1] as { title: string }).title = 'Changed';
  expect(b.panels[1]?.title).toBe('Started');
});

test('dashboards link to each other with the time range and the variables kept', () => {
  expect(build().links).toMatchObject([
    { type: 'dashboards', tags: ['fleetscope'], keepTime: true, includeVars: true },
  ]);
});

test('every page marks alerts, deployments and late telemetry, and its own events beside them', () => {
  const busy = annotation('Busy', promql`sum by (agent) (${started}) > 5`, { colour: 'blue', title: '{{agent}}' });
  const marks = (annotations: Parameters<typeof dashboard>[1]['annotations']) =>
    (dashboard('fleet', { question: 'Well?', annotations: annotations ?? [] }, []) as Built).annotations.list.map(
      ({ name }) => name,
    );
  expect(marks([])).toEqual(['Annotations & Alerts', 'Alerts', 'Deployments', 'Telemetry late']);
  expect(marks([busy])).toContain('Busy');
  expect(() => annotation('Busy', all, { colour: 'blue', title: '{{agent}}' })).toThrow(/Cannot mark "Busy" with/);
});

const offering = (variables: Parameters<typeof dashboard>[1]['variables'], ...rows: Parameters<typeof dashboard>[2]) =>
  dashboard('fleet', { question: 'Well?', variables: variables ?? [] }, rows) as Built;
const asking = row('Now', [timeseries('Rate', { '{{agent}}': chosen }, reading)]);

test('B03 a variable that a query names must be offered', () => {
  expect(() => offering([agent], asking)).not.toThrow();
  expect(() => offering([], asking)).toThrow(
    'Cannot make "Fleet": "Rate" asks for $agent, which it does not offer. It offers none.',
  );
  const misspelt = promql`sum(${started}{agent=~"$agnet"})`;
  expect(() => offering([agent], asking, row('More', [stat('Started', misspelt, reading)]))).toThrow(
    /asks for \$agnet, which it does not offer. The nearest is \$agent/,
  );
});

test('B03 a variable that is offered must be asked for, if only by another variable', () => {
  const job = variable('job', 'Job', promql`${started}`, 'job');
  const within = variable('agent', 'Agent', promql`${started}{job=~"$job"}`, 'agent');
  expect(() => offering([job, within], asking)).not.toThrow();
  expect(() => offering([job, agent], asking)).toThrow('Cannot make "Fleet": no panel asks for $job.');
});

test('B03 a variable on a label that the metric has not is refused', () => {
  expect(() => variable('agent', 'Agent', promql`${started}`, 'agnet')).toThrow(
    /tasks_started_total has no label agnet; it has agent, job\./,
  );
  expect(offering([agent], asking).templating.list).toMatchObject([
    {
      name: 'agent',
      type: 'query',
      multi: true,
      includeAll: true,
      allValue: '.*',
      refresh: 2,
      query: { query: 'label_values(tasks_started_total, agent)' },
    },
  ]);
});

test('D19 every query is listed, those of closed rows, variables and annotations too, with what it takes to run it', () => {
  const said = { read: 'For this test.', empty: 'nothing yet.' };
  const shown = offering(
    [agent],
    row('Open', [stat('Started', all, reading)]),
    details('Closed', [
      timeseries('Rate', { 'of {{agent}}': chosen, all: now(all) }, reading),
      logs('Records', logql`{service_name=~".+"}`, said),
      traces('Traces', traceql`{ status = error }`, said),
    ]),
  );
  const query = (panel: string, refId: string, source: string, expr: string, kind: string, allowedEmpty?: string) => ({
    ...{ dashboard: 'fleet', panel, refId, source, expr, kind, allowedEmpty },
    of: panel.startsWith('$') ? 'variable' : 'panel',
  });
  const sum = 'sum(tasks_started_total)';
  const listed = panelQueries(shown);
  expect(listed.filter(({ of }) => of !== 'annotation')).toEqual([
    query('Started', 'A', 'prometheus', sum, 'instant'),
    query('Rate', 'A', 'prometheus', chosen.text, 'range'),
    query('Rate', 'B', 'prometheus', sum, 'instant'),
    query('Records', 'A', 'loki', '{service_name=~".+"}', 'range', said.empty),
    query('Traces', 'A', 'tempo', '{ status = error } with (most_recent=true)', 'search', said.empty),
    query('$agent', 'agent', 'prometheus', 'label_values(tasks_started_total, agent)', 'values', 'no service says so.'),
  ]);
  expect(listed.filter(({ of }) => of === 'annotation').map(({ panel, source }) => [panel, source])).toEqual([
    ['Alerts', 'prometheus'],
    ['Deployments', 'loki'],
    ['Telemetry late', 'prometheus'],
  ]);
});
