/** The images that compose.yml names: the real ones where they can be had, else made here from the native binaries. */
import type { AcquireOptions } from '../../native/acquire.ts';
import { minor } from '../../native/binaries.ts';
import type { Progress } from '../../native/build.ts';
import { type Component, components, isOwn, stack } from '../../stack.ts';
import { docker } from './docker.ts';
import type { Engine } from './engine.ts';
import type { Guard } from './guard.ts';
import { madeLabel, make } from './make.ts';
import { makeOwn } from './make-own.ts';

/** `found` on the engine, `pulled` from a registry, `made` here from a binary of that release. */
export type Image = { from: 'found' | 'pulled' } | { from: 'made'; release: string };

/** Every component but those whose image cannot be had. */
export type Images = Partial<Record<Component, Image>>;

export interface ImageOptions extends Omit<AcquireOptions, 'progress'> {
  /** The progress of a component's build. */
  progress: (component: Component) => Progress;
  /** Takes the images that we make away again; real ones stay. */
  guard: Guard;
}

const withImages = components.filter((component) => component !== 'memory');

export async function provideImages({ env }: Engine, options: ImageOptions): Promise<Images> {
  const found = await Promise.all(
    withImages.map(async (component) => [component, await findOrPull(component, env)] as const),
  );
  const images: Images = {};
  for (const [component, answer] of found) {
    const { image, title } = stack[component];
    if (answer.image) images[component] = answer.image;
    else if (component === 'grafana')
      options.notice(`WITHOUT ${title}: no Go module makes ${image}, and it cannot be pulled (${answer.why}).`);
    else {
      options.guard.later({ docker: ['image', 'rm', '--force', image], env });
      const progress = options.progress(component);
      const { version } = isOwn(component)
        ? await makeOwn(component, env)
        : await make(component, { ...options, progress }, env);
      images[component] = { from: 'made', release: version };
      const other = isStandIn(component, version) ? `, which is ${version}` : '';
      options.notice(`Made ${image} from a native binary${other}: it cannot be pulled (${answer.why}).`);
    }
  }
  // The same one.
  return { ...images, ...(images.monitor && { memory: images.monitor }) };
}

/** True when a made image holds another line (major.minor) than the image whose name it has. */
export function isStandIn(component: Component, release: string): boolean {
  return minor(release) !== minor(stack[component].image.split(':').at(-1) as string);
}

type Answer = { image: Image } | { image?: never; why: string };

async function findOrPull(component: Component, env: NodeJS.ProcessEnv): Promise<Answer> {
  const { image } = stack[component];
  if (await isThere(['--filter', `label=${madeLabel}`, image], env))
    await docker(['image', 'rm', '--force', image], { env }); // What a killed run left is no real image.
  else if (await isThere([image], env)) return { image: { from: 'found' } };
  try {
    await docker(['pull', '--quiet', image], { env });
    return { image: { from: 'pulled' } };
  } catch (error) {
    const [, said = ''] = (error as Error).message.split(/": (?:Error response from daemon: )?(.*)/s);
    return { why: said.replace(/\s+/g, ' ').trim() };
  }
}

async function isThere(filter: string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await docker(['image', 'ls', '--quiet', ...filter], { env })) !== '';
}
