import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { BSON } from 'mongodb';

/**
 * Lets one command at a time through to a FerretDB. MongoDB changes one document at once; FerretDB 1.24 reads, filters, and writes
 * later (internal/handler/msg_update.go), so that of two rivals both may win. With one command at a time it keeps MongoDB's word.
 * It can also break the wire, as a network does.
 */
export class Turnstile {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #last: Promise<unknown> = Promise.resolve();
  /**
   * The wire breaks at the next of these commands, or at the write after so many: before the server has it (`request`), or
   * before its answer is back (`reply`).
   */
  breakNext:
    | ({ at: 'request' | 'reply' } & ({ command: 'insert' | 'update'; collection: string } | { writes: number }))
    | undefined;
  #isDown = false;

  static async before(port: number): Promise<Turnstile> {
    const turnstile = new Turnstile(port);
    await once(turnstile.#server.listen(0, '127.0.0.1'), 'listening');
    return turnstile;
  }

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((client) => void this.#serve(client));
  }

  get url(): string {
    return `mongodb://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As long as it is, nobody is let through, and who was is cut off. */
  set isDown(isDown: boolean) {
    this.#isDown = isDown;
    if (isDown) for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(client: Socket): Promise<void> {
    if (this.#isDown) return void client.destroy();
    const server = connect(this.#port, '127.0.0.1');
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    const replies = messages(server);
    try {
      for await (const request of messages(client)) {
        const turn = this.#last.then(() => this.#pass(request, client, server, replies));
        this.#last = turn.catch(() => undefined);
        await turn;
      }
    } catch {
      client.destroy();
    }
  }

  async #pass(request: Buffer, client: Socket, server: Socket, replies: AsyncGenerator<Buffer>): Promise<void> {
    const broken = this.#breaksAt(commandOf(request));
    if (broken) this.breakNext = undefined;
    if (broken === 'request') return void client.destroy();
    server.write(request);
    const { value, done } = await replies.next();
    if (done || broken === 'reply') return void client.destroy();
    client.write(value);
  }

  #breaksAt(command: string): 'request' | 'reply' | undefined {
    const next = this.breakNext;
    if (!next) return undefined;
    if ('command' in next) return command === `${next.command} ${next.collection}` ? next.at : undefined;
    return /^(insert|update|delete|findAndModify) /.test(command) && next.writes-- === 0 ? next.at : undefined;
  }
}

/** `insert audit`: the document of an OP_MSG begins with the command, whose value is the collection's name. */
function commandOf(request: Buffer): string {
  if (request.readInt32LE(12) !== 2013) return '';
  const document = BSON.deserialize(request.subarray(21), { allowObjectSmallerThanBufferSize: true });
  return Object.entries(document)[0]?.join(' ') ?? '';
}

/** Whole messages of MongoDB's protocol: each begins with its length. */
async function* messages(socket: Socket): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
      const length = pending.readInt32LE(0);
      yield pending.subarray(0, length);
      pending = pending.subarray(length);
    }
  }
}
