/** Fields of exports: read by schema, and named with their line where they are not what they should be. */
import * as v from 'valibot';
import { pico, Unreadable } from './told.ts';

export interface Where {
  readonly file: string;
  readonly line: number;
  /** In JSON, of which entry: `results[3]`. */
  readonly inside?: string;
}

/** @throws Error that names file, line and field */
export function read<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  where: Where,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw unreadable(where, v.getDotPath(issue) ?? 'it', issue.input, issue.message);
}

/** Names where it was. */
export function at<Found>(where: Where, field: string, seen: unknown, find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    if (error instanceof Unreadable) throw unreadable(where, field, seen, error.message);
    throw error;
  }
}

export function unreadable({ file, line, inside }: Where, field: string, seen: unknown, remedy: string): Error {
  const shown = seen === undefined ? 'missing' : (JSON.stringify(seen) ?? String(seen)).slice(0, 80);
  const name = inside === undefined ? field : `${inside}.${field}`;
  return new Error(`Cannot read ${file}: line ${line}, ${name} is ${shown}: ${remedy}.`);
}

/** `59200`, `59200.0`; a spreadsheet writes the latter. */
export const tokensText = v.pipe(
  v.string('it should be there'),
  v.regex(/^\d{1,15}(\.0*)?$/, 'write a whole number of tokens'),
  v.transform(Number),
);

export const tokens = v.pipe(
  v.number('write a whole number of tokens'),
  v.safeInteger('write a whole number of tokens'),
  v.minValue(0, 'write a whole number of tokens'),
);

export const maybeTokens = v.nullish(tokens, 0);

/** In CSV, what was not told is empty. */
export const maybeTokensText = v.optional(
  v.union(
    [
      v.pipe(
        v.literal(''),
        v.transform(() => 0),
      ),
      tokensText,
    ],
    'write a whole number of tokens',
  ),
  '',
);

/** The unit in 10⁻¹²: exact. A number has been made text where it would lose digits. */
export const amount = v.pipe(
  v.union([v.string(), v.number()], 'write a decimal number'),
  v.transform(String),
  v.check(isDecimal, 'write a decimal number'),
  v.transform((text) => ({ pico: pico(text), text })),
);

function isDecimal(text: string): boolean {
  try {
    pico(text);
    return true;
  } catch {
    return false;
  }
}

export const maybeText = v.pipe(
  v.nullish(v.string(), null),
  v.transform((text) => text || null),
);

/** US dollars, whatever the case. */
export const dollars = v.pipe(
  v.string('it should say USD'),
  v.regex(/^usd$/i, 'ours is in USD: export a report in USD'),
);
