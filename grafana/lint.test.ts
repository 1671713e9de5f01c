import { expect, test } from 'vitest';
import { groups } from '../prometheus/groups.ts';
import { recordedBy } from '../prometheus/kit/group.ts';
import { longRecordings, shortRecordings } from '../prometheus/slo/recordings.ts';
import { targets } from '../prometheus/targets.ts';
import { fleetMetrics } from '../queries/fleet-metrics.ts';
import { logql } from '../queries/logql.ts';
import { promqlOver } from '../queries/promql.ts';
import { stackMetrics } from '../queries/stack-metrics.ts';
import { traceql } from '../queries/traceql.ts';
import { dashboardList } from './dashboard-list.ts';
import { lint } from './lint.ts';
import { dashboardFiles, labelValues, panelQueries } from './panel-queries.ts';
import { waivers } from './waivers.ts';

interface Panel {
  id?: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; instant: boolean; exemplar?: boolean; datasource?: object; refId: string }[];
  links: { url: string }[];
  fieldConfig: { defaults: Record<string, unknown> };
}

interface Board {
  uid: string;
  title: string;
  description: string;
  annotations: { list: object[] };
  templating: { list: object[] };
  panels: Panel[];
}

const boards = dashboardFiles() as Board[];
const found = lint(boards, waivers);

test.each(boards.map(({ uid }) => uid))('D19 %s follows the rules of the house', (uid) => {
  expect(found.filter((finding) => finding.startsWith(`${uid} `) || finding.startsWith(`${uid}:`))).toEqual([]);
});

test('D19 every dashboard of the list is there, under its title, and no other', () => {
  expect(Object.fromEntries(boards.map(({ uid, title }) => [uid, title]))).toEqual(dashboardList);
});

const recorded = [...groups(targets).flatMap(recordedBy), ...shortRecordings, ...longRecordings];
const languages = {
  prometheus: promqlOver([...stackMetrics, ...fleetMetrics, ...recorded]),
  loki: logql,
  tempo: traceql,
};

test.each(boards.map((board) => [board.uid, board] as const))(
  'B03 every query in the file of %s stands the check on its own',
  (_, board) => {
    const queries = panelQueries(board).filter(({ kind }) => kind !== 'graph');
    expect(queries.length).toBeGreaterThan(10);
    for (const { source, expr, kind } of queries) {
      const plain = kind === 'values' ? labelValues(expr).series : expr;
      expect(languages[source]`${plain}`.text).toBe(plain);
    }
  },
);

const panel = (board: Board, title: string) => board.panels.find((each) => each.title === title) as Panel;
const field = (board: Board, title: string) => panel(board, title).fieldConfig.defaults;

/** What is done to the page "Fleet", and which rule finds it. */
const spoiling: [rule: string, spoil: (board: Board) => void, says: RegExp][] = [
  ['schema', (board) => Object.assign(board, { rows: [] }), /"rows" is not read/],
  ['schema', (board) => Object.assign(board, { schemaVersion: 16 }), /schemaVersion is 16/],
  ['uid', (board) => Object.assign(board, { uid: 'x'.repeat(41) }), /more than 40/],
  ['read-only', (board) => Object.assign(board, { editable: true }), /it is editable/],
  ['time-zone', (board) => Object.assign(board, { timezone: 'browser' }), /time zone is browser/],
  ['refresh', (board) => Object.assign(board, { refresh: '5s' }), /refreshes every 5s/],
  ['question', (board) => Object.assign(board, { description: 'All about it.' }), /which question/],
  ['crosshair', (board) => Object.assign(board, { graphTooltip: 0 }), /share a crosshair/],
  ['links', (board) => Object.assign(board, { tags: [] }), /no tag "fleetscope"/],
  ['links', (board) => Object.assign(board, { links: [] }), /no drop-down leads to the others/],
  ['alerts', (board) => Object.assign(board.annotations, { list: [] }), /no annotation shows firing alerts/],
  [
    'variables',
    (board) => Object.assign(board.templating.list[0] as object, { refresh: 1 }),
    /does not follow the time/,
  ],
  [
    'variables',
    (board) => Object.assign(board.templating.list[0] as object, { multi: false }),
    /several values and all/,
  ],
  ['story', (board) => board.panels.shift(), /does not begin with a row/],
  ['story', (board) => Object.assign(board.panels[0] as Panel, { title: 'Health' }), /no question/],
  [
    'state-first',
    (board) => board.panels.splice(1, 0, { ...(board.panels[0] as Panel), id: 5, title: 'Well?' }),
    /first row does not say how things are/,
  ],
  [
    'panel-count',
    (board) => {
      for (let at = 0; at < 12; at++) {
        const gridPos = { x: 0, y: 50 + at, w: 6, h: 1 };
        board.panels.push({ ...panel(board, 'Active tasks'), id: 10 + at, title: `Copy ${at}`, gridPos });
      }
    },
    /24 panels are open, more than 20/,
  ],
  [
    'ids',
    (board) => Object.assign(panel(board, 'Alerts'), { id: panel(board, 'Active tasks').id }),
    /two panels have the id/,
  ],
  ['ids', (board) => delete panel(board, 'Active tasks').id, /"Active tasks": has no id/],
  ['ids', (board) => Object.assign(panel(board, 'Active tasks').targets[0] as object, { refId: '' }), /without refId/],
  [
    'ids',
    (board) =>
      panel(board, 'Active tasks').targets.push(panel(board, 'Active tasks').targets[0] as Panel['targets'][0]),
    /two targets with one refId/,
  ],
  [
    'layout',
    (board) => Object.assign(panel(board, 'Tasks that fail').gridPos, { x: 5 }),
    /"Tasks a minute, by agent" lies on/,
  ],
  ['layout', (board) => Object.assign(panel(board, 'Tasks that fail').gridPos, { h: 6 }), /is not as high as/],
  ['layout', (board) => Object.assign(panel(board, 'Task duration').gridPos, { x: 20 }), /ends in column 26/],
  ['title', (board) => Object.assign(panel(board, 'Alerts'), { title: 'x'.repeat(41) }), /1 to 40 characters/],
  [
    'title',
    (board) => Object.assign(panel(board, 'Alerts'), { title: 'Active tasks' }),
    /two panels are called "Active tasks"/,
  ],
  ['description', (board) => Object.assign(panel(board, 'Active tasks'), { description: '' }), /has no description/],
  ['unit', (board) => delete field(board, 'Active tasks').unit, /has no unit/],
  ['no-value', (board) => delete field(board, 'Active tasks').noValue, /noValue/],
  ['share', (board) => delete field(board, 'Tasks that fail').max, /no ends of its scale/],
  [
    'thresholds',
    (board) =>
      Object.assign(field(board, 'Active tasks'), {
        thresholds: {
          steps: [
            { color: 'green', value: null },
            { color: 'red', value: 80 },
          ],
        },
      }),
    /changes colour at 80/,
  ],
  [
    'leads-on',
    (board) =>
      Object.assign(panel(board, 'Active tasks'), {
        links: [],
        fieldConfig: { defaults: { ...field(board, 'Active tasks'), links: [] }, overrides: [] },
      }),
    /leads nowhere/,
  ],
  ['source', (board) => Object.assign(panel(board, 'Active tasks'), { targets: [] }), /asks nothing/],
  [
    'source',
    (board) => Object.assign(panel(board, 'Active tasks').targets[0] as object, { expr: '' }),
    /A asks nothing/,
  ],
  ['source', (board) => delete panel(board, 'Active tasks').targets[0]?.datasource, /without a data source/],
  [
    'source',
    (board) => Object.assign(panel(board, 'Alerts'), { targets: panel(board, 'Active tasks').targets }),
    /is a alertlist that asks/,
  ],
  [
    'counter',
    (board) => ask(board, 'sum(agent_tasks_started_total)'),
    /shows the counter agent_tasks_started_total as it stands/,
  ],
  ['rate-interval', (board) => ask(board, 'sum(rate(agent_tasks_started_total[7m]))'), /looks 7m back at every point/],
  ['exemplars', (board) => delete panel(board, 'Task duration').targets[0]?.exemplar, /shows latency and no exemplars/],
  [
    'links',
    (board) =>
      Object.assign(panel(board, 'Active tasks').links[0] as object, { url: `/d/nowhere?\${__url_time_range}` }),
    /there is no such dashboard/,
  ],
  [
    'links',
    (board) => Object.assign(panel(board, 'Active tasks').links[0] as object, { url: '/d/agent-detail' }),
    /loses the time range/,
  ],
  [
    'links',
    (board) =>
      Object.assign(panel(board, 'Active tasks').links[0] as object, {
        url: `/d/agent-detail?\${__url_time_range}&var-user=me`,
      }),
    /sets \$user, which agent-detail has not/,
  ],
  [
    'links',
    (board) =>
      Object.assign(panel(board, 'Active tasks').links[0] as object, {
        url: `/d/agent-detail?\${__url_time_range}&\${user:queryparam}`,
      }),
    /keeps \$user, which it has not/,
  ],
];

/** A graph's query, in place of its own. */
function ask(board: Board, expr: string): void {
  Object.assign(panel(board, 'Tasks a minute, by agent').targets[0] as object, { expr, instant: false });
}

const few = boards.filter(({ uid }) => ['fleet', 'agent-detail'].includes(uid));
const before = lint(few);

test.each(spoiling)('D19 the rule [%s] finds what breaks it', (rule, spoil, says) => {
  const spoilt = structuredClone(few);
  spoil(spoilt.find(({ uid }) => uid === 'fleet') as Board);
  const added = lint(spoilt).filter((finding) => !before.includes(finding) && finding.includes(`[${rule}]`));
  expect(added.join('\n')).toMatch(says);
});

test('D19 a waiver covers its rule on its page, and one that nothing needs is found', () => {
  const board = structuredClone(boards.find(({ uid }) => uid === 'fleet')) as Board;
  Object.assign(board, { timezone: 'browser' });
  const waiver = { dashboard: 'fleet', rule: 'time-zone', reason: 'For this test.' };
  const of = (given: readonly (typeof waiver)[]) =>
    lint([board], given).filter((finding) => finding.includes('time-zone'));
  expect(of([])).toEqual(['fleet: its time zone is browser, not utc. [time-zone]']);
  expect(of([waiver])).toEqual([]);
  expect(of([waiver, { ...waiver, dashboard: 'live' }])).toEqual([
    'live: the waiver of [time-zone] is not needed any more. Delete it.',
  ]);
});
