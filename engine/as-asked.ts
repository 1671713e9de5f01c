import { portSettings, portsFrom } from '../place.ts';
import { type Choice, type Profile, parts } from '../stack.ts';
import type { State } from './state.ts';

/** What a person may have asked of `up`; what they left open is absent. */
export interface Asked {
  engine: State['engine'] | 'auto';
  profile?: Profile;
  with: readonly Choice[];
  env: NodeJS.ProcessEnv;
}

/** @throws Error where something is asked of a running stack that it was not started with: it takes that at its start alone. */
export function needAsAsked({ engine, profile, with: wanted, env }: Asked, running: State): void {
  const missing = wanted.find((one) => !(running.chosen ?? []).includes(one));
  if (missing)
    throw new Error(
      `Cannot start ${parts[missing].title}: the stack runs already, without it. Stop that first: npm run down.`,
    );
  if (engine !== 'auto' && engine !== running.engine) throw refusal(`the engine ${engine}`, running.engine);
  if (profile && profile !== running.profile) throw refusal(`the profile ${profile}`, running.profile);
  const portOf = portsFrom(env);
  for (const setting of portSettings.keys()) {
    const port = running.ports[setting];
    if (env[setting] && port !== undefined && portOf(setting) !== port)
      throw refusal(`${setting}=${env[setting]}`, String(port));
  }
}

function refusal(asked: string, found: string): Error {
  return new Error(`Cannot use ${asked}: the stack runs already, with ${found}. Stop that first: npm run down.`);
}
