/** The images that compose.yml names: the real ones where they can be had, else made here from the native binaries. */
import { type AcquireOptions, acquire } from '../../native/acquire.ts';
import { binaries, minor, type NativeComponent } from '../../native/binaries.ts';
import type { Progress } from '../../native/build.ts';
import { type Component, components, stack } from '../../stack.ts';
import { docker } from './docker.ts';
import type { Engine } from './engine.ts';
import { layer } from './layer.ts';
import { findProgram, needStatic } from './programs.ts';
import { busyboxPath, changesOf, entriesOf, recipes } from './recipes.ts';

/** `found` on the engine, `pulled` from a registry, `made` here from a binary of that release. */
export type Image = { from: 'found' | 'pulled' } | { from: 'made'; release: string };

/** Every component but those whose image cannot be had; `remove` takes the made ones away again. */
export interface Images {
  of: Partial<Record<Component, Image>>;
  remove(): Promise<void>;
}

/** On images we made: they carry a real image's name and must never be taken for it. */
const label = 'fleetscope.made-for-test';

export interface ImageOptions extends Omit<AcquireOptions, 'progress'> {
  /** The progress of a component's build. */
  progress: (component: Component) => Progress;
}

export async function provideImages({ env }: Engine, options: ImageOptions): Promise<Images> {
  const of: Images['of'] = {};
  const missing: Component[] = [];
  for (const component of components) {
    const state = await stateOf(stack[component].image, env);
    if (state === 'real') of[component] = { from: 'found' };
    else missing.push(component);
    if (state === 'made') await docker(['image', 'rm', '--force', stack[component].image], { env });
  }
  const refusals = await Promise.all(missing.map((component) => pull(component, env)));
  const made: string[] = [];
  for (const [n, component] of missing.entries()) {
    const { image, title } = stack[component];
    if (refusals[n] === undefined) of[component] = { from: 'pulled' };
    else if (component === 'grafana')
      options.notice(`WITHOUT ${title}: ${image} is not here, cannot be made from a Go module, and ${refusals[n]}.`);
    else {
      of[component] = await make(component, env, options);
      made.push(image);
      options.notice(`${image} is made here from a native binary: ${refusals[n]}.`);
    }
  }
  return {
    of,
    remove: async () => {
      if (made.length > 0) await docker(['image', 'rm', '--force', ...made], { env });
    },
  };
}

async function stateOf(image: string, env: NodeJS.ProcessEnv): Promise<'absent' | 'real' | 'made'> {
  const found = await docker(['image', 'ls', '--quiet', image], { env });
  if (!found) return 'absent';
  return (await docker(['image', 'ls', '--quiet', '--filter', `label=${label}`, image], { env })) ? 'made' : 'real';
}

/** Undefined when it came, else why not. */
async function pull(component: Component, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await docker(['pull', '--quiet', stack[component].image], { env });
    return undefined;
  } catch (error) {
    return (error as Error).message.split(': ').slice(1).join(': ').replace(/\s+/g, ' ');
  }
}

/** Imports one layer with the program and what compose.yml needs beside it. */
async function make(component: NativeComponent, env: NodeJS.ProcessEnv, options: ImageOptions): Promise<Image> {
  const { program, version } = await acquire(component, { ...options, progress: options.progress(component) });
  const server = needStatic(
    findProgram(program, env) ?? program,
    `Take it off PATH, then ours is built; or put a static ${binaries[component].onPath[0]} there.`,
  );
  const recipe = recipes[component];
  // A line of Tempo without `-health` is asked for its health by busybox.
  const busybox = recipe.shell || isStandIn(component, version) ? { busybox: needBusybox(env) } : {};
  const changes = [...changesOf(recipe), `LABEL ${label}=true`].flatMap((change) => ['--change', change]);
  await docker(['import', ...changes, '-', stack[component].image], {
    env,
    stdin: layer(entriesOf(recipe, { server, ...busybox })),
  });
  return { from: 'made', release: version };
}

/** True when a made image holds another line (major.minor) than the image whose name it has. */
export function isStandIn(component: Component, release: string): boolean {
  return minor(release) !== minor(stack[component].image.split(':').at(-1) as string);
}

function needBusybox(env: NodeJS.ProcessEnv): string {
  const remedy = 'Install a static one (Debian: apt-get install busybox-static), or give the engine a registry.';
  const busybox = findProgram('busybox', env);
  if (!busybox) throw new Error(`Cannot make an image with ${busyboxPath}: "busybox" is not on PATH. ${remedy}`);
  return needStatic(busybox, remedy);
}
