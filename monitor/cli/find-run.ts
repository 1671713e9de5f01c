import type { Orchestration } from '../ledger/record.ts';
import type { Ledger } from '../store/store.ts';
import { oneLine } from '../words.ts';

/** So many of the newest are looked at; older ones are named in full. */
const newest = 1000;

/** A run's session id or id, the beginning or end of one, or `latest`. Undefined: there is none. @throws RangeError for several. */
export async function findRun(ledger: Ledger, text: string): Promise<Orchestration | undefined> {
  const named = await ledger.orchestration(text);
  if (named) return named;
  if (text === 'latest') return (await ledger.orchestrations({ limit: 1 }))[0];
  if (text.length < 4) return undefined;
  const runs = await ledger.orchestrations({ limit: newest });
  const found = runs.filter((run) => [run.session_id, run.id].some((id) => id.startsWith(text) || id.endsWith(text)));
  if (found.length > 1)
    throw new RangeError(
      `Cannot tell which run "${oneLine(text)}" is: ${found
        .slice(0, 3)
        .map(({ session_id }) => oneLine(session_id))
        .join(', ')}. Give more of it.`,
    );
  return found[0];
}

/** What a person is told who asked for a run that is not there. */
export function noRun(text: string): Error {
  if (text === 'latest') return new Error('Cannot find the latest run: the ledger has none yet.');
  return new Error(
    `Cannot find the run "${oneLine(text)}": no session id or id is it, or begins or ends so among the newest ${newest}. Look at "npm run monitor list".`,
  );
}
