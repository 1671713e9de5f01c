import { readyUrl, url } from '../place.ts';
import { type Component, stack } from '../stack.ts';
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
      address:
        component in stack
          ? url(place, component as Component, stack[component as Component].published[0] as never)
          : '',
      version: image.slice(image.lastIndexOf(':') + 1),
      restarts: 0,
    }));
  }
  return Promise.all(
    (Object.keys(state.components) as Component[]).map(async (component) => {
      const { phase, version, restarts } = state.components[component] as NonNullable<State['components'][Component]>;
      const really = phase === 'ready' && !(await answers(readyUrl(place, component))) ? 'not answering' : phase;
      return {
        component,
        phase: really,
        address: url(place, component, stack[component].published[0] as never),
        version,
        restarts,
      };
    }),
  );
}
