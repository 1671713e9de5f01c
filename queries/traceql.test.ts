import { describe, expect, test } from 'vitest';
import { agentName, outcome } from '../instrumentation/src/catalog/attributes.ts';
import { inference } from '../instrumentation/src/catalog/llm.ts';
import { taskExecute } from '../instrumentation/src/catalog/tasks.ts';
import { type TraceQuery, traceql } from './traceql.ts';

/** A query, and one that differs in the mistake only. */
const refused: [mistake: string, right: () => TraceQuery, wrong: () => TraceQuery, message: RegExp][] = [
  [
    'an attribute that no span has',
    () => traceql`{ span.agent.name = "qa" }`,
    () => traceql`{ span.agnet.name = "qa" }`,
    /no span has agnet\.name\. The nearest name is span\.agent\.name\.$/,
  ],
  [
    'an attribute without its scope, for which Tempo looks in every place',
    () => traceql`{ resource.service.name = "fleet" }`,
    () => traceql`{ .service.name = "fleet" }`,
    /\.service\.name has no scope\. Write span\.service\.name or resource\.service\.name/,
  ],
  [
    'an attribute of the wrong scope',
    () => traceql`{ resource.service.version != nil }`,
    () => traceql`{ resource.agent.name != nil }`,
    /no resource has agent\.name/,
  ],
  [
    'a span that nothing makes',
    () => traceql`{ name = "task.execute" }`,
    () => traceql`{ name = "task.exceute" }`,
    /nothing makes the span task\.exceute\. The nearest name is task\.execute/,
  ],
  [
    'a value outside a closed set',
    () => traceql`{ span.outcome = "failure" }`,
    () => traceql`{ span.outcome = "failed" }`,
    /of span\.outcome "failed" is none of its values/,
  ],
  [
    'a trace by an id, which Tempo shortens',
    () => traceql`{ span:id != "" }`,
    () => traceql`{ trace:id = "0af7651916cd43dd8448eb211c80319c" }`,
    /trace:id finds no id that begins with 0/,
  ],
  [
    'a selection of what no span has',
    () => traceql`{ status = error } | select(span.error.type)`,
    () => traceql`{ status = error } | select(span.error.kind)`,
    /no span has error\.kind/,
  ],
  [
    'text that does not parse',
    () => traceql`{ status = error }`,
    () => traceql`{ status = `,
    /as TraceQL: it breaks at its end/,
  ],
];

describe('B03 a trace query is refused for', () => {
  test.each(refused)('%s', (_mistake, right, wrong, message) => {
    expect(right().text).not.toBe('');
    expect(wrong).toThrow(message);
  });
});

test('a trace query reads as plain TraceQL: a span is the condition on its name, an attribute one of a span', () => {
  expect(traceql`{ ${taskExecute} && ${agentName} =~ "$agent" && ${outcome} = "failure" }`.text).toBe(
    '{ name = "task.execute" && span.agent.name =~ "$agent" && span.outcome = "failure" }',
  );
  expect(traceql`{ ${inference} && duration > 5s }`.text).toBe('{ name =~ "chat .+" && duration > 5s }');
});

test.each([
  '{ name = "GET /orders" }',
  '{ name =~ "chat gpt.*" }',
  '{ name =~ "(task|agent)[.]execute" }',
  '{ name =~ ".*" }',
])('the spans of %s exist', (query) => {
  expect(traceql`${query}`.text).toBe(query);
});

test('numbers of traces have the labels that they are grouped by', () => {
  const rate = traceql`{ status = error } | rate() by (resource.service.name)`;
  expect(rate.gives).toBe('numbers');
  expect([...rate.labels]).toEqual(['resource.service.name']);
  expect(traceql`{ status = error }`.gives).toBe('traces');
});
