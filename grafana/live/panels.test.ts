/** Dashboards are opened against a server that answers as the backends do. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { panels } from './panels.ts';
import { dashboardRows, queryRows, summary } from './print.ts';

const prometheus = { type: 'prometheus', uid: 'prometheus' };
const loki = { type: 'loki', uid: 'loki' };
const tempo = { type: 'tempo', uid: 'tempo' };
const series = (count: number, value = '1') =>
  Array.from({ length: count }, (_, at) => ({ metric: { at: `${at}` }, values: [[0, value]], value: [0, value] }));

/** By what a query contains. Anything else has no series. */
const answers: [part: string, result: unknown[]][] = [
  ['always', series(3)],
  ['young', series(1)],
  ['nan', series(2, 'NaN')],
  ['agent=~".*", name=".*"', series(2)],
  ['name=', []],
  ['agent=~"code"', []],
  ['agent=~"qa"', series(1)],
  ['agent=~".*"', series(2)],
];
/** Metrics that Prometheus has, whoever sent them. */
const known = ['tasks_total', 'always', 'young', 'always_now', 'always_closed', 'nan', 'failed', 'tasks'];
const asked: string[] = [];

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url as string, 'http://localhost');
  const query = searchParams.get('query') ?? searchParams.get('q') ?? searchParams.get('match[]') ?? '';
  asked.push(`${pathname} ${query}`);
  if (query.includes('broken')) {
    response.statusCode = 400;
    response.end('{"status":"error","error":"parse error"}');
    return;
  }
  const result = answers.find(([part]) => query.includes(part))?.[1] ?? [];
  if (pathname.includes('/__name__/')) response.end(JSON.stringify({ data: known }));
  else if (pathname.includes('/label/')) response.end(JSON.stringify({ data: ['qa', 'code'] }));
  else if (query === 'young' && pathname.endsWith('_range'))
    response.end('{"data":{"resultType":"matrix","result":[]}}');
  else if (pathname === '/api/search') response.end(JSON.stringify({ traces: result }));
  else response.end(JSON.stringify({ data: { resultType: 'matrix', result } }));
});
let address: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const agent = {
  ...{ name: 'agent', type: 'query', multi: true, includeAll: true, allValue: '.*' },
  query: { query: 'label_values(tasks_total, agent)' },
  current: { value: ['$__all'] },
};
const target = (expr: string, more: object = {}) => ({
  ...{ refId: 'A', datasource: prometheus, expr, instant: false, range: true },
  ...more,
});
const panel = (title: string, targets: object[], more: object = {}) => ({
  ...{ id: title.length, type: 'timeseries', title, targets, gridPos: { x: 0, y: 0, w: 12, h: 8 } },
  fieldConfig: { defaults: { noValue: 'No data. Run "npm run doctor".' } },
  ...more,
});
const dashboard = (held: object[], more: object = {}) => ({
  ...{ uid: 'fleet', title: 'Fleet', time: { from: 'now-1h', to: 'now' }, panels: held },
  ...{ templating: { list: [agent] }, annotations: { list: [] } },
  ...more,
});

async function opened(files: object[], more: { uids?: string[]; since?: string; budgetMs?: number } = {}) {
  asked.length = 0;
  const backends = { prometheus: address, loki: address, tempo: address };
  return panels({ backends, files, uids: undefined, since: undefined, budgetMs: 600_000, ...more });
}

async function findings(...held: object[]): Promise<string[]> {
  return (await opened([dashboard(held)])).verdict.findings;
}

test('D19 panels with data are no finding, in every language, and what they ask is plain', async () => {
  const found = await findings(
    panel('Rate', [target('rate(always[$__rate_interval])')]),
    panel('Now', [target('always_now', { instant: true })]),
    panel('Lines', [target('{a=~"always"}', { datasource: loki, queryType: 'range', maxLines: 100 })]),
    panel('Traces', [{ refId: 'A', datasource: tempo, query: '{ name = "always" }', queryType: 'traceql', limit: 5 }]),
  );
  expect(found).toEqual([]);
  expect(asked.filter((each) => each.includes('always'))).toEqual([
    '/api/v1/query_range rate(always[240s])',
    '/api/v1/query always_now',
    '/loki/api/v1/query_range {a=~"always"}',
    '/api/search { name = "always" }',
  ]);
});

test('D19 an empty panel is a finding with its query, unless it says why it may be empty', async () => {
  const excuse = { fieldConfig: { defaults: { noValue: 'no task has failed yet.' } } };
  expect(await findings(panel('Failed', [target('failed')], excuse))).toEqual([]);
  const [finding] = await findings(panel('Failed', [target('failed')]));
  expect(finding).toMatch(
    /^fleet \/ Failed \/ A has no data, and its panel does not say why it may have none\.\n {2}failed\n/,
  );
  expect(finding).toContain(`curl '${address}/api/v1/query_range?query=failed&`);
});

test('D19 series without a number are as empty as none', async () => {
  expect(await findings(panel('Ratio', [target('nan')]))).toEqual([
    expect.stringContaining('has 2 series without a number'),
  ]);
});

test('D19 data that is younger than a step is data', async () => {
  expect(await findings(panel('New', [target('young')]))).toEqual([]);
  expect(asked.filter((each) => each.endsWith(' young'))).toEqual(['/api/v1/query_range young', '/api/v1/query young']);
});

test('D19 an error is a finding even where a panel may be empty, and in an annotation', async () => {
  const excuse = { fieldConfig: { defaults: { noValue: 'nothing happened.' } } };
  expect(await findings(panel('Failed', [target('always + broken(')], excuse))).toEqual([
    expect.stringMatching(/^fleet \/ Failed \/ A: http\S+ answers 400: .*parse error/),
  ]);
  const mark = { name: 'Deployments', datasource: loki, expr: 'broken' };
  const { verdict } = await opened([dashboard([], { annotations: { list: [mark] } })]);
  expect(verdict.findings).toEqual([expect.stringMatching(/^fleet \/ Deployments \/ Annotation: /)]);
});

test('D19 with a variable at all, and at one value after the other until one has data', async () => {
  expect(await findings(panel('Tasks', [target('tasks{agent=~"$agent"}')]))).toEqual([]);
  expect(asked.filter((each) => each.includes('range tasks{'))).toEqual(
    ['.*', 'code', 'qa'].map((value) => `/api/v1/query_range tasks{agent=~"${value}"}`),
  );
});

test('D19 a query that has data for all and for no single value is a finding', async () => {
  expect(await findings(panel('Tasks', [target('tasks{agent=~".*", name="$agent"}')]))).toEqual([
    expect.stringContaining('has data, but for none of agent=code, agent=qa.'),
  ]);
});

test('B03 a misspelt metric is a finding even where another query stands in for it', async () => {
  const excuse = { fieldConfig: { defaults: { noValue: 'nothing happened.' } } };
  const [finding] = await findings(panel('Tasks', [target('rate(taks[5m]) or always')], excuse));
  expect(finding).toContain('fleet / Tasks / A: nothing emits taks. The nearest name is tasks.');
  expect(await findings(panel('Tasks', [target('{__name__=~"always|alwas"}')]))).toEqual([
    expect.stringContaining('nothing emits alwas'),
  ]);
  // Of the catalogue, though nobody has sent it yet.
  expect(await findings(panel('Tasks', [target('agent_tasks_failed_total or always')]))).toEqual([]);
});

test('B03 a variable that is not offered is a finding', async () => {
  expect(await findings(panel('Tasks', [target('always{a="$skill"}')]))).toEqual([
    expect.stringContaining('it names $skill, which its dashboard does not offer'),
  ]);
});

test('P08 a dashboard above its budget is a finding that names its slowest panel; closed rows cost nothing', async () => {
  const closed = { id: 9, type: 'row', title: 'Closed', collapsed: true, gridPos: { x: 0, y: 9, w: 24, h: 1 } };
  const file = dashboard([
    panel('Open', [target('always')]),
    { ...closed, panels: [panel('Inside', [target('always_closed')])] },
  ]);
  const { verdict, opened: all } = await opened([file], { budgetMs: 0 });
  expect(verdict.findings).toEqual([
    expect.stringMatching(/^fleet took \d+ ms to open; its budget is 0 ms\. Slowest: (Open|\$agent), /),
  ]);
  // A variable and a panel; the closed one is asked, not counted.
  expect(all[0]).toMatchObject({ requests: 2 });
  expect(asked).toContain('/api/v1/query_range always_closed');
});

test('D19 the range is the dashboard’s, or the one that was given', async () => {
  const file = dashboard([panel('Range', [target('always + $__range_s')])]);
  await opened([file]);
  expect(asked).toContain('/api/v1/query_range always + 3600');
  await opened([file], { since: '15m' });
  expect(asked).toContain('/api/v1/query_range always + 900');
  await expect(opened([file], { since: 'soon' })).rejects.toThrow(RangeError);
});

test('D19 one dashboard is picked by its uid, an unknown one is answered with those there are', async () => {
  const files = [dashboard([]), dashboard([], { uid: 'cost' })];
  expect((await opened(files, { uids: ['cost'] })).opened.map(({ uid }) => uid)).toEqual(['cost']);
  await expect(opened(files, { uids: ['costs'] })).rejects.toThrow(
    'Cannot find the dashboard "costs": there are fleet, cost.',
  );
});

test('D19 where nothing answers one sentence says what to do', async () => {
  const backends = { prometheus: address, loki: 'http://127.0.0.1:1', tempo: address };
  const options = { backends, files: [], uids: undefined, since: undefined, budgetMs: 1 };
  await expect(panels(options)).rejects.toThrow(
    /^Cannot ask Loki: .*Start the stack with "npm run up", or give --loki\.$/,
  );
});

test('D19 the tables have a row per query and per dashboard', async () => {
  const { opened: all, verdict } = await opened([dashboard([panel('Tasks', [target('tasks{agent=~"$agent"}')])])]);
  expect(queryRows(all, verdict).slice(1)).toMatchObject([
    ['fleet', '$agent', 'agent prometheus', '2', '', expect.any(String), ''],
    ['fleet', 'Tasks', 'A prometheus', '2', 'agent=qa 1', expect.any(String), ''],
  ]);
  expect(dashboardRows(all, 600_000)[1]?.slice(0, 3)).toEqual(['fleet', '2', '2']);
  expect(summary(all, verdict)).toContain('1 dashboards, 2 queries');
});
