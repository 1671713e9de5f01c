/** How soon somebody must answer, in minutes. (X03) */
export const answerWithinMinutes = { critical: 5, high: 15, warning: 60, info: 240 } as const;

export type Severity = keyof typeof answerWithinMinutes;

/** Most urgent first. */
export const severities = Object.keys(answerWithinMinutes) as Severity[];

/** A sign of life, which only its absence makes news: told to a machine, shown to nobody. */
export const signOfLife = 'none';

/** 5 → `5 min`, 60 → `1 h`. */
export function answerWithin(severity: Severity | typeof signOfLife): string {
  if (severity === signOfLife) return 'nobody';
  const minutes = answerWithinMinutes[severity];
  return minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
}

/** Who answers. */
export const teams = {
  fleet: 'runs the agents: their tasks, models, approvals',
  platform: 'runs the services, the runtime and this stack',
  security: 'answers for permissions, skills and audit',
  finops: 'answers for the money',
} as const;

export type Team = keyof typeof teams;
