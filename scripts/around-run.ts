import { readToken } from '../alertmanager/escalation/cli/read-token.ts';
import { secretIn } from '../engine/exec.ts';
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
  const isOnDocker = state.engine === 'docker';
  const token = () =>
    isOnDocker && !env.FLEETSCOPE_ESCALATION_API_TOKEN_FILE
      ? secretIn('escalation', 'escalation-api-token', env)
      : readToken(undefined, env, place.secret('escalation-api-token'));
  const servers = {
    // Where no Grafana was found, the others run without.
    grafana: isOnDocker || state.components.grafana ? url(place, 'grafana', 'http') : undefined,
    tempo: url(place, 'tempo', 'http'),
    loki: url(place, 'loki', 'http'),
    prometheus: url(place, 'prometheus', 'http'),
  };
  return around({ escalationUrl: url(place, 'escalation', 'http'), servers, token }, run);
}
