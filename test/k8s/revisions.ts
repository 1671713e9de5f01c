/** The next state of the repository: somebody edits it, generates, and builds its images. */
import { parts } from '../../stack.ts';
import { editedCopy } from '../edited-copy.ts';
import type { Cluster } from './cluster.ts';
import { tagImage } from './image-archive.ts';
import { manifestsOfSingle } from './installed.ts';

/** Path of a file → how it is edited. */
export type Edits = Readonly<Record<string, (text: string) => string>>;

/**
 * Its programs are those of this one under other tags: what is tried is the way from one to the other, not what a newer server reads.
 * @param withImages false: nobody has pushed them. @returns what `kubectl apply -k` is given.
 */
export async function nextOfSingle(
  cluster: Pick<Cluster, 'ctr' | 'folder'>,
  edits: Edits,
  { withImages = true } = {},
): Promise<string> {
  const copy = editedCopy();
  try {
    for (const [path, turn] of Object.entries(edits)) copy.edit(path, turn);
    await copy.generate();
    const { images, tempo } = (await copy.ask(whatIs)) as { images: Record<keyof typeof parts, string>; tempo: string };
    const there = new Set((await cluster.ctr(['images', 'ls', '--quiet'])).split('\n'));
    for (const [part, image] of Object.entries(images)) {
      const now = parts[part as keyof typeof parts].image;
      if (withImages && image !== now && there.has(`docker.io/${now}`)) await tagImage(cluster, now, image);
    }
    return manifestsOfSingle(cluster, { folder: copy.folder, tempo });
  } finally {
    copy.remove();
  }
}

/** A later release of what an image names: its last number is the next. */
export function laterTag(line: string): string {
  return line.replace(/(image: '[^':]+:v?[\d.]*?)(\d+)'/, (_, before, last) => `${before}${Number(last) + 1}'`);
}

const whatIs = `
import { single } from './k8s/size.ts';
import { kubernetes } from './place.ts';
import { parts } from './stack.ts';
import { tempo } from './tempo/tempo.ts';
import { yaml } from './twin.ts';
const images = Object.fromEntries(Object.entries(parts).map(([part, { image }]) => [part, image]));
console.log(JSON.stringify({ images, tempo: yaml(tempo(kubernetes(single), '2.8')) }));
`;
