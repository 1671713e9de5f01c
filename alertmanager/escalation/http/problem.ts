/** What a request is refused with: `Cannot …: what was seen. What to do.` Never a stack, never a secret. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { FileError } from '../../../service/sqlite-error.ts';
import { Refused } from '../incident/event.ts';
import { rootOf } from './page/layout.ts';
import { problemPage } from './page/problem-page.ts';

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What Fastify and Node refuse by themselves, said in our way. */
const known: Record<string, readonly [status: number, message: string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'Cannot read the body: it is larger than 1 MiB. Send less at once.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'Cannot read the body: its type is not JSON. Send "content-type: application/json".',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'Cannot read the body: it is empty. Send JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'Cannot read the body: it is no JSON. Send JSON.'],
  FST_ERR_BAD_URL: [400, 'Cannot read the address: it is not properly encoded. Look at the link again.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'Cannot read the address: a part of it is too long. Look at the link again.'],
};

/** @returns what to answer; `hidden` where the cause is ours, and for the log alone. */
export function problemOf(error: unknown): { status: number; message: string; hidden: boolean } {
  if (error instanceof Problem) return { status: error.status, message: error.message, hidden: false };
  if (error instanceof Refused) return { status: 409, message: error.message, hidden: false };
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  if (known[code]) return { status: known[code][0], message: known[code][1], hidden: false };
  if (statusCode >= 400 && statusCode < 500)
    return {
      status: statusCode,
      message: 'Cannot read the request: it is malformed. Look at /openapi.json.',
      hidden: false,
    };
  if (error instanceof FileError)
    return {
      status: 503,
      message:
        'Cannot answer now: the store does not do its part. Try again; the log of the escalation service says why.',
      hidden: true,
    };
  const message =
    'Cannot answer: something failed here. Try again; the log of the escalation service says what it was.';
  return { status: 500, message, hidden: true };
}

/** People get a page, programs JSON. */
export function sendProblem(
  request: Pick<FastifyRequest, 'headers' | 'url'>,
  reply: FastifyReply,
  { status, message }: { status: number; message: string },
): FastifyReply {
  if (status === 503) reply.header('retry-after', '1');
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  const forPeople = /^\/(incidents|links)\b/.test(request.url) && !/\bjson\b/.test(request.headers.accept ?? '');
  return forPeople
    ? reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(problemPage(status, message, rootOf(request.url)))
    : reply.code(status).type('application/json; charset=utf-8').send({ error: message });
}
