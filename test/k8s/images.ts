/** The images that the manifests name, made from native binaries and put where the kubelet finds them. */
import { dirname, join } from 'node:path';
import { bundle as bundleBackup } from '../../backup/bundle.ts';
import { resticTool } from '../../backup/restic-program.ts';
import { gatherFleet } from '../../native/fleet.ts';
import { needTool } from '../../native/tool.ts';
import { backupTool, type Component, components, demoFleet, isOwn, parts, stack } from '../../stack.ts';
import type { Entry } from '../compose/layer.ts';
import { needBusybox } from '../compose/make.ts';
import { nodeEntries, ownEntries } from '../compose/make-own.ts';
import { entriesOf, recipes } from '../compose/recipes.ts';
import { programs } from '../stack/stack.ts';
import { thanos } from '../stack/thanos-servers.ts';
import type { Cluster } from './cluster.ts';
import { type ImageConfig, importImage } from './image-archive.ts';

/** @returns nothing; the cluster has every image but Grafana's, which nothing here can make. */
export async function importImages({ ctr, folder }: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const put = (image: string, entries: readonly Entry[], config: ImageConfig) =>
    importImage({ ctr, folder }, image, entries, config);
  const busybox = needBusybox();
  const found = await programs();
  for (const component of components) {
    // None, and that of the ledger.
    if (component === 'grafana' || component === 'memory') continue;
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
      await put(
        stack[component].image,
        [...entriesOf(recipe, { server, ...shell }), ...toolOf(component, server)],
        config,
      );
    }
  }
}

/** What the real image has beside its server, and the kubelet asks by. */
function toolOf(component: Component, server: string): Entry[] {
  const tool = { prometheus: 'promtool', alertmanager: 'amtool' }[component as string];
  return tool ? [{ path: `/bin/${tool}`, program: join(dirname(server), tool) }] : [];
}

/** That of Thanos; every other part of the larger sizes is a program of the smallest one in another role. */
export async function importThanosImage({ ctr, folder }: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const program = join(await needTool(thanos, (line) => process.stderr.write(`${line}\n`)), 'thanos');
  const { image, user } = parts['thanos-query'];
  const config = { entrypoint: ['/bin/thanos'], user: `${user}` };
  await importImage({ ctr, folder }, image, [{ path: '/bin/thanos', program }], config);
}

/** Where Grafana would be: it answers as Grafana does to those who are not signed in, and has no page. */
export async function importGrafanaStandIn(cluster: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const { image, ports } = stack.grafana;
  const command = ['/bin/busybox', 'httpd', '-f', '-p', `${ports.http}`, '-h', '/pages', '-c', '/etc/httpd.conf'];
  const entries: Entry[] = [
    { path: '/bin/busybox', program: needBusybox() },
    { path: '/pages/api/health', text: '{"database":"ok"}' },
    { path: '/etc/httpd.conf', text: '/api/search:nobody:nobody\n' },
  ];
  await importImage(cluster, image, entries, { entrypoint: command, user: '65534' });
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

/** That of the backup jobs, as backup/Dockerfile makes it. */
export async function importBackupImage({ ctr, folder }: Pick<Cluster, 'ctr' | 'folder'>): Promise<void> {
  const restic = join(await needTool(resticTool, (line) => process.stderr.write(`${line}\n`)), 'restic');
  const made = await nodeEntries(bundleBackup);
  try {
    const entries: Entry[] = [...made.entries, { path: '/usr/local/bin/restic', program: restic }];
    const entrypoint = ['node', '--enable-source-maps', 'backup.js'];
    await importImage({ ctr, folder }, backupTool.image, entries, { entrypoint, user: '65534', folder: made.folder });
  } finally {
    made.remove();
  }
}
