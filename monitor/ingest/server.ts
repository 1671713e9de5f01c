/** The HTTP side of the ledger: spans in by OTLP/HTTP, probes for supervisors. */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Tls } from '../../place.ts';
import {
  type Door,
  type Listening,
  listening,
  probes,
  probesAlone,
  type Limits as Shared,
  serverOptions,
} from '../../service/server.ts';
import { encodingOf, mediaTypes, status } from './answer.ts';
import { oversize } from './body.ts';
import { type Reason, Refusal } from './refusal.ts';
import { type BodyLimits, type TracesDeps, tracesRoute } from './traces.ts';

export interface ServerDeps extends Omit<TracesDeps, 'limits'> {
  /** @throws Error when spans could not be taken now. */
  readonly ready: () => Promise<void>;
  readonly onRefused: (reason: Reason) => void;
  /** Whether the doctor's marked span of this trace is on disk. */
  readonly canaryIsKept: (traceId: string) => boolean;
  /** What failed on our side, with its cause: for the log. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<Limits>;
  /** By which it knows who sends, and they it. Absent: it is plain. */
  readonly tls?: Tls;
}

export type Limits = Shared & BodyLimits;

const limits: Limits = {
  bodyBytes: 4_194_304,
  heldBytes: 16_777_216,
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  closingTimeoutMs: 5_000,
};

/** @param deps `probes`: where it is asked in plain whether it is well. */
export async function openServer(
  deps: ServerDeps & Door & { readonly probes?: Door; readonly notice?: (line: string) => void },
): Promise<Listening> {
  const { closingTimeoutMs } = { ...limits, ...deps.limits };
  const beside =
    deps.probes && (await listening(probesAlone(limits, deps.ready, unready), { ...deps.probes, closingTimeoutMs }));
  try {
    const { url, close } = await listening(serverOf(deps), { ...deps, closingTimeoutMs });
    return { url, close: async () => void (await Promise.all([close(), beside?.close()])) };
  } catch (error) {
    await beside?.close();
    throw error;
  }
}

const unready = 'Cannot take spans: the ledger does not answer. The log of the monitor says why.';

/** Without a socket, for tests. */
export function serverOf(deps: ServerDeps): FastifyInstance {
  const given = { ...limits, ...deps.limits };
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
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
  };
  const app = Fastify({
    ...serverOptions(given, deps.tls),
    // By custom a slow sender is answered 408, which a Collector takes for a no: cut off, it comes again.
    clientErrorHandler: (_, socket) => void socket.destroy(),
    // An address that cannot be read is no route's.
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
  });
  app.setErrorHandler(async (error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler(async (_, reply) => {
    const message = 'Cannot find the page: there is none at this address. Spans go to /v1/traces.';
    return reply
      .code(404)
      .type(mediaTypes.json)
      .send(status('json', 5, message));
  });
  app.register(async (scope) => tracesRoute(scope, { ...deps, limits: given }));
  // Without a token: it tells of nothing but canaries, and only whoever sent one knows its trace.
  app.get<{ Params: { trace: string } }>('/-/canary/:trace(^[0-9a-f]{32}$)', async ({ params }) => ({
    kept: deps.canaryIsKept(params.trace),
  }));
  probes(app, deps.ready, unready);
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
