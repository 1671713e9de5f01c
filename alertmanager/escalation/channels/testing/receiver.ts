/** A real HTTP server in the place of Slack and the others, which remembers what it was sent. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what its receiver is sent
  readonly body: any;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** `undefined`: never answers. A function may write the response itself and answer nothing. */
export type Behaviour = (request: Request, response: ServerResponse) => Reply | 'itself' | undefined;

export class Receiver implements AsyncDisposable {
  readonly requests: Request[] = [];
  readonly url: string;
  behave: Behaviour;
  readonly #close: () => Promise<void>;

  private constructor(url: string, behave: Behaviour, close: () => Promise<void>) {
    this.url = url;
    this.behave = behave;
    this.#close = close;
  }

  static async open(behave: Behaviour = () => ({ status: 200, body: 'ok' })): Promise<Receiver> {
    const server = createServer(async (incoming, response) => {
      try {
        const text = (await buffer(incoming)).toString('utf8');
        const { method = '', url: path = '', headers } = incoming;
        const request = { method, path, headers, text, body: text === '' ? undefined : JSON.parse(text) };
        receiver.requests.push(request);
        const reply = receiver.behave(request, response);
        if (reply === undefined || reply === 'itself') return;
        const { status = 200, headers: own = {}, body = '' } = reply;
        response.writeHead(status, own).end(typeof body === 'string' ? body : JSON.stringify(body));
      } catch {
        // Whoever asked has gone.
        response.destroy();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const receiver = new Receiver(url, behave, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return receiver;
  }

  get last(): Request {
    const last = this.requests.at(-1);
    if (!last) throw new Error('Nothing was received.');
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
