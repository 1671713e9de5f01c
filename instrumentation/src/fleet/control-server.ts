import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FleetControl } from './control.ts';
import type { Order } from './control-order.ts';

export interface ControlServerOptions {
  /** Whoever knows it may steer the fleet: `authorization: Bearer …`. At least 16 characters. */
  token: string;
  /** Default 0: a free one, which `url` names. */
  port?: number;
  /** Default `127.0.0.1`: this machine alone. */
  host?: string;
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

const longestBody = 10_000;
const shortestToken = 16;
/** Orders that are known by their `Idempotency-Key`, and for how long. */
const remembered = { most: 1000, ms: 86_400_000 };

interface Answer {
  status: number;
  body: unknown;
}

/**
 * Steers a fleet over HTTP: `GET /control` says what holds, `POST /control/pause`, `/resume`, `/capacity`, `/throttle`,
 * `/circuit-breaker` and `/fallback` order. An order with an `Idempotency-Key` that was seen before is answered as then, and
 * not obeyed again: a remedy that is sent twice does not undo what somebody did in between. (X04)
 * @throws TypeError for a token that could be guessed; Error where the port is taken.
 */
export async function controlServer(
  control: FleetControl,
  { token, port = 0, host = '127.0.0.1' }: ControlServerOptions,
): Promise<ControlServer> {
  if (typeof token !== 'string' || token.length < shortestToken) {
    throw new TypeError(
      `Cannot open the control server: its token is too short. Give ${shortestToken} characters or more.`,
    );
  }
  const expected = digest(token);
  const answered = new Map<string, Answer & { order: string; at: number }>();

  async function answer(message: IncomingMessage): Promise<Answer> {
    const given = /^Bearer (.+)$/i.exec(message.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), expected)) return refusal(401, 'The token is missing or wrong.');
    const path = (message.url ?? '').split('?', 1)[0] as string;
    if (path === '/control') {
      return message.method === 'GET' ? { status: 200, body: stateOf(control) } : refusal(405, 'Use GET.');
    }
    const action = /^\/control\/(pause|resume|capacity|throttle|circuit-breaker|fallback)$/.exec(path)?.[1];
    if (!action) return refusal(404, `There is no ${path}.`);
    if (message.method !== 'POST') return refusal(405, 'Use POST.');
    const text = await bodyOf(message);
    if (text === undefined) return refusal(413, `A body has at most ${longestBody} bytes.`);
    const details = objectIn(text);
    if (!details) return refusal(400, 'The body is no JSON object.');
    const order = { ...details, action };
    return once(message.headers['idempotency-key'], JSON.stringify(order), () => {
      const wrong = control.order(order as unknown as Order);
      return wrong ? refusal(400, wrong) : { status: 200, body: stateOf(control) };
    });
  }

  function once(key: string | string[] | undefined, order: string, obey: () => Answer): Answer {
    if (typeof key !== 'string' || key === '') return obey();
    if (key.length > 255) return refusal(400, 'An Idempotency-Key has at most 255 characters.');
    const now = Date.now();
    const known = answered.get(key);
    if (known && known.at > now - remembered.ms) {
      return known.order === order ? known : refusal(422, 'This Idempotency-Key was used for another order.');
    }
    const answer = obey();
    answered.delete(key);
    if (answer.status === 200) answered.set(key, { ...answer, order, at: now });
    for (const oldest of answered.keys()) {
      if (answered.size <= remembered.most) break;
      answered.delete(oldest);
    }
    return answer;
  }

  // Not before somebody wants it: a program without this server loads no HTTP because of us.
  const { createServer } = await import('node:http');
  const server = createServer((message, response) => {
    answer(message).then(
      (said) => send(response, said),
      () => send(response, refusal(400, 'The request could not be read.')),
    );
  });
  server.requestTimeout = 10_000;
  // It alone keeps no process alive.
  server.unref();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function stateOf(control: FleetControl) {
  const orders = control.orders().map(({ since, until, ...order }) => ({
    ...order,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  }));
  // JSON has no Infinity.
  return { paused: control.paused, capacity: Number.isFinite(control.atOnce) ? control.atOnce : null, orders };
}

async function bodyOf(message: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // Not destroyed where it is left early: the answer goes out by the same socket.
  for await (const part of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > longestBody) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** An empty body is an order without details. */
function objectIn(text: string): object | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  // What was not read of a request that is refused is not waited for.
  const end = status === 413 ? { connection: 'close' } : {};
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  response.writeHead(status, { ...headers, ...end, ...challenge }).end(JSON.stringify(body));
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
