import { expect, test } from 'vitest';
import { agentName, taskType } from '../instrumentation/src/catalog/attributes.ts';
import { agentTasksFailed, agentTasksStarted } from '../instrumentation/src/catalog/tasks.ts';
import { promql } from '../queries/promql.ts';
import { ofCell, open } from './links.ts';
import { table } from './table.ts';

const begun = promql`sum by (${agentName}) (increase(${agentTasksStarted}[$__range]))`;
const failed = promql`sum by (${agentName}) (increase(${agentTasksFailed}[$__range]))`;
const byType = promql`sum by (${taskType}) (increase(${agentTasksStarted}[$__range]))`;
const note = { read: 'For this test.', empty: 'no task yet.' };
const Agent = { label: agentName, to: open('agent-detail', { agent: ofCell }) };

interface Built {
  targets: object[];
  transformations: { id: string; options: { renameByName: object; indexByName: object } }[];
  fieldConfig: { overrides: { matcher: { options: string }; properties: { id: string; value: unknown }[] }[] };
}

test('a table has a column per query beside the labels, named, in order, sorted, with units and links', () => {
  const shown = table(
    'Agents',
    {
      Agent,
      Begun: { query: begun, unit: 'short', bar: true },
      Failed: { query: failed, unit: 'short', steps: { green: 0, red: 1 } },
    },
    { ...note, sort: 'Failed' },
  ).build(['environment', 'agent']) as Built;
  expect(shown.targets).toMatchObject([
    { refId: 'A', instant: true, format: 'table' },
    { refId: 'B', instant: true, format: 'table' },
  ]);
  expect(shown.transformations[1]?.options).toMatchObject({
    renameByName: { agent_name: 'Agent', 'Value #A': 'Begun', 'Value #B': 'Failed' },
    indexByName: { agent_name: 0, 'Value #A': 1, 'Value #B': 2 },
  });
  expect(shown).toMatchObject({ options: { sortBy: [{ displayName: 'Failed', desc: true }] } });
  const of = (name: string) => shown.fieldConfig.overrides.find(({ matcher }) => matcher.options === name)?.properties;
  expect(of('Begun')).toContainEqual({ id: 'unit', value: 'short' });
  expect(of('Agent')).toMatchObject([
    { id: 'noValue', value: '' },
    {
      id: 'links',
      value: [{ url: `/d/agent-detail?\${__url_time_range}&\${environment:queryparam}&var-agent=\${__value.text}` }],
    },
  ]);
});

test('one query alone has Grafana’s name for a single value', () => {
  const shown = table('Agents', { Agent, Begun: { query: begun, unit: 'short' } }, note).build([]) as Built;
  expect(shown.transformations[1]?.options.renameByName).toEqual({ agent_name: 'Agent', Value: 'Begun' });
});

test('B03 columns whose rows would never meet are refused, and so is a sort by what is not there', () => {
  const columns = { Agent, Begun: { query: begun, unit: 'short' } } as const;
  expect(() => table('Agents', { ...columns, Types: { query: byType, unit: 'short' } }, note)).toThrow(
    /Cannot show "Types" in "Agents": .* answers with task_type, and the rows are told apart by agent_name\./,
  );
  expect(() => table('Agents', columns, { ...note, sort: 'Started' })).toThrow(/Cannot sort "Agents" by Started/);
});
