import { health, operation } from '@fleetscope/instrumentation';
import { isCancelled } from '../counts.ts';

const remembered = 10;

/** So many failures among the last ten. One is nothing: no service answers every time. */
const failures = { degraded: 2, down: 8 };

const lately = new Map<string, boolean[]>();

/** One operation of a part that others run, e.g. `github`; what came of it says how the part is. */
export function operate<T>(part: string, work: () => Promise<T>): Promise<T> {
  return watch(
    part,
    operation(part, () => work()),
  );
}

/** Notes how the part is by how the work ends. A refusal, 4xx, is an answer: the part is well. */
export async function watch<T>(part: string, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    note(part, true);
    return result;
  } catch (error) {
    const { status = 500 } = error as { status?: number };
    if (!isCancelled(error)) note(part, status < 500 && status !== 429);
    throw error;
  }
}

/** Pure: by how the last operations ended. */
export function statusAfter(outcomes: readonly boolean[]): 'healthy' | 'degraded' | 'down' {
  const failed = outcomes.filter((well) => !well).length;
  if (failed >= failures.down) return 'down';
  return failed >= failures.degraded ? 'degraded' : 'healthy';
}

function note(part: string, well: boolean): void {
  const outcomes = [...(lately.get(part) ?? []), well].slice(-remembered);
  lately.set(part, outcomes);
  health(part, statusAfter(outcomes));
}
