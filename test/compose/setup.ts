/** Everything the tests of compose.yml stand on: an engine, Compose, images, free ports; and the way back from it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reporter } from '../../engine/progress.ts';
import { cacheFolder } from '../../native/cache.ts';
import { native, type Place, portsFrom } from '../../place.ts';
import { components, defaultProfile } from '../../stack.ts';
import { freePortsEnv } from '../stack/stack.ts';
import { needCompose } from './client.ts';
import { docker } from './docker.ts';
import { type Engine, needEngine } from './engine.ts';
import { type Guard, startGuard } from './guard.ts';
import { type Images, isStandIn, provideImages } from './images.ts';
import { Project } from './project.ts';
import { tempoStandIn } from './stand-in.ts';

/** Services of compose.yml that are no component of their own. */
export const helpers = ['volumes', 'collector-health'];

const name = 'fleetscope-test';

export interface Setup {
  engine: Engine;
  images: Images;
  project: Project;
  /** The stack as seen from here: loopback, at the ports it is published on. */
  place: Place;
}

/** Starts the guard, which the caller ends. */
export function guardian(): Promise<Guard> {
  return startGuard(join(cacheFolder(process.env), 'locks', 'compose-test'));
}

/** Everything up to, but without, `docker compose up`. */
export async function setup(guard: Guard): Promise<Setup> {
  const cache = cacheFolder(process.env);
  const { line: notice, build } = reporter(process.stderr);
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-compose-'));
  guard.later({ folder });

  const engine = await needEngine(process.env, guard);
  notice(`Docker engine ${engine.version}${engine.ours ? ', started for this test' : ''}.`);
  const client = await needCompose({ env: engine.env, folder, notice });
  const images = await provideImages(engine, { cache, env: process.env, notice, progress: build, guard });

  const ports = await freePortsEnv();
  const project = new Project({
    name,
    env: { ...withoutSettings(client), ...ports },
    overrides: overridesOf(images, folder),
    services: [...helpers, ...components.filter((component) => images[component])],
  });
  await docker(project.removal.docker, project.removal); // What a killed run left.
  guard.later(project.removal);
  const place = native({ home: folder, profile: defaultProfile, portOf: portsFrom(ports) });
  return { engine, images, project, place };
}

function overridesOf({ tempo }: Images, folder: string): string[] {
  return tempo?.from === 'made' && isStandIn('tempo', tempo.release) ? [tempoStandIn(tempo.release, folder)] : [];
}

/** compose.yml as shipped: none of the user's settings, of the stack or of Compose. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !/^(FLEETSCOPE|COMPOSE)_/.test(variable)));
}
