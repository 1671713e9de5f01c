import { expect, test } from 'vitest';
import { commandType, parseCommand } from './command-line.ts';

const parse = (line: string) => parseCommand({ number: 3, line });

test('S08 a line is a request: its command, its words, its options', () => {
  expect(parse('implement "slugs of titles" --repository acme/shop --complexity high --package left-pad')).toEqual({
    ...{ number: 3, kind: 'feature', trigger: 'manual', subject: 'slugs of titles' },
    ...{ repository: 'acme/shop', complexity: 'high', package: 'left-pad' },
  });
  expect(parse('ask what is a slug')).toMatchObject({ kind: 'question', subject: 'what is a slug', complexity: 'low' });
});

test.each([
  ['deploy everything', /^Cannot read "deploy everything": a command is one of implement, fix, ask, release\.$/],
  ['constructor x', /a command is one of/],
  ['implement', /^Cannot read "implement": subject: /],
  ['implement slugs --complexity huge', /: complexity: /],
  ['implement slugs --force', /Unknown option '--force'/],
])('S08 the line %s is refused', (line, message) => {
  expect(() => parse(line)).toThrow(message);
});

test('T10 the type of a command is one of few, whatever is typed', () => {
  expect([' release 1.2 ', 'rm -rf', 'toString', ''].map(commandType)).toEqual([
    ...['release', 'unknown', 'unknown', 'unknown'],
  ]);
});
