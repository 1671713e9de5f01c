import { type Acquired, type AcquireOptions, acquire } from '../../native/acquire.ts';
import { binaries, type NativeComponent } from '../../native/binaries.ts';
import { stack } from '../../stack.ts';
import { docker } from './docker.ts';
import { layer } from './layer.ts';
import { findProgram, needStatic } from './programs.ts';
import { busyboxPath, changesOf, entriesOf, recipes } from './recipes.ts';

/** On images we made: they carry a real image's name and must never be taken for it. */
export const madeLabel = 'fleetscope.made-for-test';

/**
 * Makes a component's image as its recipe says: one layer on nothing, with the native binary. `docker import` instead
 * of a Dockerfile, because a plain client has no builder. Answers which binary is in it.
 */
export async function make(
  component: NativeComponent,
  options: AcquireOptions,
  env: NodeJS.ProcessEnv,
): Promise<Acquired> {
  const acquired = await acquire(component, options);
  const server = needStatic(
    findProgram(acquired.program, process.env) ?? acquired.program,
    `Take it off PATH, then ours is built; or put a static ${binaries[component].onPath[0]} there.`,
  );
  const recipe = recipes[component];
  // Tempo 2.8 cannot ask itself for its health, as 3.0 can.
  const busybox = recipe.shell || component === 'tempo' ? { busybox: needBusybox() } : {};
  const changes = [...changesOf(recipe), `LABEL ${madeLabel}=true`].flatMap((change) => ['--change', change]);
  const stdin = layer(entriesOf(recipe, { server, ...busybox }));
  await docker(['import', ...changes, '-', stack[component].image], { env, stdin });
  return acquired;
}

export function needBusybox(): string {
  const remedy = 'Install a static one (Debian: apt-get install busybox-static), or give the engine a registry.';
  const busybox = findProgram('busybox', process.env);
  if (!busybox) throw new Error(`Cannot make an image with ${busyboxPath}: "busybox" is not on PATH. ${remedy}`);
  return needStatic(busybox, remedy);
}
