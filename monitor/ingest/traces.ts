import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearer } from '../../service/bearer.ts';
import { accepted, type Encoding, mediaTypes } from './answer.ts';
import { unpacked } from './body.ts';
import { Refusal } from './refusal.ts';
import type { Limits, ServerDeps } from './server.ts';

/** What a packed body is thought to become, until it is unpacked. */
const packing = 8;
/** What a body is thought to be whose length is not told. */
const untoldBytes = 1_048_576;

/** POST /v1/traces: OTLP/HTTP. The spans are on disk before the 200: the Collector will not send them again. */
export function tracesRoute(
  app: FastifyInstance,
  { ingest, token, limits }: Omit<ServerDeps, 'limits'> & { limits: Limits },
): void {
  let held = 0;

  app.removeAllContentTypeParsers();
  for (const type of Object.values(mediaTypes))
    app.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
      unpacked(body, request.headers['content-encoding'], limits.bodyBytes),
    );

  app.addHook(
    'onRequest',
    bearer(token, 'the token of the ledger', (message) => new Refusal('unauthenticated', message)),
  );
  // Memory is what senders share: who comes when it is spent comes again.
  app.addHook('onRequest', async ({ headers }, reply) => {
    const bytes = Math.min(limits.bodyBytes, expectedBytes(headers));
    if (held > 0 && held + bytes > limits.heldBytes)
      throw new Refusal('busy', 'Cannot take the spans now: too many are being read. Send them again in a second.');
    held += bytes;
    reply.raw.once('close', () => {
      held -= bytes;
    });
  });

  app.post('/v1/traces', async ({ headers, body }, reply) => {
    const encoding = encodingOf(headers['content-type']) ?? 'protobuf';
    const { rejected } = await ingest.take(body instanceof Buffer ? body : Buffer.alloc(0), encoding);
    const message = `Cannot keep ${rejected} of the spans: their ids or times are none. Look at what makes them.`;
    return reply.type(mediaTypes[encoding]).send(accepted(encoding, rejected, message));
  });
}

export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [type] = (contentType ?? '').toLowerCase().split(';', 1);
  return (Object.keys(mediaTypes) as Encoding[]).find((encoding) => mediaTypes[encoding] === type?.trim());
}

function expectedBytes(headers: FastifyRequest['headers']): number {
  const length = Number(headers['content-length'] ?? untoldBytes);
  return headers['content-encoding'] === undefined ? length : length * packing;
}
