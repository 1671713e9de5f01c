/** The HTTP side of the ledger: spans in by OTLP/HTTP, probes for supervisors. */
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { mediaTypes, status } from './answer.ts';
import { oversize } from './body.ts';
import type { Ingest } from './ingest.ts';
import { type Reason, Refusal } from './refusal.ts';
import { encodingOf, tracesRoute } from './traces.ts';

export interface ServerDeps {
  readonly ingest: Ingest;
  readonly token: string;
  /** @throws Error when spans could not be taken now. */
  readonly ready: () => Promise<void>;
  readonly onRefused: (reason: Reason) => void;
  /** What failed on our side, with its cause: for the log. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<Limits>;
}

export interface Limits {
  /** Of one body, packed and unpacked alike. The Collector takes 16 MiB at once, and sends no more. */
  readonly bodyBytes: number;
  /** Of all bodies that are being worked on. */
  readonly heldBytes: number;
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly checkEveryMs: number;
  /** When it closes: for what is being answered. */
  readonly closingTimeoutMs: number;
}

const limits: Limits = {
  bodyBytes: 20_971_520,
  heldBytes: 67_108_864,
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  closingTimeoutMs: 5_000,
};

export async function openServer(
  deps: ServerDeps & { readonly bind: string; readonly port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const app = serverOf(deps);
  const url = await app.listen({ host: deps.bind, port: deps.port });
  return {
    url: url.replace('://0.0.0.0', '://127.0.0.1'),
    close: () => closeIn(app, deps.limits?.closingTimeoutMs ?? limits.closingTimeoutMs),
  };
}

/** Once a server closes, Node cuts nobody off for being slow: a connection without a whole request would be waited for, for ever. */
async function closeIn(app: FastifyInstance, ms: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), ms);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}

/** Without a socket, for tests. */
export function serverOf(deps: ServerDeps): FastifyInstance {
  const given = { ...limits, ...deps.limits };
  const app = Fastify({
    bodyLimit: given.bodyBytes,
    requestTimeout: given.requestTimeoutMs,
    http: { headersTimeout: given.headersTimeoutMs, connectionsCheckingInterval: given.checkEveryMs },
    // By custom a slow sender is answered 408, which a Collector takes for a no: cut off, it comes again.
    clientErrorHandler: (_, socket) => void socket.destroy(),
    trustProxy: false,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error, given.bodyBytes);
    if (!(error instanceof Refusal) && refusal.reason === 'unavailable') deps.onError(error);
    deps.onRefused(refusal.reason);
    const { http, grpc, retryAfterSeconds } = refusal.kind;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    if (http === 401) reply.header('www-authenticate', 'Bearer');
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    return reply
      .code(http)
      .type(mediaTypes[encoding])
      .send(status(encoding, grpc, refusal.message));
  });
  app.setNotFoundHandler(async (_, reply) => {
    const message = 'Cannot find the page: there is none at this address. Spans go to /v1/traces.';
    return reply
      .code(404)
      .type(mediaTypes.json)
      .send(status('json', 5, message));
  });
  app.register(async (scope) => tracesRoute(scope, { ...deps, limits: given }));
  app.get('/-/healthy', async (_, reply) => reply.type('text/plain').send('Healthy.\n'));
  app.get('/-/ready', async (_, reply) => {
    try {
      await deps.ready();
    } catch {
      const message = 'Cannot take spans: the ledger does not answer. The log of the monitor says why.';
      return reply
        .code(503)
        .type(mediaTypes.json)
        .send(status('json', 14, message));
    }
    return reply.type('text/plain').send('Ready.\n');
  });
  return app;
}

/** What is not known to be the sender's fault is ours. */
function refusalOf(error: unknown, limit: number): Refusal {
  if (error instanceof Refusal) return error;
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return oversize(limit);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new Refusal('unsupported', `Cannot read the body: its type is not known. Send ${mediaTypes.protobuf}.`);
  if (statusCode >= 400 && statusCode < 500)
    return new Refusal('malformed', 'Cannot read the request: it is malformed. Send an ExportTraceServiceRequest.');
  return new Refusal(
    'unavailable',
    'Cannot keep the spans: the ledger did not take them. Send them again; its log says why.',
  );
}
