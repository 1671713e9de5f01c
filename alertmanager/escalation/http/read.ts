import * as v from 'valibot';
import { Problem } from './problem.ts';

/** What came from outside, as the schema has it. @throws Problem 400 that names what is missing or wrong. */
export function read<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  what: string,
  remedy: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [first, ...rest] = result.issues;
  const more = rest.length > 0 ? ` (and ${rest.length} more)` : '';
  // A message that is a sentence of its own brings its full stop along.
  const found = said(first).replace(/\.$/, '');
  throw new Problem(400, `Cannot read ${what}: ${found}${more}. ${remedy}`);
}

function said(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue) ?? 'the body';
  // An own message of ours says it all; valibot's default begins with "Invalid".
  if (!issue.message.startsWith('Invalid')) return `${where} ${issue.message}`;
  if (issue.received === 'undefined') return `${where} is missing`;
  return `${where} is ${short(issue.received)}${issue.expected ? `, not ${short(issue.expected)}` : ''}`;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
