import { expect, test } from 'vitest';
import { noDataYet } from '../panel.ts';
import { type Declared, declaredPanels, judge } from './judge.ts';
import type { PanelState } from './page-state.ts';

const seen = (more: Partial<PanelState> = {}): PanelState => ({
  ...{ title: 'Tasks', loading: false, error: false, noData: false, text: '12', blank: false, scrolls: [] },
  ...more,
});
const declared = (more: Partial<Declared> = {}): Declared => ({
  ...{ type: 'timeseries', title: 'Tasks', mayBeEmpty: undefined },
  ...more,
});
const nothing = seen({ noData: true, text: 'No data' });

test.each<[string, PanelState, Declared, string[]]>([
  ['a panel with data', seen(), declared(), []],
  ['one that still loads', seen({ loading: true, blank: true }), declared(), ['did not finish loading']],
  ['one with an error', seen({ error: true, noData: true }), declared(), ['shows an error']],
  ['one without data', nothing, declared(), ['shows "No data" and does not say why it may']],
  ['one without data that says why', nothing, declared({ mayBeEmpty: 'no task yet.' }), []],
  ['one that must have data', seen({ text: noDataYet }), declared(), [`shows "${noDataYet}"`]],
  ['one that draws nothing', seen({ text: '', blank: true }), declared(), ['is blank']],
  ['something that is cut', seen({ scrolls: ['vertical'] }), declared(), ['has a vertical scroll bar']],
  ['a legend that is cut', seen({ scrolls: ['legend'] }), declared(), ['has a legend that is cut']],
  ['a long table', seen({ scrolls: ['vertical'] }), declared({ type: 'table' }), []],
  [
    'a wide table',
    seen({ scrolls: ['vertical', 'horizontal'] }),
    declared({ type: 'table' }),
    ['has a horizontal scroll bar'],
  ],
])('D19 %s', (_, state, panel, findings) => {
  expect(judge(state, panel, 1600)).toEqual(findings);
});

test('D19 on a phone a table may be wider than the window, a legend may not', () => {
  const wide = seen({ scrolls: ['horizontal'] });
  expect(judge(wide, declared({ type: 'table' }), 420)).toEqual([]);
  expect(judge(wide, declared(), 420)).toEqual(['has a horizontal scroll bar']);
  expect(judge(seen({ scrolls: ['legend'] }), declared(), 420)).toEqual([]);
});

test('D19 a file says by noValue or in its description why a panel may be empty', () => {
  const panel = (title: string, more: object) => ({ type: 'stat', title, ...more });
  const inRow = panel('In a row', { description: 'Records.\n\nMay be empty: nobody complained.' });
  const file = {
    panels: [
      panel('Must have data', { fieldConfig: { defaults: { noValue: noDataYet } } }),
      panel('May be empty', { fieldConfig: { defaults: { noValue: 'no task yet.' } } }),
      { type: 'row', title: 'Row', panels: [inRow] },
    ],
  };
  expect(declaredPanels(file).map(({ title, mayBeEmpty }) => [title, mayBeEmpty])).toEqual([
    ['Must have data', undefined],
    ['May be empty', 'no task yet.'],
    ['Row', undefined],
    ['In a row', 'nobody complained.'],
  ]);
});
