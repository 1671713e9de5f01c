/** An image's only layer, as the tar stream that `docker import` reads: no build engine, no copy on disk, any owner. */
import { createReadStream, statSync } from 'node:fs';

/** What stands at a path of the image. */
export type Entry = { path: string } & (
  | { folder: { owner: number } }
  /** A program on this machine. */
  | { program: string }
  | { text: string }
  | { linkTo: string }
);

const blockBytes = 512;
const type = { file: '0', link: '2', folder: '5' } as const;

/** POSIX ustar. Everything belongs to root but the folders that name another owner. */
export async function* layer(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const path = entry.path.replace(/^\//, '');
    if ('folder' in entry)
      yield header({ path: `${path}/`, type: type.folder, mode: 0o755, owner: entry.folder.owner });
    else if ('linkTo' in entry) yield header({ path, type: type.link, mode: 0o777, linkTo: entry.linkTo });
    else if ('text' in entry) {
      const bytes = Buffer.from(entry.text);
      yield header({ path, type: type.file, mode: 0o644, size: bytes.length });
      yield bytes;
      yield padding(bytes.length);
    } else {
      const { size } = statSync(entry.program);
      yield header({ path, type: type.file, mode: 0o755, size });
      yield* createReadStream(entry.program, { highWaterMark: 1 << 20 });
      yield padding(size);
    }
  }
  yield Buffer.alloc(2 * blockBytes);
}

function header(entry: {
  path: string;
  type: string;
  mode: number;
  owner?: number;
  size?: number;
  linkTo?: string;
}): Buffer {
  const { path, mode, owner = 0, size = 0, linkTo = '' } = entry;
  const block = Buffer.alloc(blockBytes);
  const [prefix, name] = partsOf(path);
  const octal = (value: number, at: number, digits: number) => block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(name, 0);
  octal(mode, 100, 7);
  octal(owner, 108, 7);
  octal(owner, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11); // Modified in 1970: the same programs make the same image.
  block.fill(' ', 148, 156); // The checksum counts itself as blanks.
  block.write(entry.type, 156);
  block.write(linkTo, 157);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block.writeUInt8(0, 154);
  return block;
}

/** A name has room for 100 bytes, the folders before it for 155. */
function partsOf(path: string): [prefix: string, name: string] {
  if (path.length <= 100) return ['', path];
  const at = path.indexOf('/', path.length - 101);
  if (at < 0 || at > 155) throw new RangeError(`Cannot put ${path} into an image: its name is too long.`);
  return [path.slice(0, at), path.slice(at + 1)];
}

function padding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}
