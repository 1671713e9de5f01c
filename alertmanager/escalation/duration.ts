/** Durations as people write them, in a policy or a request: `30s`, `5m`, `1h30m`, `2d`. */
import * as v from 'valibot';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** From text to milliseconds. */
export const duration = v.pipe(
  v.string('is no duration. Write one such as "30s", "5m" or "1h30m".'),
  v.regex(
    /^(\d+(ms|s|m|h|d))+$/,
    (issue) => `${issue.received} is no duration. Write one such as "30s", "5m" or "1h30m".`,
  ),
  v.transform((text) =>
    [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs],
      0,
    ),
  ),
);
