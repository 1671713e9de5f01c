/** The images that the manifests name, made from native binaries and put where the kubelet finds them. */
import { gatherFleet } from '../../native/fleet.ts';
import { components, demoFleet, isOwn, stack } from '../../stack.ts';
import type { Entry } from '../compose/layer.ts';
import { needBusybox } from '../compose/make.ts';
import { nodeEntries, ownEntries } from '../compose/make-own.ts';
import { entriesOf, recipes } from '../compose/recipes.ts';
import { programs } from '../stack/stack.ts';
import type { Cluster } from './cluster.ts';
import { type ImageConfig, importImage } from './image-archive.ts';

/** @returns nothing; the cluster has every image but Grafana's, which nothing here can make. */
export async function importImages({ ctr, folder }: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const put = (image: string, entries: readonly Entry[], config: ImageConfig) =>
    importImage({ ctr, folder }, image, entries, config);
  const busybox = needBusybox();
  const found = await programs();
  for (const component of components) {
    if (component === 'grafana') continue;
    const recipe = recipes[component];
    const config = { entrypoint: [recipe.entrypoint, ...(recipe.args ?? [])], user: recipe.user };
    if (isOwn(component)) {
      const own = await ownEntries(component);
      await put(stack[component].image, own.entries, { ...config, folder: own.folder });
      own.remove();
    } else {
      const shell = recipe.shell ? { busybox } : {};
      const server = found[component]?.program;
      if (!server) throw new Error(`Cannot make the image of ${component}: no binary was built.`);
      await put(stack[component].image, entriesOf(recipe, { server, ...shell }), config);
    }
  }
}

/** That of the demo fleet, as its Dockerfile makes it. */
export async function importFleetImage({ ctr, folder }: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const made = await nodeEntries(gatherFleet);
  try {
    const config = { entrypoint: ['node', 'demo/main.ts'], user: `${demoFleet.user}`, folder: made.folder };
    await importImage({ ctr, folder }, demoFleet.image, made.entries, config);
  } finally {
    made.remove();
  }
}
