import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conventions } from './conventions.ts';

const document = readFileSync(join(import.meta.dirname, '..', 'docs', 'conventions.md'), 'utf8');
const statements = conventions.trace_statements.flatMap((group) => [...group.conditions, ...group.statements]);
const read = new Set(
  statements.flatMap((statement) => [...statement.matchAll(/span\.attributes\["([^"]+)"\]/g)].map(([, key]) => key)),
);

test('B04 docs/conventions.md names every attribute that is read or written', () => {
  const named = new Set([...document.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  // What only tells whose span it is, or stands in the text of the section on cached tokens.
  const known = ['ai.usage.inputTokenDetails.noCacheTokens'];
  expect([...read].filter((key) => !named.has(key) && !known.includes(key as string))).toEqual([]);
  expect(read.size).toBeGreaterThan(100);
});

test('B04 every name in the tables of docs/conventions.md is understood', () => {
  const rows = document
    .split('\n')
    .filter((line) => line.startsWith('| `gen_ai.') && !line.startsWith('| `gen_ai.operation'));
  const named = rows.flatMap((row) => [...row.matchAll(/`((?:gen_ai|llm|ai|traceloop|langfuse)\.[\w.]+)`/g)]);
  expect(named.map(([, name]) => name).filter((name) => !read.has(name as string))).toEqual([]);
  expect(named.length).toBeGreaterThan(80);
});

test('B04 no statement overwrites a canonical attribute but those that mend its value', () => {
  const overwriting = statements.filter(
    (statement) =>
      /^set\(span\.attributes\["gen_ai\./.test(statement) &&
      !/ where span\.attributes\["[^"]+"\] == nil/.test(statement),
  );
  const mended = overwriting.map((statement) => /\["([^"]+)"\]/.exec(statement)?.[1]);
  expect(new Set(mended)).toEqual(
    new Set([
      'gen_ai.provider.name',
      'gen_ai.response.finish_reasons',
      'gen_ai.usage.input_tokens',
      'gen_ai.usage.output_tokens',
      'gen_ai.usage.total_tokens',
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.cost.amount',
    ]),
  );
});
