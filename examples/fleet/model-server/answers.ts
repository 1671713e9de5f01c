/**
 * What the model server answers when the system prompt holds a line `format: plan` (or another of these), or when
 * `user`, `metadata.format` or `metadata.user_id` says so. The answer's text is the JSON of the type below.
 */
export interface Answers {
  plan: Plan;
  decision: Decision;
  code: CodeAnswer;
  research: Research;
  review: Review;
}

export type Format = keyof Answers;

export const formats = ['plan', 'decision', 'code', 'research', 'review'] as const satisfies readonly Format[];

/** The line for the system prompt that asks for `format`. */
export function formatMarker(format: Format): string {
  return `format: ${format}`;
}

/** What the Director asks for: two to five tasks, the last of which is a review. */
export interface Plan {
  tasks: PlannedTask[];
}

export interface PlannedTask {
  type: 'research' | 'code' | 'review';
  agent: 'Research' | 'Code' | 'QA';
  title: string;
}

/** A line `options: a | b | c` in the last message of the user gives the options; without it they are made up. */
export interface Decision {
  options: string[];
  /** One of `options`. */
  choice: string;
  /** 0 to 1. */
  confidence: number;
  reasoning: string;
}

/** `code` followed by `tests` is one module that Node runs as it is; about one in eight has a fault its tests find. */
export interface CodeAnswer {
  language: 'typescript';
  code: string;
  tests: string;
}

export interface Research {
  summary: string;
  sources: { title: string; url: string }[];
}

export interface Review {
  verdict: 'approve' | 'reject';
  /** Never empty with `reject`. */
  issues: { severity: 'minor' | 'major' | 'critical'; message: string }[];
  /** Percent of lines, 0 to 100. */
  coverage: number;
}
