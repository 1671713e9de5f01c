import * as v from 'valibot';

/** What somebody wants of the fleet. The front door checks bodies with it. */
export const requestSchema = v.object({
  /** Which one of the run it is: chance that concerns it is drawn from this number. */
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  kind: v.picklist(['feature', 'bugfix', 'question', 'release']),
  trigger: v.picklist(['manual', 'schedule', 'webhook']),
  subject: v.pipe(v.string(), v.minLength(3), v.maxLength(200)),
  repository: v.string(),
  complexity: v.picklist(['low', 'medium', 'high']),
  /** A package of somebody else's that the code should build on. */
  package: v.optional(v.string()),
  /** A model to try instead of the usual one. */
  model: v.optional(v.string()),
  /** The tests should also run for as long as they like. */
  soak: v.optional(v.boolean()),
});

export type Request = v.InferOutput<typeof requestSchema>;

/** A request as a person types it: `implement "a slug of titles" --complexity high`. */
export const commandSchema = v.object({
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  line: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
});

export type CommandLine = v.InferOutput<typeof commandSchema> & { token: string };

export const workflowNames = {
  feature: 'build-feature',
  bugfix: 'fix-bug',
  question: 'answer-question',
  release: 'cut-release',
} as const satisfies Record<Request['kind'], string>;
