import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { afterAll, afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import { attributes, metrics } from '../catalog/catalog.ts';
import { agentActiveTasks, agentTaskDuration, agentTasksStarted } from '../catalog/tasks.ts';
import { executeTool, toolCalls } from '../catalog/tools.ts';
import { agent, approval, decision, health, llmCall, moduleLoaded, type Task, task, workflow } from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';
import { bounded } from './labels.ts';
import { add, attributesOf, hold, record } from './record.ts';
import { run } from './run.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const kit = createTestKit();
const warnings = vi.fn();
const quiet = () => {};
diag.setLogger({ error: quiet, warn: warnings, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
afterEach(() => warnings.mockClear());
afterAll(() => kit.stop());

test('T10 fifty thousand values make as many series as the label allows, and one more', async () => {
  const before = heapBytes();
  for (let at = 0; at < 50_000; at++) moduleLoaded(`part ${at}`, true);
  for (let at = 0; at < 100; at++) health(`part ${at}`, 'healthy');
  expect(heapBytes() - before).toBeLessThan(5e6);
  const shown = async (metric: string, label: string) => (await kit.points(metric)).map(({ labels }) => labels[label]);
  for (const [metric, label, most] of [
    ['framework.health.status', 'component', 50],
    ['module.loads', 'target.module', 100],
  ] as const) {
    const series = await shown(metric, label);
    expect(series).toHaveLength(most + 1);
    expect(series.slice(0, 2)).toEqual(['part 0', 'part 1']);
    expect(series.at(-1)).toBe('_OTHER');
  }
  expect((await kit.points('module.loads')).map(({ value }) => value)).toEqual([...Array(100).fill(1), 49_900]);
  expect(warnings.mock.calls.map(([said]) => said)).toEqual([
    'Recorded target.module as _OTHER: "part 100" is beyond at most 100 different values. Ids belong on spans.',
    'Recorded component as _OTHER: "part 50" is beyond at most 50 different values. Ids belong on spans.',
  ]);
  // What came first keeps its series.
  moduleLoaded('part 7', true);
  expect((await kit.points('module.loads'))[7]?.value).toBe(2);
});

test('T10 a value outside of a closed set, or none at all, has one name, whatever it is', () => {
  const of = (name: string) => {
    const found = attributes.find((attribute) => attribute.name === name);
    if (found?.kind !== 'label') throw new Error(`${name} is no label`);
    return found;
  };
  const [outcome, errorType] = [of('outcome'), of('error.type')];
  expect(['success', 'Success', '', undefined, null, 7n, Symbol('s')].map((value) => bounded(outcome, value))).toEqual([
    'success',
    '_OTHER',
    'unknown',
    'unknown',
    'unknown',
    '_OTHER',
    '_OTHER',
  ]);
  // A success has no error: its series goes without.
  expect(bounded(errorType, undefined)).toBeUndefined();
  expect(warnings).toHaveBeenCalledTimes(1);
});

test('T10 no id gets onto a metric, whoever tries', async () => {
  const everything = Object.fromEntries(attributes.map(({ name }) => [name, 'id-4711']));
  const keys = new Set(attributes.filter(({ kind }) => kind === 'key').map(({ name }) => name));
  for (const metric of metrics) {
    const names = Object.keys(attributesOf(metric, everything));
    const declared = metric.labels.map(({ name }) => name);
    expect(declared).toEqual(expect.arrayContaining(names));
    expect(names.filter((name) => keys.has(name) && !declared.includes(name))).toEqual([]);
  }
  warnings.mockClear();
  for (let times = 0; times < 3; times++) {
    // @ts-expect-error: a task's id is no label
    add(agentActiveTasks, 1, { 'agent.name': 'a', 'agent.task.id': 'task-1' });
  }
  expect(await kit.points('agent.active.tasks')).toEqual([
    { labels: { 'agent.name': 'a', 'task.type': 'unknown' }, value: 3 },
  ]);
  expect(warnings).not.toHaveBeenCalled();
});

test('T10 from JavaScript an attribute that is not declared is left off, with one warning', () => {
  const label = { kind: 'label', name: 'way', means: '', values: undefined, atMost: 2, absentWhen: undefined } as const;
  const metric = { ...agentTasksStarted, name: 'fresh', labels: [label] };
  const given = { way: 'left', userId: 'u-1', session: 's-1' };
  expect([attributesOf(metric, given), attributesOf(metric, given)]).toEqual([{ way: 'left' }, { way: 'left' }]);
  expect(warnings.mock.calls).toEqual([['Left userId, session off fresh: not among its labels. Put it on the span.']]);
});

test('T10 names and values that are not declared do not compile', () => {
  const never = () => {
    // @ts-expect-error: not a label of this metric
    record(agentTaskDuration, 1, { 'workflow.name': 'w' });
    // @ts-expect-error: not a value of this label
    record(agentTaskDuration, 1, { outcome: 'great' });
    // @ts-expect-error: a histogram does not add up
    add(agentTaskDuration, 1, {});
    // @ts-expect-error: only what goes up and down can be held
    hold(toolCalls, {});
    // @ts-expect-error: not an attribute of this span
    run({ declaration: executeTool, attributes: { 'workflow.id': 'w' } }, () => {});
    // @ts-expect-error: not a trigger
    workflow({ name: 'w', trigger: 'moon' }, () => {});
    // @ts-expect-error: an agent has an action
    agent({ name: 'a' }, () => {});
    // @ts-expect-error: not an answer
    approval({ kind: 'k' }, async () => ({ decision: 'perhaps' }));
  };
  expect(never).toBeTypeOf('function');
});

test('S01 what a call returns has the type its function returns', () => {
  expectTypeOf(workflow({ name: 'w' }, async ({ id }) => id)).toEqualTypeOf<Promise<string>>();
  expectTypeOf(agent({ name: 'a', action: 'x' }, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(task({ type: 't' }, (work) => work)).toEqualTypeOf<Task>();
  expectTypeOf(decision({ name: 'd' }, ({ choose }) => choose('yes'))).toEqualTypeOf<'yes'>();
  const stream = llmCall({ provider: 'p', model: 'm' }, async function* () {
    yield 1;
  });
  expectTypeOf(stream).toEqualTypeOf<AsyncGenerator<number, void, unknown>>();
  const answered = approval({ kind: 'k' }, async (ticket) =>
    ticket.role === 'lead' ? { decision: 'approved', by: 'ada', note: 1 } : { decision: 'rejected' },
  );
  expectTypeOf(answered).resolves.toHaveProperty('decision');
});
