import { randomInt } from 'node:crypto';
import type { Instant } from '../clock.ts';

/** Without those that are mistaken for one another, or that make words. */
const letters = '23456789bcdfghjkmnpqrstvwxz';

/** What an id looks like; nothing else reaches the store. */
export const incidentIdPattern = /^\d{8}-\d{6}-[a-z0-9]{4,12}$/;

/** `20261126-093015-k7qx`: the second in UTC, then four letters by chance. */
export function incidentId(now: Instant, draw: (below: number) => number = randomInt): string {
  const [date = '', time = ''] = new Date(now).toISOString().split(/[T.]/);
  const chance = Array.from({ length: 4 }, () => letters[draw(letters.length)]).join('');
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${chance}`;
}
