import { type Place, readyUrl, url } from '../place.ts';
import { type Local, parts } from '../stack.ts';
import { dockerStatus } from './docker.ts';
import { isAlive, placeOf, readState, type State } from './state.ts';
import { answers } from './supervisor.ts';

export interface ComponentStatus {
  component: string;
  phase: string;
  /** Its main address for people, where it has one. */
  address: string;
  version: string;
  restarts: number;
}

/** What runs in this home, asked of the components themselves; undefined where nothing does. */
export async function status(home: string, env: NodeJS.ProcessEnv): Promise<ComponentStatus[] | undefined> {
  const state = readState(home);
  if (!state || (state.engine === 'native' && !isAlive(state.supervisor))) return undefined;
  const place = placeOf(state, home);
  if (state.engine === 'docker') {
    return (await dockerStatus(env)).map(({ component, phase, image }) => ({
      component,
      phase,
      address: component in parts ? mainUrl(place, component as Local) : '',
      version: image.slice(image.lastIndexOf(':') + 1),
      restarts: 0,
    }));
  }
  return Promise.all(
    (Object.keys(state.components) as Local[]).map(async (component) => {
      const { phase, version, restarts } = state.components[component] as NonNullable<State['components'][Local]>;
      const really = phase === 'ready' && !(await answers(readyUrl(place, component))) ? 'not answering' : phase;
      return {
        component,
        phase: really,
        address: mainUrl(place, component),
        version,
        restarts,
      };
    }),
  );
}

function mainUrl(place: Place, part: Local): string {
  const [port] = parts[part].published;
  return port === undefined ? '' : url(place, part, port as never);
}
