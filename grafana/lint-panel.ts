/** Rules for one panel. */
import type { BoardPanel, Finding } from './lint-board.ts';
import { lintTarget } from './lint-query.ts';

/** Panels that show numbers, and those that ask nothing. */
const numbers = ['stat', 'gauge', 'bargauge', 'timeseries', 'heatmap', 'piechart', 'state-timeline'];
const silent = ['text', 'alertlist'];

/** `known`: the numbers that alerts and objectives take, at which a colour may change. */
export function lintPanel(panel: BoardPanel, known: ReadonlySet<number>): Finding[] {
  const { id, type, title, description, gridPos, targets, links, fieldConfig } = panel;
  const { defaults } = fieldConfig;
  const shows = numbers.includes(type);
  const share = defaults.unit === 'percentunit' && type === 'gauge';
  const found: [rule: string, found: boolean, says: string][] = [
    ['ids', !id, 'has no id, so Grafana drops it when it migrates'],
    ['title', title === '' || title.length > 40, 'its title is not 1 to 40 characters long'],
    ['layout', gridPos.x + gridPos.w > 24, `ends in column ${gridPos.x + gridPos.w} of 24`],
    ['description', type !== 'text' && description.length < 10, 'has no description'],
    ['unit', shows && !defaults.unit, 'has no unit'],
    ['no-value', shows && !defaults.noValue, 'does not say why it may be empty (noValue)'],
    ['share', share && (defaults.min === undefined || defaults.max === undefined), 'has no ends of its scale'],
    ['source', !silent.includes(type) && targets.length === 0, 'asks nothing'],
    ['source', silent.includes(type) && targets.length > 0, `is a ${type} that asks`],
    ['source', targets.some(({ datasource }) => !datasource), 'has a target without a data source'],
    ['ids', targets.some(({ refId }) => !refId), 'has a target without refId'],
    ['ids', new Set(targets.map(({ refId }) => refId)).size < targets.length, 'has two targets with one refId'],
    [
      'leads-on',
      ['stat', 'gauge'].includes(type) && links.length + defaults.links.length === 0,
      'leads nowhere: a number that worries needs a page that explains it',
    ],
  ];
  const of = (rule: string, says: string) => ({ rule, panel: title, says });
  return [
    ...found.filter(([, wrong]) => wrong).map(([rule, , says]) => of(rule, says)),
    ...strangeSteps(panel, known).map((value) => of('thresholds', `changes colour at ${value}, which no alert knows`)),
    ...targets.flatMap((target) => lintTarget(target, panel)).map(([rule, says]) => of(rule, says)),
  ];
}

/** Colours change where somebody is told, or at the first of what should not be: not where it looks nice. */
function strangeSteps({ fieldConfig }: BoardPanel, known: ReadonlySet<number>): number[] {
  const columns = fieldConfig.overrides.flatMap(({ properties }) => properties).filter(({ id }) => id === 'thresholds');
  const lists = [fieldConfig.defaults.thresholds, ...columns.map(({ value }) => value as { steps: Step[] })];
  const values = lists.flatMap((list) => list?.steps.slice(1).map(({ value }) => value) ?? []);
  return values.filter((value): value is number => value !== null && value !== 0 && value !== 1 && !known.has(value));
}

interface Step {
  value: number | null;
}
