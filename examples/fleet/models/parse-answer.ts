import * as v from 'valibot';
import type { Answers, Format } from '../model-server/answers.ts';

/** A model's text as the answer that was asked for. @throws AnswerError where it is none. */
export function parseAnswer<F extends Format>(format: F, text: string): Answers[F] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ''));
  } catch (cause) {
    throw new AnswerError(format, `it is not JSON: ${text.slice(0, 80)}`, { cause });
  }
  const result = v.safeParse(schemas[format], json);
  if (result.success) return result.output as Answers[F];
  throw new AnswerError(format, `${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`);
}

/** The model answered, but not what it was asked. */
export class AnswerError extends Error {
  override name = 'AnswerError';
  constructor(format: Format, why: string, options?: ErrorOptions) {
    super(`Cannot use the ${format}: ${why}. Ask again.`, options);
  }
}

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.pipe(v.string(), v.minLength(1));

const schemas = {
  plan: v.object({
    tasks: v.pipe(
      v.array(
        v.object({
          type: v.picklist(['research', 'code', 'review']),
          agent: v.picklist(['Research', 'Code', 'QA']),
          title: text,
        }),
      ),
      v.minLength(1),
      v.maxLength(8),
    ),
  }),
  decision: v.object({ options: v.array(text), choice: text, confidence: share, reasoning: v.string() }),
  code: v.object({ language: v.literal('typescript'), code: text, tests: text }),
  research: v.object({ summary: text, sources: v.array(v.object({ title: text, url: text })) }),
  review: v.object({
    verdict: v.picklist(['approve', 'reject']),
    issues: v.array(v.object({ severity: v.picklist(['minor', 'major', 'critical']), message: text })),
    coverage: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  }),
} satisfies { [F in Format]: v.GenericSchema<unknown, Answers[F]> };
