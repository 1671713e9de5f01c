/** Everything the tests of compose.yml stand on: an engine, Compose, images, free ports; and the way back from it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reporter } from '../../engine/progress.ts';
import { cacheFolder } from '../../native/cache.ts';
import { lock } from '../../native/lock.ts';
import { native, type Place, portsFrom } from '../../place.ts';
import { components, defaultProfile } from '../../stack.ts';
import { freePortsEnv } from '../stack/stack.ts';
import { needCompose } from './client.ts';
import { type Engine, needEngine } from './engine.ts';
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

/** Calls `later` with each step of the way back as soon as there is something to take back. */
export async function setup(later: (step: () => Promise<void>) => void): Promise<Setup> {
  const cache = cacheFolder(process.env);
  const { line: notice, build } = reporter(process.stderr);
  // One at a time per machine: the project's and the made images' names are fixed, so that leftovers are found again.
  const held = await lock(join(cache, 'locks', 'compose-test'), () =>
    notice('Waiting for another test of compose.yml.'),
  );
  later(async () => held.release());
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-compose-'));
  later(async () => rmSync(folder, { recursive: true, force: true }));

  const engine = await needEngine(process.env);
  later(engine.stop);
  notice(`Docker engine ${engine.version}${engine.ours ? ', started for this test' : ''}.`);
  const client = await needCompose({ env: engine.env, cache, folder, notice });
  const images = await provideImages(engine, { cache, env: process.env, notice, progress: build, later });

  const ports = await freePortsEnv();
  const project = new Project({
    name,
    env: { ...withoutSettings(client), ...ports },
    overrides: overridesOf(images, folder),
    services: [...helpers, ...components.filter((component) => images[component])],
  });
  await project.remove(); // What a killed run left.
  later(() => project.remove());
  return {
    engine,
    images,
    project,
    place: native({ home: folder, profile: defaultProfile, portOf: portsFrom(ports) }),
  };
}

function overridesOf({ tempo }: Images, folder: string): string[] {
  return tempo?.from === 'made' && isStandIn('tempo', tempo.release) ? [tempoStandIn(tempo.release, folder)] : [];
}

/** compose.yml as shipped: none of the user's settings, of the stack or of Compose. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !/^(FLEETSCOPE|COMPOSE)_/.test(variable)));
}
