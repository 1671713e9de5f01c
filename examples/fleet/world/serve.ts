import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Service {
  url: string;
  close(): void;
}

export interface Asked {
  /** What the brackets of the path caught. */
  caught: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Answered {
  status?: number;
  headers?: Record<string, string | number>;
  body: object;
}

export type Route = [method: string, path: RegExp, answer: (asked: Asked) => Answered];

/** A small JSON service on a free port of this machine. */
export async function serve(routes: readonly Route[]): Promise<Service> {
  const server = createServer(async (message, response) => {
    const { status = 200, headers = {}, body } = await answerTo(routes, message);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo(routes: readonly Route[], message: IncomingMessage): Promise<Answered> {
  const { pathname, searchParams: query } = new URL(message.url ?? '/', 'http://localhost');
  const [, path, answer] = routes.find(([method, path]) => method === message.method && path.test(pathname)) ?? [];
  if (!path || !answer) return { status: 404, body: { message: `no ${message.method} ${pathname}` } };
  const [, ...caught] = path.exec(pathname) ?? [];
  const body = message.method === 'GET' ? {} : ((await json(message)) as Record<string, unknown>);
  return answer({ caught, query, body });
}
