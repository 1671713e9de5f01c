/** How the fold reads what a caller of `getMonitor()` gave: by the name of the column. Null: not given. */
import type { ApiFact } from './fact.ts';

export function text(call: ApiFact | undefined, column: string): string | null {
  const value = call?.data[column];
  return typeof value === 'string' ? value : null;
}

export function natural(call: ApiFact | undefined, column: string): number | null {
  const value = call?.data[column];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

export function flag(call: ApiFact | undefined, column: string): boolean | null {
  const value = call?.data[column];
  return typeof value === 'boolean' ? value : null;
}
