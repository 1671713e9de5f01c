import { readToken } from '../alertmanager/escalation/cli/read-token.ts';
import { placeOf, readState } from '../engine/state.ts';
import type { Surroundings } from '../monitor/analysis/dossier.ts';
import { around } from '../monitor/cli/around.ts';
import type { Run } from '../monitor/ledger/run-tree.ts';
import { url } from '../place.ts';

/** What the stack of this home knows of a run. Undefined: none was ever started here. */
export async function aroundRun(home: string, env: NodeJS.ProcessEnv, run: Run): Promise<Surroundings | undefined> {
  const state = readState(home);
  if (!state) return undefined;
  const place = placeOf(state, home);
  const token = () => readToken(undefined, env, place.secret('escalation-api-token'));
  const servers = {
    // Where no Grafana was found, the others run without.
    grafana: state.components.grafana ? url(place, 'grafana', 'http') : undefined,
    tempo: url(place, 'tempo', 'http'),
    loki: url(place, 'loki', 'http'),
    prometheus: url(place, 'prometheus', 'http'),
  };
  return around({ escalationUrl: url(place, 'escalation', 'http'), servers, token }, run);
}
