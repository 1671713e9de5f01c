import { expect, test } from 'vitest';
import { spans } from './catalog.ts';
import { fleetSpan, fleetSpanNames } from './fleet-spans.ts';

const named = (name: string) => name.replace(/\{\w+\}/, 'x');

test('R03 every span of the fleet API is told by its name, but one whose name says nothing', () => {
  const missed = spans.filter(
    (declaration) => declaration.by === 'fleet' && fleetSpan(named(declaration.name)) !== declaration,
  );
  expect(missed.map(({ name }) => name)).toEqual(['{operation} {database}']);
});

test('R03 no name of another is taken for one', () => {
  const names = [
    'workflow.executed',
    'a workflow.execute',
    'workflowxexecute',
    'chat ',
    'chat',
    'GET /',
    'chats gpt',
    '',
  ];
  expect(names.filter((name) => fleetSpan(name))).toEqual([]);
  expect(fleetSpanNames).toEqual(expect.arrayContaining(['workflow.execute', 'chat *', 'embeddings *', 'github.*']));
});
