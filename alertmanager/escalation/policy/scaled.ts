import { type Policy, usualRepeatMs } from './policy.ts';

/** The same policy in a faster world: every time of it divided. Hours of the day stay what they are. For trials and tests. */
export function scaled(policy: Policy, factor: number): Policy {
  // Nothing that takes time takes none.
  const faster = (ms: number) => (ms === 0 ? 0 : Math.max(1, Math.round(ms / factor)));
  return {
    ...policy,
    sameIncidentMs: faster(policy.sameIncidentMs),
    flapping: { ...policy.flapping, withinMs: faster(policy.flapping.withinMs) },
    severities: Object.fromEntries(
      Object.entries(policy.severities).map(([name, { steps, repeatMs, rises, ...rest }]) => [
        name,
        {
          ...rest,
          steps: steps.map((step) => ({ ...step, afterMs: faster(step.afterMs) })),
          // Also where it is the default of an hour.
          repeatMs: faster(repeatMs ?? usualRepeatMs),
          ...(rises && { rises: { ...rises, afterMs: faster(rises.afterMs) } }),
        },
      ]),
    ) as unknown as Policy['severities'],
  };
}
