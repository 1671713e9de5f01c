import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearer } from '../../service/bearer.ts';
import { accepted, encodingOf, mediaTypes } from './answer.ts';
import { unpacked } from './body.ts';
import type { Ingest } from './ingest.ts';
import { Refusal } from './refusal.ts';
import { type Guest, Room } from './room.ts';

export interface TracesDeps {
  readonly ingest: Ingest;
  readonly token: string;
  readonly limits: BodyLimits;
}

export interface BodyLimits {
  /** Of one body, packed and unpacked alike. The Collector sends an eighth of it at most (collector.ts). */
  readonly bodyBytes: number;
  /** Of all bodies that are being worked on. */
  readonly heldBytes: number;
}

/** JSON is read whole; the objects that it becomes are so many times its size. */
const jsonGrows = 8;

/** POST /v1/traces: OTLP/HTTP. The spans are on disk before the 200: the Collector will not send them again. */
export function tracesRoute(app: FastifyInstance, { ingest, token, limits }: TracesDeps): void {
  const room = new Room(limits.heldBytes);
  const guests = new WeakMap<FastifyRequest, Guest>();
  let unpacking: Promise<unknown> = Promise.resolve();

  app.removeAllContentTypeParsers();
  for (const type of Object.values(mediaTypes))
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer) => {
      // One at a time: a few kilobytes may become megabytes, and what they become is known when they are.
      const plain = unpacking.then(() => work(request, () => plainOf(request, body)));
      unpacking = plain.catch(() => {});
      return plain;
    });

  async function plainOf(request: FastifyRequest, body: Buffer): Promise<Buffer> {
    const plain = await unpacked(body, request.headers['content-encoding'], limits.bodyBytes);
    const grows = encodingOf(request.headers['content-type']) === 'json' ? jsonGrows : 1;
    if (!guests.get(request)?.hold(plain.length * grows)) throw noRoom();
    return plain;
  }

  /** For who has gone nothing is done. */
  async function work<T>(request: FastifyRequest, some: () => Promise<T>): Promise<T> {
    const done = await guests.get(request)?.during(some);
    if (done === undefined) throw noRoom();
    return done;
  }

  app.addHook(
    'onRequest',
    bearer(token, 'the token of the ledger', (message) => new Refusal('unauthenticated', message)),
  );
  // Memory is what senders share: who comes when it is spent comes again.
  app.addHook('onRequest', async (request, reply) => {
    const told = request.headers['content-length'];
    const guest = room.enter(told === undefined ? limits.bodyBytes : Math.min(limits.bodyBytes, Number(told)));
    if (!guest) throw noRoom();
    guests.set(request, guest);
    reply.raw.once('close', () => guest.leave());
  });

  app.post('/v1/traces', async (request, reply) => {
    const { headers, body } = request;
    const encoding = encodingOf(headers['content-type']) ?? 'protobuf';
    const spans = body instanceof Buffer ? body : Buffer.alloc(0);
    const rejected = await work(request, () => ingest.take(spans, encoding));
    const message = `Cannot keep ${rejected} of the spans: their ids or times are none. Look at what makes them.`;
    return reply.type(mediaTypes[encoding]).send(accepted(encoding, rejected, message));
  });
}

function noRoom(): Refusal {
  return new Refusal('busy', 'Cannot take the spans now: too many are being read. Send them again in a second.');
}
