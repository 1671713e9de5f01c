import { native, type Place, portsFrom } from '../place.ts';
import { defaultProfile } from '../stack.ts';
import { homeFolder } from './home.ts';
import { placeOf, readState } from './state.ts';

/** Where the stack of this home is: as `up` wrote it down, or else as the environment's ports say. */
export function runningPlace(env: NodeJS.ProcessEnv): Place {
  const home = homeFolder(env);
  const state = readState(home);
  return state ? placeOf(state, home) : native({ home, profile: defaultProfile, portOf: portsFrom(env) });
}
