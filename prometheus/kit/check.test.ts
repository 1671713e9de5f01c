import { describe, expect, test } from 'vitest';
import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { queueDepth, queueName } from '../../instrumentation/src/catalog/messages.ts';
import { agentTaskDuration, agentTasksFailed, agentTasksStarted } from '../../instrumentation/src/catalog/tasks.ts';
import { promql } from '../../queries/promql.ts';
import { prometheus } from '../../queries/stack-metrics.ts';
import { type Alert, alert, type Level } from './alert.ts';
import { group } from './group.ts';
import { gauge, share } from './proof.ts';
import { record } from './record.ts';
import { series } from './world.ts';

const level = { severity: 'high', over: 100, for: '5m' } as const;
const good: Omit<Alert<Level>, 'name'> = {
  spec: ['A14'],
  team: 'fleet',
  levels: [level],
  when: ({ over }) => promql`max by (${queueName}) (${queueDepth}) > ${over as number}`,
  summary: 'Work piles up in {{ $labels.queue_name }}',
  description: '{{ $value }} wait in {{ $labels.queue_name }}.',
  dashboard: 'live',
  runbook: {
    meaning: '',
    impact: '',
    checks: [
      { ask: '', command: '' },
      { ask: '', command: '' },
      { ask: '', command: '' },
    ],
    remedy: [],
  },
  proof: ({ over }) => gauge(series(queueDepth), { over: over as number }),
};
const failing = promql`sum by (${agentName}) (rate(${agentTasksFailed}[5m])) / sum by (${agentName}) (rate(${agentTasksStarted}[5m]))`;
const tasks = { bad: series(agentTasksFailed), total: series(agentTasksStarted) };
const { quiet: _, ...unguarded } = share(tasks, { over: 0.5, within: '5m', enough: 10 });
const plain = { summary: 'Something is wrong', description: '{{ $value }}' };

/** A change that spoils an alert, and what is said of it. */
const refused: [why: string, name: string, change: Partial<typeof good>, message: RegExp][] = [
  ['a name that begins with no part', 'BacklogHigh', {}, /BacklogHigh: its name does not begin with a part/],
  ['a name that is only a part', 'Queue', {}, /does not begin with a part/],
  ['no level', 'QueueHigh', { levels: [] }, /has no level/],
  [
    'levels in the wrong order',
    'QueueHigh',
    { levels: [{ ...level, severity: 'info' }, level] },
    /not in the order of their severities/,
  ],
  ['a severity that is there twice', 'QueueHigh', { levels: [level, level] }, /each once/],
  ['no promise', 'QueueHigh', { spec: [] }, /keeps no promise/],
  ['less than two evaluations', 'QueueHigh', { levels: [{ ...level, for: '29s' }] }, /fires after 29s.*30s/],
  ['no comparison', 'QueueHigh', { when: () => promql`vector(1)`, ...plain }, /always has an answer/],
  ['a value in the title', 'QueueHigh', { summary: '{{ $value }} wait' }, /its title would change/],
  ['no value in the text', 'QueueHigh', { description: 'Some wait.' }, /does not tell \{\{ \$value \}\}/],
  [
    'a label in the text that the query has not',
    'QueueHigh',
    { summary: '{{ $labels.agent_name }}' },
    /names the label agent_name, and max by .* answers with queue_name/,
  ],
  [
    'a label in the text that the query sums away',
    'QueueHigh',
    { when: () => promql`sum(${queueDepth}) > 1` },
    /names the label queue_name, and .* answers with none/,
  ],
  ['a variable that no label fills', 'QueueHigh', { variables: { agent: 'agent_name' } }, /names the label agent_name/],
  [
    'one alert per process',
    'QueueHigh',
    { when: () => promql`${queueDepth} > 1` },
    /keeps instance, service_version, service_instance_id: one alert per process/,
  ],
  [
    'a choice of the largest',
    'QueueHigh',
    { when: () => promql`topk(1, max by (${queueName}) (${queueDepth})) > 1` },
    /topk changes what it answers/,
  ],
  [
    'a rate of two points',
    'AgentHigh',
    { when: () => promql`sum by (${agentName}) (irate(${agentTasksFailed}[5m])) > 1`, ...plain },
    /irate changes/,
  ],
  [
    'a share of few events',
    'AgentHigh',
    { when: () => promql`${failing} > 0.5`, ...plain, proof: () => unguarded },
    /rests on a share or a quantile of few events/,
  ],
  [
    'a share that a recording hides',
    'AgentHigh',
    {
      when: () => promql`${record('agent:failing:ratio_rate5m', failing, 'share')} > 0.5`,
      ...plain,
      proof: () => unguarded,
    },
    /rests on a share or a quantile of few events/,
  ],
  [
    'a quantile of few events',
    'TaskHigh',
    {
      when: () => promql`histogram_quantile(0.95, sum by (le) (rate(${agentTaskDuration}_bucket[5m]))) > 5`,
      ...plain,
      proof: () => unguarded,
    },
    /rests on a share or a quantile of few events/,
  ],
];

describe('A01 an alert is refused for', () => {
  test.each(refused)('%s', (_why, name, change, message) => {
    expect(() => group('test', [alert(name, { ...good, ...change })])).toThrow(message);
  });

  test('nothing, when it is good', () => {
    expect(group('test', [alert('QueueHigh', good)]).rules).toHaveLength(1);
    expect(group('test', [alert('QueuesHigh', good)]).rules).toHaveLength(1);
  });
});

test('A01 an address of the stack is no process of an application: it may stay', () => {
  const up = alert('ServiceDown', {
    ...good,
    when: () => promql`${prometheus.up} == 0`,
    summary: '{{ $labels.instance }} is down',
    description: '{{ $value }}',
  });
  expect(group('test', [up]).rules).toEqual([up]);
});

test('A20 two alerts of one name in a group are refused: they are levels of one', () => {
  const twice = alert('QueueHigh', good);
  expect(() => group('test', [twice, twice])).toThrow('Cannot use QueueHigh twice in the group test');
});

test('A01 a recording has a name of three parts, and the answer of its query for labels', () => {
  const depth = record('queue:depth:max', promql`max by (${queueName}) (${queueDepth})`, 'items that wait');
  expect(depth).toMatchObject({ type: 'gauge', labels: ['queue_name'], absentUntil: 'a service records queue.depth' });
  expect(promql`${depth} > 5`.text).toBe('queue:depth:max > 5');
  expect(() => promql`sum by (agent_name) (${depth})`).toThrow(/has no label agent_name/);
  expect(() => record('depth', promql`max(${queueDepth})`, '')).toThrow(/a name is level:metric:operations/);
});
