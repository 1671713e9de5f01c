/** An image as `docker save` writes it, which containerd imports: one layer, its configuration, a manifest. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, layer } from '../compose/layer.ts';

export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly folder?: string;
  readonly path?: string;
}

/** Puts an image where the kubelet of a cluster finds it. */
export async function importImage(
  { ctr, folder }: { ctr(args: readonly string[]): Promise<string>; folder: string },
  image: string,
  entries: readonly Entry[],
  config: ImageConfig,
): Promise<void> {
  const temporary = mkdtempSync(join(folder, 'image-'));
  try {
    const archive = await imageArchive(inFull(image), entries, config, temporary);
    await ctr(['images', 'import', '--digests=false', archive]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Gives an image that is there another name, as the next release of it has. */
export async function tagImage(
  { ctr }: { ctr(args: readonly string[]): Promise<string> },
  image: string,
  name: string,
): Promise<void> {
  await ctr(['images', 'tag', '--force', inFull(image), inFull(name)]);
}

/** As containerd names it. */
function inFull(image: string): string {
  return image.split('/').length > 2 || image.split('/')[0]?.includes('.') ? image : `docker.io/${image}`;
}

/** Writes `<folder>/image.tar`. @returns its path. */
async function imageArchive(
  image: string,
  entries: readonly Entry[],
  config: ImageConfig,
  folder: string,
): Promise<string> {
  const layerFile = join(folder, 'layer.tar');
  await pipeline(Readable.from(layer(entries)), createWriteStream(layerFile));
  const hash = createHash('sha256');
  await pipeline(createReadStream(layerFile, { highWaterMark: 1 << 20 }), hash);
  const text = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Entrypoint: config.entrypoint,
      User: config.user,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      ...(config.folder && { WorkingDir: config.folder }),
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
    history: [],
  });
  const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }];
  const archive = join(folder, 'image.tar');
  const outer: Entry[] = [
    { path: '/manifest.json', text: JSON.stringify(manifest) },
    { path: '/config.json', text },
    { path: '/layer.tar', program: layerFile },
  ];
  await pipeline(Readable.from(layer(outer)), createWriteStream(archive));
  return archive;
}
