import { readToken } from '../alertmanager/escalation/cli/read-token.ts';
import { placeOf, readState } from '../engine/state.ts';
import type { Surroundings } from '../monitor/analysis/dossier.ts';
import type { Run } from '../monitor/analysis/run-tree.ts';
import { around } from '../monitor/cli/around.ts';
import { url } from '../place.ts';

/** What the stack of this home knows of a run. Undefined: none was ever started here. */
export async function aroundRun(
  home: string,
  env: NodeJS.ProcessEnv,
  notice: (line: string) => void,
  run: Run,
): Promise<Surroundings | undefined> {
  const state = readState(home);
  if (!state) return undefined;
  const place = placeOf(state, home);
  const token = () => readToken(undefined, env, place.secret('escalation-api-token'));
  const urls = { grafanaUrl: url(place, 'grafana', 'http'), escalationUrl: url(place, 'escalation', 'http') };
  return around({ ...urls, token, notice }, run);
}
