import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { orphans } from './scripts/twins.ts';
import { twin, twins } from './twin.ts';

test('twins: a source writes the file of its name, which says so', () => {
  expect(twin('yml', { a: 1 }).render('loki/loki.ts')).toEqual({
    'loki.yml': '# Generated from loki/loki.ts by "npm run generate". Do not edit.\na: 1\n',
  });
  expect(twin('md', '# Names\n\n').render('docs/names.ts')).toEqual({
    'names.md': '<!-- Generated from docs/names.ts by "npm run generate". Do not edit. -->\n\n# Names\n',
  });
  expect(twin('json', { a: 1 }).render('a/b.ts')).toEqual({ 'b.json': '{\n  "a": 1\n}\n' });
});

test('twins: the source of a folder writes each of its files', () => {
  const files = twins('yml', { agents: { a: 1 }, tasks: { b: 2 } }).render('prometheus/proofs/proofs.ts');
  expect(Object.keys(files)).toEqual(['agents.yml', 'tasks.yml']);
  expect(files['tasks.yml']).toBe(
    '# Generated from prometheus/proofs/proofs.ts by "npm run generate". Do not edit.\nb: 2\n',
  );
});

test('twins: a file that its source no longer writes is found, and nobody else’s is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-twins-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = twins('md', { Kept: 'kept', Gone: 'gone' }).render('docs/runbooks/runbooks.ts');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'Own.md'), '# Written by hand, about Generated from docs/runbooks/runbooks.ts here.\n');
  writeFileSync(
    join(folder, 'Other.md'),
    '<!-- Generated from docs/other.ts by "npm run generate". Do not edit. -->\n',
  );
  const kept = { source: 'docs/runbooks/runbooks.ts', target: join(folder, 'Kept.md'), text: 'kept' };
  expect(orphans([kept])).toEqual([join(folder, 'Gone.md')]);
});
