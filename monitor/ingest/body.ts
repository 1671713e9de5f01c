/** A request's body: unpacked, within limits, and read. */
import { promisify } from 'node:util';
import { constants, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { Encoding } from './answer.ts';
import type { RawSpans } from './raw-span.ts';
import { JsonError, readJson } from './read-json.ts';
import { readProtobuf } from './read-protobuf.ts';
import { Refusal } from './refusal.ts';
import { wanted } from './span-fact.ts';
import { WireError } from './wire.ts';

type Unpack = (
  packed: Buffer,
  options: { maxOutputLength: number; params?: Record<number, number> },
) => Promise<Buffer>;

/** By `content-encoding`. gzip is what the protocol asks for, and the Collector sends. */
const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip) as Unpack,
  deflate: promisify(inflate) as Unpack,
  // Its frames may ask for 128 MiB before a byte is read; 8 MiB are what every reader must have (RFC 8878, 3.1.1.1.2).
  zstd: (packed, options) => unzstd(packed, { ...options, params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
};

const unzstd = promisify(zstdDecompress) as Unpack;

/** @param limit Most bytes of the body when it is unpacked. @throws Refusal */
export async function unpacked(packed: Buffer, contentEncoding: string | undefined, limit: number): Promise<Buffer> {
  const name = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return packed;
  const unpack = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined;
  if (!unpack)
    throw new Refusal('unsupported', `Cannot unpack the body: it is "${name.slice(0, 40)}". Send gzip, or plain.`);
  try {
    return await unpack(packed, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw oversize(limit, { cause });
    throw new Refusal('malformed', `Cannot unpack the body: it is no ${name}. Look at what sends it.`, { cause });
  }
}

/** @throws Refusal where it is none: what stands before has been read then. */
export function* readBody(body: Buffer, encoding: Encoding): RawSpans {
  try {
    yield* encoding === 'json' ? readJson(body.toString('utf8'), wanted) : readProtobuf(body, wanted);
  } catch (cause) {
    if (!(cause instanceof WireError || cause instanceof JsonError)) throw cause;
    throw new Refusal('malformed', `Cannot read the spans: ${cause.message}. Send an ExportTraceServiceRequest.`, {
      cause,
    });
  }
}

export function oversize(limit: number, options?: ErrorOptions): Refusal {
  const mib = Math.round(limit / 1_048_576);
  return new Refusal('oversize', `Cannot read the body: it is larger than ${mib} MiB. Send less at once.`, options);
}
