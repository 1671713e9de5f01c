import { readToken } from '../alertmanager/escalation/cli/read-token.ts';
import { placeOf, readState } from '../engine/state.ts';
import { mustExist } from '../monitor/cli/database.ts';
import type { Sources } from '../monitor/memory/collect/collect.ts';
import { openLedger } from '../monitor/store/open.ts';
import { url } from '../place.ts';

/** What a day is made of: the ledger, and the stack of this home. The ledger is closed with them. */
export async function memorySources(
  home: string,
  env: NodeJS.ProcessEnv,
  database: string,
): Promise<Omit<Sources, 'memory'> & AsyncDisposable> {
  const state = readState(home);
  if (!state)
    throw new Error('Cannot make a day: no stack was started here, and its Prometheus has the numbers. npm run up.');
  const place = placeOf(state, home);
  mustExist(database);
  const ledger = await openLedger(database, { notice: (line) => console.error(line), ifDamaged: 'leave' });
  return {
    prometheus: { url: url(place, 'prometheus', 'http') },
    ledger,
    escalation: {
      url: url(place, 'escalation', 'http'),
      token: () => readToken(undefined, env, place.secret('escalation-api-token')),
    },
    [Symbol.asyncDispose]: () => ledger.close(),
  };
}
