import { expect, test } from 'vitest';
import { promql } from '../queries/promql.ts';
import { lint } from './lint.ts';
import { allPanelQueries, dashboardFiles } from './panel-queries.ts';

interface Board {
  uid: string;
  panels: { id?: number; gridPos: { x: number }; targets: object[]; fieldConfig: { defaults: object } }[];
}

const boards = dashboardFiles() as Board[];

test.each(boards.map((board) => [board.uid, board] as const))('D19 %s follows the rules of the house', (_, board) => {
  expect(lint(board)).toEqual([]);
});

test('B03 every query in the files that Grafana reads stands the check on its own', () => {
  const queries = allPanelQueries();
  expect(queries.length).toBeGreaterThan(50);
  for (const { expr } of queries) expect(promql`${expr}`.text).toBe(expr);
});

const first = (board: Board) => board.panels[1] as Board['panels'][number];

test.each<[string, (board: Board) => void, RegExp]>([
  ['rows of the past', (board) => Object.assign(board, { rows: [] }), /"rows" is not read/],
  ['an old schema', (board) => Object.assign(board, { schemaVersion: 16 }), /schemaVersion is 16/],
  ['a long uid', (board) => Object.assign(board, { uid: 'x'.repeat(41) }), /more than 40/],
  [
    'two panels with one id',
    (board) => Object.assign(first(board), { id: board.panels[2]?.id }),
    /two panels have the id/,
  ],
  ['a panel without an id', (board) => delete first(board).id, /has no id/],
  ['panels on each other', (board) => Object.assign(first(board).gridPos, { x: 6 }), /"Parts down" lies on "Delay"/],
  ['a panel beyond the edge', (board) => Object.assign(first(board).gridPos, { x: 20 }), /ends in column 26/],
  ['a panel without a description', (board) => Object.assign(first(board), { description: '' }), /no description/],
  ['a panel without a unit', (board) => Object.assign(first(board).fieldConfig.defaults, { unit: '' }), /no unit/],
  [
    'a panel silent about no data',
    (board) => Object.assign(first(board).fieldConfig.defaults, { noValue: '' }),
    /noValue/,
  ],
  [
    'a target without a query',
    (board) => Object.assign(first(board).targets[0] as object, { expr: '' }),
    /without refId or expr/,
  ],
  ['one refId for two targets', (board) => first(board).targets.push(first(board).targets[0] as object), /one refId/],
  ['a panel that asks nothing', (board) => Object.assign(first(board), { targets: [] }), /asks nothing/],
])('a dashboard is found out that has %s', (_, spoil, finding) => {
  const board = structuredClone(boards.find(({ uid }) => uid === 'telemetry-pipeline')) as Board;
  spoil(board);
  expect(lint(board).join('\n')).toMatch(finding);
});
