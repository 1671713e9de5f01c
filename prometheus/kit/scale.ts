import { intervalSeconds } from '../../stack.ts';
import { seconds } from './duration.ts';

/** A rule file, as far as it holds durations. */
interface Rules {
  readonly groups: readonly { readonly interval?: string; readonly rules: readonly object[] }[];
}

/**
 * The same rules in a world that turns `factor` times faster: for tests on a real clock. Every duration is divided, thresholds
 * stay. Scrape, evaluation and export intervals have to be divided too, down to a second; a window keeps four of those.
 */
export function scaled<R extends Rules>(file: R, factor: number): R {
  const shortest = 4 * Math.max(1, intervalSeconds.scrape / factor);
  const divide = (given: string, least = 0) => written(Math.max(seconds(given) / factor, least));
  const expression = (text: string) =>
    text
      .replace(/\[(\d+[smhdw])(?::(\d+[smhdw]))?\]/g, (_, range: string, step?: string) =>
        step ? `[${divide(range, shortest)}:${divide(step, 1)}]` : `[${divide(range, shortest)}]`,
      )
      .replace(/\boffset (\d+[smhdw])/g, (_, by: string) => `offset ${divide(by)}`);
  const rule = (each: { expr?: string; for?: string; keep_firing_for?: string }) => ({
    ...each,
    ...(each.expr && { expr: expression(each.expr) }),
    ...(each.for && { for: divide(each.for) }),
    ...(each.keep_firing_for && { keep_firing_for: divide(each.keep_firing_for) }),
  });
  return {
    ...file,
    groups: file.groups.map((group) => ({
      ...group,
      ...(group.interval && { interval: divide(group.interval, 1) }),
      rules: group.rules.map(rule),
    })),
  };
}

/** Whole milliseconds: a scaled minute may be less than a second. */
function written(given: number): string {
  return Number.isInteger(given) ? `${given}s` : `${Math.round(given * 1000)}ms`;
}
