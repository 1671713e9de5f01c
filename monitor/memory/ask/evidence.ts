/** Ids of evidence, beside session ids of runs. Apart from what opens them: every command knows them, few open one. (B10) */
const kinds = ['day', 'week', 'error', 'decision', 'anomaly', 'lesson'] as const;

export type Kind = (typeof kinds)[number];

/** `day` of `day:2026-02-15`; undefined: it is an id of a run. */
export function kindOf(id: string): Kind | undefined {
  return kinds.find((kind) => id.startsWith(`${kind}:`));
}

export function isRemembered(id: string): boolean {
  return kindOf(id) !== undefined;
}
